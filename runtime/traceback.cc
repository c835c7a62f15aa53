// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/traceback.h"

#include <cxxabi.h>
#include <unwind.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "absl/debugging/symbolize.h"
#include "absl/strings/ascii.h"
#include "parkour/base/check.h"
#include "parkour/base/sys.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/m.h"
#include "parkour/runtime/sched.h"
#include "parkour/runtime/stack.h"

namespace parkour::runtime {
namespace {

// The innermost and the outermost frames of a deep stack.
constexpr int kInnerFrames = 50;
constexpr int kOuterFrames = 50;
// Beyond this many goroutines a dump says how many it leaves out.
constexpr size_t kMaxDumped = 1000;

std::terminate_handler old_terminate = nullptr;

void Print(const char* text) { base::WriteStderr(text); }

// Whether the runtime's own frames are shown.
bool show_internal = false;

using Symbol = char[512];

void Symbolize(uintptr_t pc, Symbol& name) {
  // The return address may lie behind the call's function: look one back.
  if (!absl::Symbolize(reinterpret_cast<void*>(pc - 1), name, sizeof(name))) {
    std::strcpy(name, "?");
  }
}

// What is not part of the API: beside the namespaces that say so, functions
// with Go's internal names, which begin with a small letter.
// Go: traceback.go (showfuncinfo, isExportedRuntime)
bool IsInternal(std::string_view name) {
  constexpr std::string_view kRuntime = "parkour::runtime::";
  if (name.starts_with(kRuntime) && name.size() > kRuntime.size()) {
    return !absl::ascii_isupper(name[kRuntime.size()]) ||
           name.substr(kRuntime.size()).starts_with("PrintGoroutine(");
  }
  return name.starts_with("parkour::base::") ||
         name.starts_with("parkour::internal::") || name == "make_fcontext";
}

// The last step on the way from a throw to std::terminate's handler, seen from
// there.
bool IsThrow(std::string_view name) {
  return name == "__cxa_throw" || name == "__cxa_rethrow" ||
         name.starts_with("std::rethrow_exception");
}

void PrintFrame(const char* prefix, uintptr_t pc, const Symbol& name,
                const char* suffix) {
  char line[700];
  std::snprintf(line, sizeof(line), "%s%s(...)%s\n\tpc=0x%lx\n", prefix, name,
                suffix, pc);
  Print(line);
}

// Collects pcs; keeps the first and the last ones.
class Frames {
 public:
  void Add(uintptr_t pc) {
    if (count_ < kInnerFrames) {
      inner_[count_] = pc;
    } else {
      outer_[(count_ - kInnerFrames) % kOuterFrames] = pc;
    }
    ++count_;
  }

  void Print() const {
    const int inner = std::min(count_, kInnerFrames);
    for (int i = FirstOfUser(); i < inner; ++i) Print(inner_[i]);
    const int rest = count_ - kInnerFrames;
    if (rest > kOuterFrames) {
      char line[64];
      std::snprintf(line, sizeof(line), "...%d frames elided...\n",
                    rest - kOuterFrames);
      runtime::Print(line);
    }
    for (int i = std::max(0, rest - kOuterFrames); i < rest; ++i) {
      Print(outer_[i % kOuterFrames]);
    }
  }

 private:
  static void Print(uintptr_t pc) {
    Symbol name;
    Symbolize(pc, name);
    if (show_internal || !IsInternal(name)) PrintFrame("", pc, name, "");
  }

  // Skips the reporter of an exception, the language's library included.
  int FirstOfUser() const {
    constexpr int kFarthest = 12;
    for (int i = 0; !show_internal && i < std::min(count_, kFarthest); ++i) {
      Symbol name;
      Symbolize(inner_[i], name);
      if (IsThrow(name)) return i + 1;
    }
    return 0;
  }

