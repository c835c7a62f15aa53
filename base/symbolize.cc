// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// libbacktrace knows inlined frames and lines; its memory comes from mmap.
// Names it gives as the linker sees them: Abseil's demangler takes a buffer,
// where __cxa_demangle would call malloc.

#include "parkour/base/symbolize.h"

#include <backtrace.h>

#include <cstring>

#include "absl/base/dynamic_annotations.h"
#include "absl/debugging/internal/demangle.h"
#include "absl/debugging/symbolize.h"
#include "parkour/base/atomic.h"
#include "parkour/base/lock.h"

namespace parkour::base {
namespace {

constexpr size_t kNameSize = 1024;

void Ignore(void*, const char*, int) {}

// Threads that come here together may each make one; that costs memory and
// nothing else.
backtrace_state* State() {
  static Atomic<backtrace_state*> made{nullptr};
  backtrace_state* state = made.load(kAcquire);
  if (state != nullptr) return state;
  state = backtrace_create_state(nullptr, /*threaded=*/1, Ignore, nullptr);
  made.store(state, kRelease);
  return state;
}

struct Pending {
  OnSourceFrame fn;
  void* arg;
  uintptr_t pc;
  uintptr_t entry = 0;
  const char* symbol = nullptr;
  // The last frame that was reported to us: whether it was inlined is known
  // when the next one comes, or none.
  const char* function = nullptr;
  const char* file = nullptr;
  int line = 0;
  bool any = false;
};

// The symbol without the tag that functions have which return a std::string:
// the demangler does not know it. False: it has none.
bool WithoutTags(const char* symbol, char (&out)[kNameSize]) {
  constexpr char kTag[] = "B5cxx11";
  constexpr size_t kTagSize = sizeof(kTag) - 1;
  if (std::strstr(symbol, kTag) == nullptr) return false;
  size_t n = 0;
  while (*symbol != '\0' && n + 1 < kNameSize) {
    if (std::strncmp(symbol, kTag, kTagSize) == 0) {
      symbol += kTagSize;
    } else {
      out[n++] = *symbol++;
    }
  }
  out[n] = '\0';
  return true;
}

bool Demangled(const char* symbol, char (&name)[kNameSize]) {
  using absl::debugging_internal::Demangle;
  char plain[kNameSize];
  return Demangle(symbol, name, kNameSize) ||
         (WithoutTags(symbol, plain) && Demangle(plain, name, kNameSize));
}

void Readable(const char* symbol, char (&name)[kNameSize]) {
  if (symbol == nullptr) {
    std::strcpy(name, "?");
  } else if (!Demangled(symbol, name)) {
    std::strncpy(name, symbol, kNameSize - 1);
    name[kNameSize - 1] = '\0';
  }
}

void Report(const Pending& p, bool inlined) {
  char name[kNameSize];
  Readable(p.function, name);
  p.fn({name, p.file == nullptr ? "" : p.file, p.line,
        p.entry == 0 ? 0 : p.pc - p.entry, inlined, p.symbol},
       p.arg);
}

int OnPcInfo(void* data, uintptr_t, const char* file, int line,
             const char* function) {
  Pending* const p = static_cast<Pending*>(data);
  if (file == nullptr && function == nullptr) return 0;
  if (p->any) Report(*p, /*inlined=*/true);
  p->any = true;
  p->function = function;
  p->file = file;
  p->line = line;
  return 0;
}

struct Symbol {
  const char* name = nullptr;
  uintptr_t entry = 0;
};

void OnSymbol(void* data, uintptr_t, const char* name, uintptr_t value,
              uintptr_t) {
  Symbol* const symbol = static_cast<Symbol*>(data);
  symbol->name = name;
  symbol->entry = value;
}

// libbacktrace's threads share memory by locks of its own, which
// ThreadSanitizer does not see: it sees what they write only.
class Unwatched {
 public:
  Unwatched() { ABSL_ANNOTATE_IGNORE_READS_AND_WRITES_BEGIN(); }
  ~Unwatched() { ABSL_ANNOTATE_IGNORE_READS_AND_WRITES_END(); }
  Unwatched(const Unwatched&) = delete;
  Unwatched& operator=(const Unwatched&) = delete;
};

}  // namespace

void Symbolize(uintptr_t pc, OnSourceFrame fn, void* arg) {
  const Unwatched unwatched;
  backtrace_state* const state = State();
  Pending pending{fn, arg, pc};
  Symbol symbol;
  if (state != nullptr) {
    backtrace_syminfo(state, pc, OnSymbol, Ignore, &symbol);
    pending.entry = symbol.entry;
    pending.symbol = symbol.name;
    backtrace_pcinfo(state, pc, OnPcInfo, Ignore, &pending);
  }
  if (pending.any) {
    // The symbol's name is the complete one: of what has no linkage (functions
    // of anonymous namespaces, local lambdas) debug information knows the last
    // part only. And it may know a line and no function.
    if (symbol.name != nullptr) pending.function = symbol.name;
    Report(pending, /*inlined=*/false);
    return;
  }
  pending.function = symbol.name;
  char name[kNameSize];
  if (symbol.name == nullptr &&
      absl::Symbolize(reinterpret_cast<void*>(pc), name, sizeof(name))) {
    fn({name, "", 0, 0, false, nullptr}, arg);
    return;
  }
  Report(pending, /*inlined=*/false);
}

void SymbolizeInTurn(uintptr_t pc, OnSourceFrame fn, void* arg) {
  static constinit Mutex mu{LockRank::kLeaf};
  MutexLock lock(&mu);
  Symbolize(pc, fn, arg);
}

}  // namespace parkour::base
