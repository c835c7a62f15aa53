// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// lock.h: the runtime's own mutex: short critical sections, no goroutine ever
// parks while it is held. It spins briefly, then sleeps on a futex.
//
//   base::Mutex mu(base::LockRank::kSched);
//   base::MutexLock lock(&mu);
//
// Requires:   locks are taken in the order of their ranks (lockrank.h), which
//             debug builds check at each acquisition.
// Guarantees: an unlock happens before the next lock. Not recursive, not fair.
// Blocking:   Lock may block the thread for as long as another holds it.
// See:        Go: src/runtime/lock_futex.go

#ifndef PARKOUR_BASE_LOCK_H_
#define PARKOUR_BASE_LOCK_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "parkour/base/atomic.h"
#include "parkour/base/lockrank.h"

namespace parkour::base {

class ABSL_LOCKABLE Mutex {
 public:
  explicit constexpr Mutex(LockRank rank) : rank_(rank) {}
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    LockRankAcquire(this, rank_);
    uint32_t expected = kFree;
    if (!state_.compare_exchange_strong(expected, kHeld, kAcquire, kRelaxed)) {
      LockSlow();
    }
  }

  bool TryLock() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true) {
    uint32_t expected = kFree;
    if (!state_.compare_exchange_strong(expected, kHeld, kAcquire, kRelaxed)) {
      return false;
    }
    LockRankAcquire(this, rank_);
    return true;
  }

  void Unlock() ABSL_UNLOCK_FUNCTION() {
    LockRankRelease(this);
    if (state_.exchange(kFree, kRelease) == kContended) UnlockSlow();
  }

 private:
  static constexpr uint32_t kFree = 0;
  static constexpr uint32_t kHeld = 1;
  static constexpr uint32_t kContended = 2;  // held, and somebody may sleep

  void LockSlow();
  void UnlockSlow();

  Atomic<uint32_t> state_{kFree};
  const LockRank rank_;
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex* mu) ABSL_EXCLUSIVE_LOCK_FUNCTION(mu) : mu_(mu) {
    mu_->Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mu_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mu_;
};

}  // namespace parkour::base

#endif  // PARKOUR_BASE_LOCK_H_
