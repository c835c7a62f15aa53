// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// p.h: a processor: the right to run goroutines, and all per-processor state.
//
// Status    who may change it                         may become
// idle      whoever popped it from the idle list      running, gcstop
// running   its M; a retake that won the handshake    idle, syscall, gcstop
//           of handoff.cc
// syscall   anybody, by CAS                           idle, running, gcstop
// gcstop    who stopped the world                     idle, running, dead
// dead      GOMAXPROCS shrank; reused when it grows   gcstop
//
// Lifetime: never freed.
// See:      Go: src/runtime/runtime2.go (type p)

#ifndef PARKOUR_RUNTIME_P_H_
#define PARKOUR_RUNTIME_P_H_

#include <cstdint>

#include "parkour/base/atomic.h"
#include "parkour/base/list.h"
#include "parkour/runtime/g.h"
#include "parkour/runtime/runq.h"
#include "parkour/runtime/timehistogram.h"
#include "parkour/runtime/timers.h"

namespace parkour::runtime {

struct M;

// Go's numbers: scheddetail prints them raw.
enum PStatus : uint32_t {
  kPidle = 0,
  kPrunning = 1,
  kPsyscall = 2,
  kPgcstop = 3,
  kPdead = 4,
};

struct alignas(64) P {
  explicit P(int32_t id) : id(id) {}

  const int32_t id;
  base::Atomic<uint32_t> status{kPgcstop};
  // atomic; written by the M that takes or leaves this P, or by the retaker.
  base::Atomic<M*> m{nullptr};
  // Scheduling decisions made; runnext does not count, so that a pair that
  // readies each other shares one time slice. Written by the owner.
  base::Atomic<uint32_t> schedtick{0};
  // The schedtick at which a goroutine began that is known as a hog. Written by
  // the owner.
  base::Atomic<uint32_t> hogtick{~uint32_t{0}};
  // Bumped whenever somebody takes this P from a system call.
  base::Atomic<uint32_t> syscalltick{0};

  P* link = nullptr;  // idle list; guarded by sched.lock

  // Its transitions so far, and the thread that left it for a system call; see
  // tracer.h. Written by whoever makes a transition.
  uint32_t trace_seq = 0;
  uint32_t trace_syscall_tid = 0;

  // Owner only, from here to the ring.
  uint64_t goidcache = 0;
  uint64_t goidcacheend = 0;
  GList gfree;     // dead Gs with default stacks
  GList newborns;  // dead ones
  // Goroutines started minus finished on this P; the sum over all Ps counts
  // them. Written by the owner, read by anyone.
  base::Atomic<int64_t> goroutines{0};
  // For metrics; written by the owner: how often it stole, how much, and how
  // long goroutines have waited for it.
  base::Atomic<uint64_t> steals{0};
  base::Atomic<uint64_t> stolen{0};
  TimeHistogram latencies;
  // The P that relieve() looks at next, its schedtick at the last look, and
  // whether it took something then.
  int32_t watched = 0;
  uint32_t watched_tick = 0;
  bool relieved = false;

  Runq runq;
  alignas(64) Timers timers;

  // What sysmon saw at its last visit; sysmon only.
  struct {
    uint32_t schedtick = 0;
    const M* m = nullptr;
    int64_t schedwhen = 0;
    // When it was asked to yield, since schedtick last changed; 0: was not.
    int64_t asked = 0;
    int64_t asked_cpu = 0;  // the M's CPU time then
    uint32_t syscalltick = 0;
    int64_t syscallwhen = 0;
  } sysmontick;
};

// The goroutine that p runs next begins a time slice. By p's owner.
inline void newSlice(P* p) {
  p->schedtick.store(p->schedtick.load(base::kRelaxed) + 1, base::kRelaxed);
}

// The slice that p is in began with a goroutine that is known as a hog.
inline bool hogSlice(const P* p) {
  return p->hogtick.load(base::kRelaxed) == p->schedtick.load(base::kRelaxed);
}

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_P_H_
