// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/lock.h"

#include "parkour/base/check.h"
#include "parkour/base/sys.h"
#include "parkour/base/thread.h"

namespace parkour::base {

// The futex mutex with three states. A thread that has slept takes the lock as
// kContended, because it cannot know whether others still sleep; the price is
// one needless wake-up at the end of a queue, the gain is that none is lost:
// the word is kContended whenever somebody may be inside FutexWait.
void Mutex::LockSlow() {
  constexpr int kSpins = 4;
  constexpr int kPausesPerSpin = 30;
  for (int i = 0; i < kSpins; ++i) {
    for (int j = 0; j < kPausesPerSpin; ++j) CpuRelax();
    uint32_t expected = kFree;
    if (state_.load(kRelaxed) == kFree &&
        state_.compare_exchange_weak(expected, kHeld, kAcquire, kRelaxed)) {
      return;
    }
  }
  waiters_.fetch_add(1, kRelaxed);
  if (has_membarrier.load(kRelaxed)) PARKOUR_CHECK(sys::Membarrier() == 0);
  while (state_.exchange(kContended, kAcquire) != kFree) {
    FutexWait(&state_, kContended, -1);
  }
  waiters_.fetch_sub(1, kRelaxed);
}

void Mutex::UnlockSlow() { FutexWake(&state_, 1); }

}  // namespace parkour::base
