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

enum class RetakeResult {
  kNothing,    // everybody behaves
  kLookAgain,  // somebody was asked to yield and may be about to
  kTook,       // a P has changed hands
};

// Takes Ps from system calls, and from goroutines that have computed for 10 ms
// while others wait and did not yield when asked.
RetakeResult Retake(int64_t now);

}  // namespace parkour::sysmon

#endif  // PARKOUR_SYSMON_RETAKE_H_
