// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sched.h: the one global of the scheduler: the global run queue, the idle
// lists and the counters that decide who wakes whom.
//
// Everything marked "lock" is guarded by `lock`. Atomics may be read by anyone
// as a hint; the note says who writes.
//
// See: Go: src/runtime/runtime2.go (type schedt)

#ifndef PARKOUR_RUNTIME_SCHED_H_
#define PARKOUR_RUNTIME_SCHED_H_

#include <sched.h>
#include <signal.h>

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "parkour/base/atomic.h"
#include "parkour/base/lock.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/g.h"
#include "parkour/runtime/m.h"
#include "parkour/runtime/p.h"

namespace parkour::runtime {

inline constexpr int32_t kMaxProcs = 1024;

// A time slice, in nanoseconds.
inline constexpr int64_t kForcePreempt = 10000000;

// How many of its next slices sysmon looks at early, after a goroutine has used
// up one: those in which it is quick count, too, so this ends.
inline constexpr uint8_t kHogTurns = 8;

struct Sched {
  base::Mutex lock{base::LockRank::kSched};

  // Idle Ms, last in first out.
  M* midle ABSL_GUARDED_BY(lock) = nullptr;
  base::Atomic<int32_t> nmidle{0};        // writers hold lock
  base::Atomic<int32_t> nmidlelocked{0};  // locked Ms waiting for their G
  base::Atomic<int64_t> mnext{0};         // Ms created; writers hold lock
  base::Atomic<int64_t> nmfreed{0};       // Ms exited; writers hold lock
  base::Atomic<int32_t> nmsys{0};         // Ms not counted for deadlock
  int32_t maxmcount ABSL_GUARDED_BY(lock) = 10000;
  base::Atomic<M*> allm{nullptr};  // by alllink, newest first

  // Idle Ps.
  P* pidle ABSL_GUARDED_BY(lock) = nullptr;
  base::Atomic<int32_t> npidle{0};         // writers hold lock
  base::Atomic<int32_t> nmspinning{0};     // see idle.cc
  base::Atomic<uint32_t> needspinning{0};  // see idle.cc

  // The global run queue.
  GQueue runq ABSL_GUARDED_BY(lock);
  base::Atomic<int32_t> runqsize{0};  // writers hold lock

  // All Ps ever made. [0, gomaxprocs) are in use. Written with the world
  // stopped; slots beyond are only read by those who saw the larger count.
  base::Atomic<P*> allp[kMaxProcs] = {};
  base::Atomic<int32_t> gomaxprocs{0};

  // Stop the world.
  base::Atomic<bool> gcwaiting{false};  // writers hold lock
  int32_t stopwait ABSL_GUARDED_BY(lock) = 0;
  base::Note stopnote;

  // The poller's token: nobody is blocked in the poller while it is not 0, and
  // then it is when the last poll ended. Taken by exchanging 0 into it.
  base::Atomic<int64_t> lastpoll{0};
  // When the blocked poller will wake by itself; 0: never.
  base::Atomic<int64_t> poll_until{0};

  // sysmon's deep sleep.
  base::Atomic<bool> sysmonwait{false};  // writers hold lock
  base::Note sysmonnote;
  // Counts who wants sysmon's next look soon; it sleeps on this word.
  base::Atomic<uint32_t> sysmonhurry{0};

  base::Atomic<uint64_t> goidgen{0};
  // Goroutines started or finished by code without a P.
  base::Atomic<int64_t> goroutines{0};

  // A recent nanotime, for what needs no precision; written by whoever has
  // just read the clock.
  base::Atomic<int64_t> coarse_now{0};

  // True in a program started by parkour::Main: nobody but goroutines can make
  // progress, so that a standstill is a deadlock.
  base::Atomic<bool> is_main_program{false};
  // Plain threads that sleep inside the runtime.
  base::Atomic<int32_t> proxies_parked{0};
  // What will wake goroutines from outside: channels that wait for signals.
  base::Atomic<int32_t> external_wakers{0};
  // A standstill was seen while the process had threads we do not know.
  base::Atomic<bool> recheck_deadlock{false};

  // The system refused a thread; sysmon tries again.
  base::Atomic<bool> thread_refused{false};

  // Shutdown waits for the last goroutine; see lifecycle.cc.
  base::Atomic<bool> draining{false};
  // Main has returned, or Shutdown: the world stands still for good.
  base::Atomic<bool> ended{false};

  int32_t hogs_per_p = 4;  // see sysmon/retake.cc; constant after start
  // Of the thread that started the runtime, and so of all Ms: a plain thread or
  // a locked goroutine that brings an M about may have blocked signals, or
  // chosen its CPUs, for its own purposes.
  sigset_t sigmask = {};    // constant after start
  cpu_set_t affinity = {};  // constant after start
};

extern Sched sched;

// A snapshot of the P with this index, which must be below gomaxprocs.
inline P* allp(int32_t i) { return sched.allp[i].load(base::kAcquire); }

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_SCHED_H_
