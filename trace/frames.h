// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// frames.h: stacks for people: functions and lines instead of addresses, and
// without the runtime's own frames at both ends.

#ifndef PARKOUR_TRACE_FRAMES_H_
#define PARKOUR_TRACE_FRAMES_H_

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "parkour/trace/go_format.h"

namespace parkour::trace {

class FrameCache {
 public:
  // The frames of an interned stack (stack_table.h), innermost first.
  const std::vector<GoFrame>& Of(uint32_t stack);

 private:
  const std::vector<GoFrame>& At(uintptr_t pc);

  std::unordered_map<uintptr_t, std::vector<GoFrame>> by_pc_;
  std::unordered_map<uint32_t, std::vector<GoFrame>> by_stack_;
  uint64_t inlined_ = 0;
};

}  // namespace parkour::trace

#endif  // PARKOUR_TRACE_FRAMES_H_
