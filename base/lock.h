// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// lock.h: the runtime's own mutex: short critical sections, no goroutine ever
// parks while it is held. It spins briefly, then sleeps on a futex.
//
//   base::Mutex mu(base::LockRank::kSched);
//   base::MutexLock lock(&mu);
//
// Two ways to unlock. Unlock's exchange is the last thing that touches the
// mutex: whoever locks next may destroy it. UnlockAlive is for where the mutex
// outlives the call; it costs no locked instruction, and those are most of what
// a lock costs.
//
// Dance (unlock): Dekker's handshake between who unlocks and who goes to sleep.
//
//     UnlockAlive                    LockSlow
//     state_ = free                  waiters_++
//     --- barrier ---                --- barrier ---
//     read waiters_                  mark state_ contended, or take it
//
// As in runtime/enter.h the barriers are not alike: the unlocker's is for the
// compiler only, and the sleeper's is membarrier(2), which makes every running
// thread execute one. Either the unlocker sees a waiter and wakes it; or its
// store is there before the sleeper marks the word, and the sleeper takes the
// lock. A mark that is overwritten by "free" is not missed: who overwrites it
// sees the waiter. Where the kernel refuses membarrier UnlockAlive is Unlock.
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

// Whether the process has registered for membarrier. Set at the runtime's
// start; nobody uses UnlockAlive before.
inline constinit Atomic<bool> has_membarrier{false};

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

  // REQUIRES: the mutex outlives the call.
  void UnlockAlive() ABSL_UNLOCK_FUNCTION() {
    if (__builtin_expect(!has_membarrier.load(kRelaxed), 0)) {
      Unlock();
      return;
    }
    LockRankRelease(this);
    state_.store(kFree, kRelease);
    FenceCompiler();
    if (__builtin_expect(waiters_.load(kRelaxed) != 0, 0)) UnlockSlow();
  }

 private:
  static constexpr uint32_t kFree = 0;
  static constexpr uint32_t kHeld = 1;
  static constexpr uint32_t kContended = 2;  // held, and somebody may sleep

  void LockSlow();
  void UnlockSlow();

  Atomic<uint32_t> state_{kFree};
  Atomic<uint32_t> waiters_{0};  // that sleep or are about to
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

// For a mutex that outlives the scope: see UnlockAlive.
class ABSL_SCOPED_LOCKABLE MutexLockAlive {
 public:
  explicit MutexLockAlive(Mutex* mu) ABSL_EXCLUSIVE_LOCK_FUNCTION(mu)
      : mu_(mu) {
    mu_->Lock();
  }
  ~MutexLockAlive() ABSL_UNLOCK_FUNCTION() { mu_->UnlockAlive(); }
  MutexLockAlive(const MutexLockAlive&) = delete;
  MutexLockAlive& operator=(const MutexLockAlive&) = delete;

 private:
  Mutex* const mu_;
};

}  // namespace parkour::base

#endif  // PARKOUR_BASE_LOCK_H_
