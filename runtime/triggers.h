// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// triggers.h: moments that room tracing, which the runtime does not know, wants
// to be told of.

#ifndef PARKOUR_RUNTIME_TRIGGERS_H_
#define PARKOUR_RUNTIME_TRIGGERS_H_

#include <cstdint>

namespace parkour::runtime {

// Constant once sysmon and goroutines run.
struct Triggers {
  // "All goroutines are asleep": before that is reported, with sched.lock held.
  void (*deadlock)() = nullptr;
  // For sysmon: a goroutine has run for more than stall_ns. 0: not wanted.
  void (*stall)() = nullptr;
  int64_t stall_ns = 0;
};

inline Triggers triggers;

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_TRIGGERS_H_
