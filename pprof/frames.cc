// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/pprof/frames.h"

#include "parkour/base/frame_names.h"
#include "parkour/base/symbolize.h"

namespace parkour::runtime::pprof {
namespace {

using namespace std::literals;

constexpr std::string_view kRuntime = "parkour::runtime::";
constexpr std::string_view kAnonymous = "(anonymous namespace)::";

// The name without the runtime's namespaces; empty for another's.
std::string_view WithinRuntime(std::string_view name) {
  if (!name.starts_with(kRuntime)) return {};
  name.remove_prefix(kRuntime.size());
  if (name.starts_with(kAnonymous)) name.remove_prefix(kAnonymous.size());
  return name;
}

// How a goroutine leaves its stack (switch.cc).
bool IsSwitch(std::string_view name) {
  const std::string_view inner = WithinRuntime(name);
  for (const std::string_view f :
       {"gobufSwitch("sv, "leave("sv, "switchAwayDying("sv, "mcall("sv}) {
    if (inner.starts_with(f)) return true;
  }
  return false;
}

// How a goroutine begins (gobuf.cc, spawn.cc, go.h), the library's std::invoke
// and the like included. "trampoline" is Boost's.
bool IsEntry(const Frame& f) {
  return base::IsInternalFrame(f.function, f.file, f.inlined) ||
         base::IsStandardFrame(f.function, f.file) ||
         f.function == "trampoline";
}

// What was inlined into these is part of them: into gopark how it leaves the
// stack; of the first function of a goroutine what called the user's.
void Simplify(std::vector<Frame>* frames) {
  const std::string outermost = frames->back().function;
  if (WithinRuntime(outermost).starts_with("gopark(")) {
    frames->erase(frames->begin(), frames->end() - 1);
  }
  if (outermost.find("parkour::internal::RunClosure") == outermost.npos &&
      outermost.find("parkour::internal::RunBytesClosure") == outermost.npos &&
      outermost.find("parkour::internal::RunBoxedClosure") == outermost.npos) {
    return;
  }
  while (frames->size() > 1 && IsEntry(frames->back())) frames->pop_back();
}

}  // namespace

const std::vector<Frame>& Symbols::At(uintptr_t pc) {
  const auto [it, added] = known_.try_emplace(pc);
  if (added) {
    base::SymbolizeInTurn(
        pc - 1,
        [](const base::SourceFrame& f, void* arg) {
          static_cast<std::vector<Frame>*>(arg)->push_back(
              {f.function, std::string(base::ShortFile(f.file)), f.line,
               f.inlined, f.offset + 1});
        },
        &it->second);
    Simplify(&it->second);
  }
  return it->second;
}

void Symbols::Trim(std::vector<uintptr_t>* pcs) {
  // Not the last one: it may be all that there is.
  while (pcs->size() > 1 && IsEntry(At(pcs->back()).back())) pcs->pop_back();
  size_t n = 0;
  while (n + 1 < pcs->size() && IsSwitch(At((*pcs)[n]).back().function)) ++n;
  pcs->erase(pcs->begin(), pcs->begin() + static_cast<ptrdiff_t>(n));
}

}  // namespace parkour::runtime::pprof
