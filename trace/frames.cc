// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/trace/frames.h"

#include <cxxabi.h>

#include <cstdlib>
#include <span>
#include <string>
#include <utility>

#include "parkour/base/frame_names.h"
#include "parkour/base/symbolize.h"
#include "parkour/trace/stack_table.h"

namespace parkour::trace {
namespace {

// Frames that were inlined share their caller's pc, and readers know a frame by
// its pc: they get one in a part of the address space that has no code.
constexpr uint64_t kInlinedPcs = uint64_t{1} << 48;

bool IsInternal(const GoFrame& f) {
  return base::IsInternalFrame(f.function, f.file, f.pc >= kInlinedPcs);
}

// What lies between the goroutine's entry and the user's function.
bool IsPlumbing(const GoFrame& f) {
  return IsInternal(f) || base::IsStandardFrame(f.function, f.file) ||
         f.function == "operator()" || f.function == "_FUN" ||
         f.function == "?";
}

// The closure's type in the symbol of the function that a goroutine begins
// with: "main::{lambda()#1}". Empty if it is no such symbol.
// ["RunClosure<std::tuple<main::{lambda()#1}> >(void*)"]
std::string ClosureType(const char* symbol) {
  if (symbol == nullptr) return "";
  int status = 0;
  char* const full = abi::__cxa_demangle(symbol, nullptr, nullptr, &status);
  if (full == nullptr) return "";
  std::string_view rest = full;
  std::string type;
  for (const std::string_view head :
       {"Closure<std::tuple<", "parkour::Main<"}) {
    const size_t at = rest.find(head);
    if (at == std::string_view::npos) continue;
    rest.remove_prefix(at + head.size());
    int depth = 0;
    for (const char c : rest) {
      depth += c == '<' || c == '(' || c == '{';
      if (depth == 0 && (c == ',' || c == '>')) break;
      depth -= c == '>' || c == ')' || c == '}';
      type += c;
    }
    break;
  }
  std::free(full);
  return type;
}

// A lambda that was inlined into the beginning of its goroutine is "operator()"
// only.
void NameClosure(const char* symbol, std::vector<GoFrame>* frames) {
  for (size_t i = 0; i + 1 < frames->size(); ++i) {
    GoFrame& frame = (*frames)[i];
    if (frame.function != "operator()" || frame.file.ends_with("/go.h") ||
        frame.file.ends_with("/tuple") || frame.file.ends_with("/main.h")) {
      continue;
    }
    if (std::string type = ClosureType(symbol); !type.empty()) {
      frame.function = std::move(type);
    }
    return;
  }
}

}  // namespace

const std::vector<GoFrame>& FrameCache::At(uintptr_t pc) {
  const auto [it, is_new] = by_pc_.try_emplace(pc);
  if (!is_new) return it->second;
  struct Found {
    std::vector<GoFrame>* frames;
    const char* symbol;
  } found{&it->second, nullptr};
  base::SymbolizeInTurn(
      pc - 1,
      [](const base::SourceFrame& f, void* arg) {
        Found* const found = static_cast<Found*>(arg);
        found->symbol = f.symbol;
        found->frames->push_back(
            {0, f.function,
             std::string(*f.file == '\0' ? "?" : base::ShortFile(f.file)),
             f.line > 0 ? static_cast<uint64_t>(f.line) : 1});
      },
      &found);
  NameClosure(found.symbol, &it->second);
  for (GoFrame& frame : it->second) frame.pc = kInlinedPcs + ++inlined_;
  it->second.back().pc = pc;
  return it->second;
}

const std::vector<GoFrame>& FrameCache::Of(uint32_t stack) {
  const auto [it, is_new] = by_stack_.try_emplace(stack);
  std::vector<GoFrame>& frames = it->second;
  if (!is_new) return frames;
  for (const uintptr_t pc : StackOf(stack)) {
    const std::vector<GoFrame>& here = At(pc);
    frames.insert(frames.end(), here.begin(), here.end());
  }
  while (!frames.empty() && IsPlumbing(frames.back())) {
    frames.pop_back();
  }
  size_t inner = 0;
  while (inner < frames.size() && IsInternal(frames[inner])) {
    ++inner;
  }
  frames.erase(frames.begin(), frames.begin() + static_cast<ptrdiff_t>(inner));
  return frames;
}

}  // namespace parkour::trace