  uintptr_t inner_[kInnerFrames];
  uintptr_t outer_[kOuterFrames];
  int count_ = 0;
};

struct Walk {
  Frames frames;
  // Frames of the reporter itself come first; they end where the stack pointer
  // of the unwound frame reaches the goroutine's stack.
  uintptr_t lo;
  uintptr_t hi;
};

_Unwind_Reason_Code OnFrame(_Unwind_Context* context, void* arg) {
  Walk* const walk = static_cast<Walk*>(arg);
  const uintptr_t sp = _Unwind_GetCFA(context);
  const uintptr_t pc = _Unwind_GetIP(context);
  if (pc == 0) return _URC_END_OF_STACK;
  if (sp >= walk->lo && sp <= walk->hi) walk->frames.Add(pc);
  return _URC_NO_REASON;
}

// The calling thread's stack, as far as it lies on gp's.
void PrintRunning(G* gp) {
  Walk walk{{}, gp->slot_lo, gp->slot_lo + gp->slot_size};
  if (gp->proxy) {
    walk.lo = 0;
    walk.hi = UINTPTR_MAX;
  }
  _Unwind_Backtrace(OnFrame, &walk);
  walk.frames.Print();
}

// Frame pointers, each bounded by the stack and increasing, so that junk in a
// register ends the walk instead of the process.
void PrintParked(const G* gp) {
  Frames frames;
  uintptr_t fp = reinterpret_cast<uintptr_t>(gp->sched.fp);
  while (fp >= gp->stack_lo && fp + 16 <= gp->stack_hi && fp % 8 == 0) {
    const auto* const frame = reinterpret_cast<const uintptr_t*>(fp);
    if (frame[1] == 0) break;
    frames.Add(frame[1]);
    if (frame[0] <= fp) break;
    fp = frame[0];
  }
  frames.Print();
}

const char* StatusName(const G* gp, GStatus status) {
  switch (status) {
    case kGidle:
      return "idle";
    case kGrunnable:
      return "runnable";
    case kGrunning:
      return "running";
    case kGsyscall:
      return "syscall";
    case kGdead:
      return "dead";
    case kGwaiting:
      break;
  }
  const char* reason = WaitReasonString(gp->waitreason.load(base::kRelaxed));
  return *reason != '\0' ? reason : "waiting";
}

void PrintHeader(const G* gp, GStatus status) {
  char minutes[32] = "";
  const int64_t since = gp->waitsince.load(base::kRelaxed);
  if (status == kGwaiting && since != 0) {
    constexpr int64_t kMinute = 60000000000;
    const int64_t m = (sched.coarse_now.load(base::kRelaxed) - since) / kMinute;
    if (m >= 1) std::snprintf(minutes, sizeof(minutes), ", %ld minutes", m);
  }
  char name[GName::kMax + 1];
  gp->name.Read(name);
  const bool named = name[0] != '\0';
  char line[224];
  std::snprintf(line, sizeof(line), "\ngoroutine %lu [%s%s%s%s%s%s]:\n",
                gp->goid.load(base::kRelaxed), StatusName(gp, status), minutes,
                gp->lockedm != nullptr ? ", locked to thread" : "",
                named ? ", name \"" : "", name, named ? "\"" : "");
  Print(line);
}

// All Gs in existence. Not in malloc's memory: whoever crashed may hold its
// locks.
class AllGs {
 public:
  AllGs() {
    ForEachG([](G*, void* arg) { ++static_cast<AllGs*>(arg)->room_; }, this);
    int error;
    gs_ = static_cast<G**>(base::sys::Reserve(room_ * sizeof(G*) + 1, &error));
    if (gs_ == nullptr) return;
    ForEachG([](G* gp, void* arg) { static_cast<AllGs*>(arg)->Add(gp); }, this);
    std::sort(gs_, gs_ + size_, [](const G* a, const G* b) {
      return a->goid.load(base::kRelaxed) < b->goid.load(base::kRelaxed);
    });
  }

  std::span<G* const> list() const { return {gs_, size_}; }

 private:
  void Add(G* gp) {
    const GStatus status = readgstatus(gp);
    if (status == kGidle || status == kGdead || size_ == room_) return;
    gs_[size_++] = gp;
  }

