// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// g.h: a goroutine.
//
// State        owner                       may become          by
// idle         its slot, or a free list:   dead                newproc, birth
//              never used
// dead         a free list                 runnable            newproc, birth
// runnable     a run queue                 running             execute
//   a newborn  a run queue                 dead                birth
// running      an M with a P               waiting             gopark
//                                          runnable            Gosched
//                                          syscall             entersyscall,
//                                                              or a retake
//                                          dead                goexit
// syscall      an M without a P            running, runnable   exitsyscall
// waiting      whatever will wake it       runnable            goready
//   + scan     and the scavenger           as above            (scavenge.cc)
//
// All changes go through casgstatus; an illegal one ends the process. A
// waiting G is in no queue: some channel, semaphore, poll descriptor or timer
// holds the only pointer that can wake it.
//
// A proxy G stands for a plain thread inside the runtime, so that channels and
// locks need not know the difference: it has no stack of ours and no P, and
// "parked" means that its thread sleeps on a note.
//
// Lifetime: a G lies at the top of its stack slot (stack.h) and is never
//           freed, only reused. So is a newborn (newborn.h), which is a G of
//           a goroutine until it runs. Proxies die with their thread.
// See:      Go: src/runtime/runtime2.go (type g)

#ifndef PARKOUR_RUNTIME_G_H_
#define PARKOUR_RUNTIME_G_H_

#include <cstdint>

#include "parkour/base/atomic.h"
#include "parkour/base/list.h"
#include "parkour/runtime/gname.h"
#include "parkour/runtime/gobuf.h"
#include "parkour/runtime/waitreason.h"

namespace parkour::runtime {

struct M;
struct Locals;
class LockHolder;

inline constexpr uint64_t kMainGoid = 1;

// Go's numbers: scheddetail prints them raw.
enum GStatus : uint32_t {
  kGidle = 0,
  kGrunnable = 1,
  kGrunning = 2,
  kGsyscall = 3,
  kGwaiting = 4,
  kGdead = 6,
};

// A bit beside kGwaiting or kGrunnable: the scavenger has the stack in its
// hands (scavenge.cc).
inline constexpr uint32_t kGscan = 0x1000;

struct G {
  // The switch and the queues: the first cache line.
  Gobuf sched;
  base::Atomic<uint32_t> atomicstatus{kGidle};
  // atomic; the owner writes: a parked G was put here by gopark.
  base::Atomic<WaitReason> waitreason{WaitReason::kZero};
  // Constant after creation: it stands for a plain thread; it has not run, and
  // has no stack (newborn.h); its stack has a guard.
  bool proxy : 1 = false;
  bool is_newborn : 1 = false;
  bool guarded : 1 = false;
  // How often more sysmon is called when it runs: it has used up its slice, and
  // may do so again; see hurrySysmon. Written by whoever runs it.
  uint8_t hog = 0;
  // How often it has stopped since its last sample, or that it is in one; see
  // latency.h, which has the stamp, too. Written by whoever owns it.
  uint8_t tracking = 0;
  G* schedlink = nullptr;       // owned by whatever list holds the G
  base::Atomic<M*> m{nullptr};  // the M it runs on; written by that M
  void* param = nullptr;        // what the waker left for the sleeper
  // In the global queue: one that is some places behind it, for prefetching;
  // usually null. Its owner's until it is queued, then guarded by sched.lock.
  const G* schedahead = nullptr;

  // Set 0 -> 1 by the one waker that wins a select.
  base::Atomic<uint32_t> select_done{0};
  // Its transitions so far; see tracer.h. Written by whoever makes one.
  base::Atomic<uint32_t> trace_seq{0};

  // LockOSThread: the only M that may run it. Written by itself; traces read.
  base::Atomic<M*> lockedm{nullptr};
  base::Atomic<uint64_t> goid{0};
  // When it parked, on the coarse clock of sched.h; for dumps.
  base::Atomic<int64_t> waitsince{0};
  // What it waits for and whose that is, where the wait reason has an object;
  // for dumps. Written by whoever parks it, in its own name; see noteWait.
  base::Atomic<const void*> waitobject{nullptr};
  base::Atomic<const LockHolder*> waitholder{nullptr};

