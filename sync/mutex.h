// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// mutex.h: mutual exclusion between goroutines.
//
//   sync::Mutex mu;
//   std::lock_guard lock(mu);        // or mu.Lock(); ... mu.Unlock();
//
// Normal mode: waiters queue up, but a goroutine that runs may take the mutex
// before the one that was just woken: it is on a processor already. A waiter
// that did not get it for 1 ms switches the mutex to starvation mode: Unlock
// then hands it to the first waiter, and newcomers queue up behind.
//
// Guarantees: not recursive; any goroutine may unlock. May be destroyed by the
//             goroutine that holds it, once nobody else wants it, even if the
//             one before has not returned from Unlock.
// Memory:     an Unlock happens before the next Lock returns.
// Blocking:   Lock parks the goroutine (a plain thread sleeps).
// Misuse:     Unlock of an unlocked Mutex is `fatal error: sync: unlock of
//             unlocked mutex`.
// See:        Go: src/internal/sync/mutex.go; tests/model/mutex_model_test.cc

#ifndef PARKOUR_SYNC_MUTEX_H_
#define PARKOUR_SYNC_MUTEX_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "parkour/base/atomic.h"
#include "parkour/runtime/lock_holder.h"

namespace parkour::sync {

class ABSL_LOCKABLE Mutex {
 public:
  constexpr Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  [[gnu::always_inline]] void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    Take(&holder_);
    holder_.Record();
  }

  // Takes the mutex if nobody holds it or is owed it.
  [[gnu::always_inline]] bool TryLock() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true) {
    if (!TryTake()) return false;
    holder_.Record();
    return true;
  }

  void Unlock() ABSL_UNLOCK_FUNCTION() {
    uint32_t held = kLocked;
    if (!state_.compare_exchange_strong(held, 0, base::kRelease,
                                        base::kRelaxed)) {
      UnlockSlow(held);
    }
  }

  // The standard's names, for std::lock_guard and std::scoped_lock.
  [[gnu::always_inline]] void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { Lock(); }
  [[gnu::always_inline]] bool try_lock() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true) {
    return TryLock();
  }
  void unlock() ABSL_UNLOCK_FUNCTION() { Unlock(); }

 private:
  friend class RWMutex;

  static constexpr uint32_t kLocked = 1;
  static constexpr uint32_t kWoken = 2;     // a waiter is awake and tries
  static constexpr uint32_t kStarving = 4;  // Unlock hands over
  static constexpr uint32_t kWaiter = 8;    // the count of waiters, from here

  // Without a record; `holder`: whose record is to be shown of one that waits.
  void Take(const runtime::LockHolder* holder) {
    uint32_t unlocked = 0;
    if (!state_.compare_exchange_strong(unlocked, kLocked, base::kAcquire,
                                        base::kRelaxed)) {
      LockSlow(holder);
    }
  }

  bool TryTake();
  void LockSlow(const runtime::LockHolder* holder);
  void UnlockSlow(uint32_t old);

  base::Atomic<uint32_t> state_{0};
  base::Atomic<uint32_t> sema_{0};
  runtime::LockHolder holder_;  // for dumps
};

}  // namespace parkour::sync

#endif  // PARKOUR_SYNC_MUTEX_H_