  size_t room_ = 0;
  G** gs_ = nullptr;
  size_t size_ = 0;
};

void PrintOthers(const G* current) {
  const AllGs all;
  size_t printed = 0;
  for (G* gp : all.list()) {
    if (gp == current) continue;
    if (++printed > kMaxDumped) {
      char line[64];
      std::snprintf(line, sizeof(line), "\n...%zu more goroutines...\n",
                    all.list().size() - kMaxDumped);
      Print(line);
      return;
    }
    PrintGoroutine(gp);
  }
}

// The report after the first line; see base/check.h.
void OnCrash(base::CrashKind kind) {
  const char* level = std::getenv("GOTRACEBACK");
  if (level != nullptr && *level == '\0') level = nullptr;
  const bool none = level != nullptr && (std::strcmp(level, "none") == 0 ||
                                         std::strcmp(level, "0") == 0);
  show_internal = kind == base::CrashKind::kThrow ||
                  (level != nullptr && (std::strcmp(level, "system") == 0 ||
                                        std::strcmp(level, "2") == 0 ||
                                        std::strcmp(level, "crash") == 0));
  const bool all =
      kind == base::CrashKind::kFatal ||
      (level != nullptr && !none && std::strcmp(level, "single") != 0);
  if (none) return;
  const M* const m = getm();
  G* const current = m == nullptr ? nullptr : m->curg;
  if (current != nullptr) PrintGoroutine(current);
  if (all) PrintOthers(current);
}

// The text of the exception being thrown: "std::runtime_error: text".
void DescribeException(char* text, size_t size) {
  const std::type_info* const type = abi::__cxa_current_exception_type();
  if (type == nullptr) {
    std::snprintf(text, size, "std::terminate called");
    return;
  }
  int status = 0;
  char* const name =
      abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
  const char* const shown = name != nullptr ? name : type->name();
  try {
    throw;
  } catch (const std::exception& e) {
    std::snprintf(text, size, "%s: %s", shown, e.what());
  } catch (const char* s) {
    std::snprintf(text, size, "%s: %s", shown, s);
  } catch (const std::string& s) {
    std::snprintf(text, size, "std::string: %s", s.c_str());
  } catch (std::string_view s) {
    std::snprintf(text, size, "std::string_view: %.*s",
                  static_cast<int>(s.size()), s.data());
  } catch (bool b) {
    std::snprintf(text, size, "%s: %s", shown, b ? "true" : "false");
  } catch (int n) {
    std::snprintf(text, size, "%s: %d", shown, n);
  } catch (unsigned n) {
    std::snprintf(text, size, "%s: %u", shown, n);
  } catch (long n) {
    std::snprintf(text, size, "%s: %ld", shown, n);
  } catch (unsigned long n) {
    std::snprintf(text, size, "%s: %lu", shown, n);
  } catch (double x) {
    std::snprintf(text, size, "%s: %g", shown, x);
  } catch (...) {
    std::snprintf(text, size, "%s", shown);
  }
  std::free(name);
}

// An exception that escapes a goroutine is a panic. Elsewhere the host
// program's own handler decides.
[[noreturn]] void OnTerminate() {
  const M* const m = getm();
  if (m == nullptr || m->proxy || m->curg == nullptr) {
    if (old_terminate != nullptr) old_terminate();
    std::abort();
  }
  // Either the world does not stop before the crash is known to have begun, and
  // main's end waits for it; or the world has stopped, and this goroutine with
  // it. Within EnterSyscall there is no P to hold.
  if (m->attention.load(base::kRelaxed) & kAttnSyscall) {
    base::BeginCrash();
  } else {
    RuntimeScope in;
    base::BeginCrash();
  }
  char text[1024];
  DescribeException(text, sizeof(text));
  base::Panic(text);
}

}  // namespace

const char* WaitReasonString(WaitReason reason) {
  static constexpr const char* kNames[] = {
      "",
      "IO wait",
      "chan receive",
      "chan receive (nil chan)",
      "chan send",
      "chan send (nil chan)",
      "select",
      "select (no cases)",
      "semacquire",
      "sleep",
      "sync.Cond.Wait",
      "sync.Mutex.Lock",
      "sync.RWMutex.RLock",
      "sync.RWMutex.Lock",
      "sync.WaitGroup.Wait",
      "panicwait",
  };
  static_assert(sizeof(kNames) / sizeof(*kNames) == kWaitReasons);
  return kNames[static_cast<size_t>(reason)];
}

std::string FunctionName(uintptr_t pc) {
  Symbol name;
  Symbolize(pc, name);
  return name;
}

void PrintGoroutine(G* gp) {
  const GStatus status = readgstatus(gp);
  PrintHeader(gp, status);
  const M* const m = getm();
  if (m != nullptr && m->curg == gp) {
    PrintRunning(gp);
  } else if (status == kGwaiting || status == kGrunnable) {
    PrintParked(gp);
  } else {
    Print("\tgoroutine running on other thread; stack unavailable\n");
  }
  if (gp->goid.load(base::kRelaxed) == 1) return;
  char suffix[48];
  std::snprintf(suffix, sizeof(suffix), " in goroutine %lu",
                gp->parent_goid.load(base::kRelaxed));
  if (const uintptr_t pc = gp->gopc.load(base::kRelaxed)) {
    Symbol name;
    Symbolize(pc, name);
    PrintFrame("created by ", pc, name, suffix);
  }
}

void InstallTraceback() {
  absl::InitializeSymbolizer(nullptr);
  base::SetCrashHook(OnCrash);
  old_terminate = std::set_terminate(OnTerminate);
}

}  // namespace parkour::runtime
