// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sleep.h: a goroutine waits for time to pass.
//
// Guarantees: never early. See: Go: time.go (timeSleep)

#ifndef PARKOUR_RUNTIME_SLEEP_H_
#define PARKOUR_RUNTIME_SLEEP_H_

#include <cstdint>

namespace parkour::runtime {

// Parks the caller for ns nanoseconds; returns at once if ns <= 0.
void timeSleep(int64_t ns);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_SLEEP_H_
