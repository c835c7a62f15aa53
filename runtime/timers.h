// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// timers.h: a heap of timers per P, run by whoever schedules.
//
//   Timer t;
//   t.f = [](void* arg, uintptr_t seq, int64_t late_ns) { ... };
//   t.arg = this;
//   timerStart(&t, when, /*period=*/0);
//   timerStop(&t);                     // true: it will not fire
//
// A timer lies in the heap of the P on which it was started (a plain thread
// uses some P's) and fires on the scheduler stack of whichever M looks first:
// its own P's, a thief's, or the M that wakes from the poller. Stopping removes
// it at once, by its place; Go marks it and sweeps later, which
// saves a lock between Ps and costs a state machine of ten transitions.
//
// Requires:   calls for one timer are serialised by the caller; only firing may
//             run beside them. f must not park and must not throw.
// Guarantees: never early. After timerStop returned true f is not called for
//             that setting; after false it has been called or is being called,
//             which the caller tells apart by `seq`. f may start the timer
//             again.
// Memory:     timerStart(t) happens before f(t).
// Blocking:   never parks; takes one heap's lock.
// See:        Go: src/runtime/time.go

#ifndef PARKOUR_RUNTIME_TIMERS_H_
#define PARKOUR_RUNTIME_TIMERS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "parkour/base/atomic.h"
#include "parkour/base/lock.h"
#include "parkour/runtime/runq.h"

namespace parkour::runtime {

class Timers;

struct Timer {
  void (*f)(void* arg, uintptr_t seq, int64_t late_ns) = nullptr;
  void* arg = nullptr;
  uintptr_t seq = 0;

  // The heap that holds it, null when it is not pending. Changes under the
  // lock of the heap it leaves or enters.
  base::Atomic<Timers*> heap{nullptr};
  int64_t when = 0;    // guarded by heap's lock
  int64_t period = 0;  // guarded by heap's lock; 0: fires once
  uint32_t place = 0;  // guarded by heap's lock; in its places_
};

// One P's timers: a 4-ary min-heap by `when`.
class Timers {
 public:
  Timers() : mu_(base::LockRank::kTimers) {}

  // When the first timer is due, 0 if there is none. Reads one word, no lock.
  int64_t wakeTime() const { return min_when_.load(base::kAcquire); }
  size_t size() const { return size_.load(base::kRelaxed); }

  // Runs what is due at `now`, at least one, but no more once `ready`, into
  // which they put goroutines, is half full: the others are in better order
  // here than behind all that waits in the global queue. Returns true if any
  // ran. REQUIRES: on a scheduler stack, with a P, whose queue `ready` is.
  bool run(int64_t now, const Runq& ready);

  // Returns true if `t` is now the first of this heap.
  bool add(Timer* t);
  // Returns false if `t` is not in this heap any more.
  bool remove(Timer* t);

  // Moves everything here into `to`: this P is going away.
  void moveTo(Timers* to);

 private:
  struct Entry {
    int64_t when;
    uint32_t place;
  };

  // A timer's constant place while it is pending. Where its entry is changes
  // with every step of a sift; it is kept here and not in the timer, which lies
  // in a sleeper's stack that is in no cache.
  struct Place {
    Timer* timer;    // null: the place is free
    uint32_t index;  // of its entry in the heap; of the next free place + 1
  };

  void siftUp(size_t i) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void siftDown(size_t i) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void put(size_t i, Entry e) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void insert(Timer* t) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void erase(Timer* t) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void publish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  base::Mutex mu_;
  std::vector<Entry> heap_ ABSL_GUARDED_BY(mu_);
  std::vector<Place> places_ ABSL_GUARDED_BY(mu_);
  uint32_t free_ ABSL_GUARDED_BY(mu_) = 0;  // the first free place + 1
  base::Atomic<int64_t> min_when_{0};       // writers hold mu_
  base::Atomic<size_t> size_{0};            // writers hold mu_
};

// Starts `t`, which must not be pending, to fire at `when` (nanotime), then
// every `period` ns if period > 0; missed periods are skipped.
void timerStart(Timer* t, int64_t when, int64_t period);

// Returns true if `t` was pending and now will not fire.
bool timerStop(Timer* t);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_TIMERS_H_