  int64_t tracking_stamp = 0;

  // What it runs; owned by newproc, then by the goroutine itself.
  void (*run)(void* closure) = nullptr;
  void* closure = nullptr;
  G* newborn = nullptr;  // what it was before, as long as the closure is there

  GName name;                // GoOptions::name; usually empty
  Locals* locals = nullptr;  // local.h; its own; usually null

  // Where it was created. Atomic for dumps.
  base::Atomic<uintptr_t> gopc{0};
  base::Atomic<uint64_t> parent_goid{0};

  // Its slot, constant after stackalloc: [stack_lo, stack_hi) is usable, below
  // stack_lo lies the guard.
  uintptr_t stack_lo = 0;
  uintptr_t stack_hi = 0;
  uintptr_t slot_lo = 0;
  uint32_t slot_size = 0;

  // The most bytes of its stack that were ever seen in use. Atomic: whoever
  // looks at stacks writes.
  base::Atomic<uint32_t> stack_peak{0};
  int64_t trimmed = 0;  // waitsince when its stack was last trimmed; scavenger
};

using GQueue = base::Queue<G, &G::schedlink>;
using GList = base::Stack<G, &G::schedlink>;

// gp, the caller, is about to park for `object`: a channel, a lock, for a
// select its first sudog. It stays valid as long as gp is parked.
inline void noteWait(G* gp, const void* object,
                     const LockHolder* holder = nullptr) {
  gp->waitobject.store(object, base::kRelaxed);
  gp->waitholder.store(holder, base::kRelaxed);
}

[[noreturn]] void badgstatus(const G* gp, GStatus from, GStatus to);

// Moves gp from `from` to `to`; ends the process if it is not in `from`.
//
// setgstatus is for whoever owns the G (the table above): nobody else may
// change the status at that moment, so a check and a release store do; a locked
// instruction would cost more than all else in a switch. casgstatus is for
// waking and stopping, where two may compete by mistake: exactly one wins.
inline void casgstatus(G* gp, GStatus from, GStatus to) {
  uint32_t expected = from;
  if (!gp->atomicstatus.compare_exchange_strong(expected, to, base::kAcqRel,
                                                base::kRelaxed)) {
    badgstatus(gp, from, to);
  }
}

inline void setgstatus(G* gp, GStatus from, GStatus to) {
#ifdef NDEBUG
  if (gp->atomicstatus.load(base::kRelaxed) != from) badgstatus(gp, from, to);
  gp->atomicstatus.store(to, base::kRelease);
#else
  casgstatus(gp, from, to);
#endif
}

// In the sample of latency.h.
inline constexpr uint8_t kTracked = 0x80;

void trackReadySlow(G* gp);

// gp has become runnable. By whoever has made it so, before it is queued.
inline void trackReady(G* gp) {
  if (__builtin_expect(gp->tracking == kTracked, 0)) trackReadySlow(gp);
}

bool wakegHeld(G* gp);

// Waiting to runnable, for whoever wakes gp. True: gp is the caller's to queue;
// false: the scavenger has it in hand and will queue it (scavenge.cc). gp must
// be in no list: the scavenger may put it into one at once.
inline bool wakeg(G* gp) {
  uint32_t expected = kGwaiting;
  if (__builtin_expect(gp->atomicstatus.compare_exchange_strong(
                           expected, kGrunnable, base::kAcqRel, base::kRelaxed),
                       1)) {
    trackReady(gp);
    return true;
  }
  return wakegHeld(gp);
}

inline GStatus readgstatus(const G* gp) {
  return static_cast<GStatus>(gp->atomicstatus.load(base::kAcquire) & ~kGscan);
}

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_G_H_
