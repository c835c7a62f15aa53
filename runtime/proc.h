// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// proc.h: the scheduler's inner functions, for the files of this room and for
// sysmon. One line each; the file that defines a function explains it.
//
// See: README.md of this room; Go: src/runtime/proc.go

#ifndef PARKOUR_RUNTIME_PROC_H_
#define PARKOUR_RUNTIME_PROC_H_

#include <cstdint>

#include "parkour/runtime/g.h"
#include "parkour/runtime/m.h"
#include "parkour/runtime/p.h"
#include "parkour/runtime/sched.h"

namespace parkour::runtime {

// At every 61st decision of a P what its own queue keeps waiting has its
// turn: the global queue, and due timers. Go: proc.go (findRunnable)
inline constexpr uint32_t kFairTick = 61;

// switch.cc: leaving a goroutine.
using Hook = void (*)(G*);
// gp has ended. True: its stack has got another goroutine, a newborn, which gp
// is from here on and the caller runs; else does not return.
bool switchAwayDying(M* m, G* gp);
// Leaves the calling goroutine gp for g0, which then schedules; `hook` runs for
// gp on the stack that goes on. Returns when somebody resumes gp.
void mcall(M* m, G* gp, Hook hook, bool dying = false);
// What a context does first after it was switched to.
void runHook();
// The hook of a goroutine that yields: to the global queue.
void goschedHook(G* gp);

// proc.cc: the loop.
void schedule(M* m);
G* findRunnable(M* m, bool* inherit_time);

// steal.cc
// Returns a G, or null; *new_work: look again from the start.
G* stealWork(M* m, int64_t* now, int64_t* poll_until, bool* inherit_time,
             bool* new_work);
// Takes work from a P that does not get on, before p looks for new work of its
// own; mostly null. Sets *now and *poll_until as checkTimers does.
G* relieve(P* p, int64_t* now, int64_t* poll_until);
// Runs due timers of `of` on p, as Timers::run does. Sets *now if it was 0 and
// had to be read, and lowers *poll_until (0: never) to the next one. Returns
// true if any timer ran.
bool checkTimers(P* p, P* of, int64_t* now, int64_t* poll_until);

// There is one P, and it is the caller's: nobody steals from it, nobody is idle
// who could be woken, and that stays so until the caller leaves the runtime.
inline bool onlyP() { return sched.gomaxprocs.load(base::kRelaxed) == 1; }

// Asks the processor for what it will read to go on with gp: the descriptor and
// the frames below it, which lie on one page. Of many goroutines that page is
// in no cache, and the misses one after the other cost more than the switch.
inline void prefetchStack(const G* gp) {
  constexpr ptrdiff_t kFrames = 12 * 64, kDescriptor = 4 * 64;
  const char* const at = reinterpret_cast<const char*>(gp);
  for (ptrdiff_t i = -kFrames; i < kDescriptor; i += 64) {
    __builtin_prefetch(at + i);
  }
}

// A newborn's.
inline constexpr ptrdiff_t kNewbornPrefetch = 5 * 64;
inline void prefetchNewborn(const G* gp) {
  const char* const at = reinterpret_cast<const char*>(gp);
  for (ptrdiff_t i = 0; i < kNewbornPrefetch; i += 64) {
    __builtin_prefetch(at + i);
  }
}

// By p's owner, as all that takes a P here. Newborns have no frames; what comes
// after one is, most of the time, another.
inline G* runqget(P* p, bool* inherit_time) {
  G* const gp =
      onlyP() ? p->runq.getAlone(inherit_time) : p->runq.get(inherit_time);
  const G* const ahead = p->runq.ahead(1);
  if (ahead == nullptr || gp == nullptr) return gp;
  if (gp->is_newborn) {
    prefetchNewborn(ahead);
  } else {
    prefetchStack(ahead);
  }
  return gp;
}

// queue.cc: the queues of the scheduler beyond one ring.
void runqput(P* p, G* gp, bool next);
void globrunqput(G* gp) ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock);
void globrunqputhead(G* gp) ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock);
void globrunqputbatch(GQueue* batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock);
// The first, or null.
G* globrunqpop() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock);
// Takes up to max (0: a fair share) from the global queue; the first is
// returned, the others go to p's ring.
G* globrunqget(P* p, int32_t max) ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock);
// Makes a list of waiting Gs runnable and finds Ps for them. Empties the list.
void injectglist(GQueue* waiting);
// Queues a runnable G from wherever the caller is, with or without a P.
void readyToRun(G* gp, bool next);

// idle.cc: spinning, idle lists, waking.
void wakep();
// By an M with a P.
inline void wakepIfMany() {
  if (!onlyP()) wakep();
}
void resetspinning(M* m);
void becomeSpinning(M* m);
void startm(P* p, bool spinning);
void stopm(M* m);
void mPark(M* m);
void acquirep(M* m, P* p);
void adoptp(M* m, P* p);
P* releasep(M* m);
void pidleput(P* p) ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock);
P* pidleget() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock);
P* pidlegetSpinning() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock);
void wakeNetPoller(int64_t when);
// p begins to run a goroutine that has been a hog: sysmon is to look soon.
void hurrySysmon(P* p);
void wakeSysmonLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock);

// thread.cc: Ms and their threads.
// A new M with p, on a new thread. False if the system refused the thread:
// then p is idle again and its work is in the global queue.
bool newm(P* p, bool spinning);
void mexit(M* m);
int64_t mcount();

// handoff.cc
void handoffp(P* p);
// Takes p from the M that runs user code on it. True: p is the caller's, out of
// every list; false: its M is inside the runtime, or p does not run. `began`:
// since when its goroutine has run, if it is to be known as a hog from now on.
bool retakeFromUser(P* p, int64_t began = 0);

// syscall.cc
void exitsyscall(M* m);

// locked.cc: LockOSThread.
void stoplockedm(M* m);
void startlockedm(M* m, G* gp);

// local.cc
// REQUIRES: gp runs this, outside the runtime, and has some.
void destroyLocals(G* gp);

// stw.cc
void gcstopm(M* m);
void stopTheWorld();
void startTheWorld();
// Sets the number of Ps. REQUIRES: the world is stopped, or is starting.
void procresize(int32_t n);

// deadlock.cc
// The process has threads that are not ours and do not wait inside the runtime.
bool unknownThreads();
void checkdead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock);
// Around what sysmon does with a P or a G that nobody else sees meanwhile:
// between incidlelocked(-1) and incidlelocked(+1) one M more counts as running.
// Afterwards it looks whether that has hidden a deadlock.
void incidlelocked(int32_t n);

// spawn.cc
void gfput(P* p, G* gp);
void gfrefill(P* p);
void goroutineEntry();
uint64_t newGoid(P* p);
// gp, the caller, is dead; the last of its steps is to be counted. The hook
// does both, and frees the stack in between.
void gdestroy(G* gp);
void countDestroyed(P* p);
void gdestroyHook(G* gp);

// start.cc
void ensureStarted();
bool started();

// lifecycle.cc
// A goroutine has ended, and been counted, while sched.draining is set.
void goroutineEnded();

// Reads the clock and leaves it in sched.coarse_now.
int64_t schedNanotime();

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_PROC_H_
