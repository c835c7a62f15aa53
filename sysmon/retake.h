// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// retake.h: sysmon's look at every P.
//
// See: Go: src/runtime/proc.go (retake, preemptone)

#ifndef PARKOUR_SYSMON_RETAKE_H_
#define PARKOUR_SYSMON_RETAKE_H_

#include <cstdint>

namespace parkour::sysmon {

// Takes Ps from system calls, and from goroutines that have computed for 10 ms
// while others wait. Returns true if it took one.
bool Retake(int64_t now);

}  // namespace parkour::sysmon

#endif  // PARKOUR_SYSMON_RETAKE_H_
