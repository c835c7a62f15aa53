// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// park.h: a goroutine falls asleep, and is woken.
//
//   mu.Lock();
//   queue.PushBack(me);
//   goparkunlock(&mu, WaitReason::kChanReceive);   // sleeper
//
//   mu.Lock(); w = queue.PopFront(); mu.Unlock();
//   goready(w->g);                                 // waker
//
// Dance (park): "look, decide to sleep, sleep" must not let a wake-up slip in
// between. gopark saves the goroutine's registers first, marks it waiting, and
// only then, on somebody else's stack, runs unlockf, which publishes it: drops
// the lock under which the waker looks, or exchanges a word. A waker that finds
// the G therefore finds it complete. If unlockf returns false the reason to
// sleep is gone and the G continues.
//
// Requires:  a RuntimeScope of depth 1 around gopark, any depth around goready.
//            unlockf must not touch the G's stack, must not park, and must not
//            touch the G after it has published it: the G may already run.
// Memory:    goready(g) happens before g's gopark returns.
// Blocking:  gopark parks the goroutine; a plain thread sleeps.
// See:       Go: src/runtime/proc.go (gopark, park_m, ready)

#ifndef PARKOUR_RUNTIME_PARK_H_
#define PARKOUR_RUNTIME_PARK_H_

#include "parkour/base/lock.h"
#include "parkour/runtime/g.h"

namespace parkour::runtime {

// The calling goroutine, or the plain thread's proxy.
// REQUIRES: inside a RuntimeScope.
G* getg();

using UnlockF = bool (*)(G* gp, void* lock);

// Parks the calling goroutine until goready. unlockf may be null: then nothing
// was held and whoever wakes must already know the G.
void gopark(UnlockF unlockf, void* lock, WaitReason reason);

// Parks and releases `mu`.
bool parkUnlock(G* gp, void* mu);
inline void goparkunlock(base::Mutex* mu, WaitReason reason) {
  gopark(parkUnlock, mu, reason);
}

// Makes a waiting G runnable: it runs next on this P.
void goready(G* gp);

// Puts the calling goroutine at the end of the global queue and runs others.
void Yield();

// The same, at the end of this P's queue: for handing a lock over.
void goyield();

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_PARK_H_
