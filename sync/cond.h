// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// cond.h: waiting until something that a lock guards has changed.
//
//   sync::Mutex mu;
//   sync::Cond ready(&mu);
//
//   mu.Lock();                            // the one that waits
//   while (queue.empty()) ready.Wait();   // or ready.Wait([&] { ... });
//   ...
//   mu.Unlock();
//
//   { std::lock_guard lock(mu); queue.push(1); }
//   ready.Signal();                       // the one that changes it
//
// Where a channel fits it is simpler: Broadcast is closing one, Signal is
// sending on one.
//
// Guarantees: Wait does not return without a Signal or a Broadcast that came
//             after it was called; Signal wakes those that wait in the order in
//             which they called Wait. May be destroyed as soon as all Waits
//             have returned, even if the Signal has not.
// Memory:     a Signal happens before the Wait that it lets return.
// Blocking:   Wait parks the goroutine (a plain thread sleeps); Signal and
//             Broadcast do not.
// See:        Go: src/sync/cond.go, src/runtime/sema.go (notifyList)

#ifndef PARKOUR_SYNC_COND_H_
#define PARKOUR_SYNC_COND_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "parkour/base/atomic.h"
#include "parkour/base/lock.h"
#include "parkour/sync/locker.h"

namespace parkour::runtime {
struct Sudog;
}  // namespace parkour::runtime

namespace parkour::sync {

class Cond {
 public:
  // For a Mutex, an RWMutex, an RWMutex's RLocker(), or any BasicLockable.
  explicit constexpr Cond(Locker l) : L(l) {}
  Cond(const Cond&) = delete;  // Go: "sync.Cond is copied", at run time
  Cond& operator=(const Cond&) = delete;

  // Unlocks L, waits to be woken, and locks L. As another may take L first,
  // the caller looks at its condition again, in a loop.
  // REQUIRES: L is held by the caller.
  void Wait();

  // Waits until pred() holds; it is called with L held.
  template <typename Pred>
  void Wait(Pred pred) {
    while (!pred()) Wait();
  }

  // Wakes the one that waits longest, if any. L may be held, but need not.
  void Signal();

  // Wakes all that wait. L may be held, but need not.
  void Broadcast();

  // Held while looking at the condition and while changing it. Go's name.
  const Locker L;

 private:
  // The next ticket. Atomic; grows without mu_, the other one under it.
  base::Atomic<uint32_t> wait_{0};
  // The next ticket to be woken; all below it have been. Writers hold mu_.
  base::Atomic<uint32_t> notify_{0};

  // Ranked below the scheduler's: it is held until the switch to another
  // goroutine is over.
  base::Mutex mu_{base::LockRank::kSema};
  runtime::Sudog* head_ ABSL_GUARDED_BY(mu_) = nullptr;
  runtime::Sudog* tail_ ABSL_GUARDED_BY(mu_) = nullptr;
};

}  // namespace parkour::sync

#endif  // PARKOUR_SYNC_COND_H_
