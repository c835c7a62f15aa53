// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// standstill.h: whether anything can happen before the next timer; for room
// testing's clock.
//
// A goroutine is durably blocked if only another goroutine or a timer can wake
// it: it waits for a channel, a lock, a semaphore, or sleeps. Not so if it
// waits for the network, is inside runtime::Blocking, computes, or waits to
// run. What plain threads will do nobody knows: they do not count.
//
// See: Go: src/internal/synctest, waitReason.isIdleInSynctest

#ifndef PARKOUR_RUNTIME_STANDSTILL_H_
#define PARKOUR_RUNTIME_STANDSTILL_H_

#include <cstdint>

#include "parkour/base/atomic.h"

namespace parkour::runtime {

struct Standstill {
  bool still = false;   // every goroutine is durably blocked
  bool timers = false;  // and a timer will wake one
  int64_t skipped = 0;  // how much time was skipped
};

// Looks, with the world stopped if nothing seems to run. If everybody is
// durably blocked and nobody holds the clock, the time until the first timer is
// skipped, and added to *skipped before anybody runs again.
// REQUIRES: a plain thread; the runtime runs.
Standstill lookForStandstill(const base::Atomic<int32_t>& holders,
                             base::Atomic<int64_t>* skipped);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_STANDSTILL_H_
