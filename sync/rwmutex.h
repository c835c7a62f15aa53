// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// rwmutex.h: many readers or one writer.
//
//   sync::RWMutex mu;
//   { std::shared_lock lock(mu); n = table.size(); }    // readers together
//   { std::lock_guard lock(mu); table.clear(); }        // a writer alone
//   mu.RLock(); ... mu.RUnlock();                       // Go's names
//
// A writer that waits keeps new readers out, so that a stream of readers cannot
// starve it; when it is done, the readers that came meanwhile go first, so that
// writers cannot starve them.
//
// Requires:   no goroutine takes it for reading twice: a writer may have come
//             to wait between the two, and then both wait for ever.
// Guarantees: any goroutine may unlock. May be destroyed by the goroutine that
//             holds it for writing, once nobody else wants it; by others when
//             every call has returned.
// Memory:     an Unlock happens before the next Lock or RLock returns, an
//             RUnlock before the next Lock returns.
// Blocking:   Lock and RLock park the goroutine (a plain thread sleeps).
// Misuse:     `fatal error: sync: Unlock of unlocked RWMutex` and
//             `fatal error: sync: RUnlock of unlocked RWMutex`.
// See:        Go: src/sync/rwmutex.go

#ifndef PARKOUR_SYNC_RWMUTEX_H_
#define PARKOUR_SYNC_RWMUTEX_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "parkour/base/atomic.h"
#include "parkour/sync/locker.h"
#include "parkour/sync/mutex.h"

namespace parkour::sync {

class ABSL_LOCKABLE RWMutex {
 public:
  constexpr RWMutex() = default;
  RWMutex(const RWMutex&) = delete;
  RWMutex& operator=(const RWMutex&) = delete;

  void RLock() ABSL_SHARED_LOCK_FUNCTION() {
    if (readers_.fetch_add(1, base::kSeqCst) < 0) RLockSlow();
  }

  // Takes it for reading unless a writer holds it or waits for it.
  bool TryRLock() ABSL_SHARED_TRYLOCK_FUNCTION(true);

  void RUnlock() ABSL_UNLOCK_FUNCTION() {
    const int32_t before = readers_.fetch_sub(1, base::kSeqCst);
    if (before <= 0) RUnlockSlow(before);
  }

  [[gnu::always_inline]] void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    Take();
    writer_.Record();
  }

  // Takes it for writing if nobody holds it.
  [[gnu::always_inline]] bool TryLock() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true) {
    if (!TryTake()) return false;
    writer_.Record();
    return true;
  }

  void Unlock() ABSL_UNLOCK_FUNCTION();

  // A lock whose Lock is this one's RLock, for a Cond that readers wait on.
  Locker RLocker() { return Locker::Shared(this); }

  // The standard's names, for std::lock_guard and std::shared_lock.
  [[gnu::always_inline]] void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { Lock(); }
  [[gnu::always_inline]] bool try_lock() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true) {
    return TryLock();
  }
  void unlock() ABSL_UNLOCK_FUNCTION() { Unlock(); }
  void lock_shared() ABSL_SHARED_LOCK_FUNCTION() { RLock(); }
  bool try_lock_shared() ABSL_SHARED_TRYLOCK_FUNCTION(true) {
    return TryRLock();
  }
  void unlock_shared() ABSL_UNLOCK_FUNCTION() { RUnlock(); }

 private:
  // More readers than there can be; while a writer holds or waits, readers_ is
  // lower by this.
  static constexpr int32_t kMaxReaders = 1 << 30;

  void Take();
  bool TryTake();
  void RLockSlow();
  void RUnlockSlow(int32_t before);

  Mutex writers_;  // held by the writer that holds or waits; others queue here
  base::Atomic<uint32_t> writer_sema_{
      0};  // where it waits for readers to leave
  base::Atomic<uint32_t> reader_sema_{0};  // where readers wait for its end
  base::Atomic<int32_t> readers_{0};       // see above
  base::Atomic<int32_t> departing_{0};     // readers the writer still waits for
  runtime::LockHolder writer_;             // for dumps
};

}  // namespace parkour::sync

#endif  // PARKOUR_SYNC_RWMUTEX_H_
