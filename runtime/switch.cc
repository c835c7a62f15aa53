// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Leaving a goroutine: park, yield, ready.
//
// Go switches twice for every park, goroutine to g0 to goroutine. When the next
// goroutine is already at hand in the local queue we go there directly; what
// Go does on g0 between the two switches (the hook) runs on the stack that was
// switched to, which serves as well: all it needs is not to be the stack that
// was left. g0 remains for searching, sleeping, timers and everything rare.

#include <cstdio>

#include "parkour/base/check.h"
#include "parkour/base/sanitizer.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/gobuf_switch.h"
#include "parkour/runtime/heldlocks.h"
#include "parkour/runtime/latency.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/newborn.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/proxy.h"
#include "parkour/runtime/scavenge.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/tracer.h"

namespace parkour::runtime {
namespace {

// Its stack may have another goroutine at once. ThreadSanitizer has to see two
// that are not ordered; one near its guard leaves pages that are given back.
inline bool mayBeReborn(const G* gp) {
  return !PARKOUR_TSAN &&
         !NearOverflow(gp, gp->stack_peak.load(base::kRelaxed)) &&
         gp->slot_size == DefaultStackSize();
}

// gp, which has ended, goes on as `newborn`, on the same stack.
inline G* rebirth(M* m, G* gp, G* newborn) {
  checkHeldLocks(m, gp, /*dying=*/true);
  gdestroy(gp);
  countDestroyed(m->p);
  takeOver(newborn, gp);
  return gp;
}

// The next G of the local queue, marked running on m, if it is ours to take
// without a look at anything else; null sends the caller to g0. Mirrors the
// head of findRunnable: whatever that would look at first must be absent.
// Of a newborn, `dying` becomes what goes on, if it is given.
inline G* nextAtHand(M* m, G* dying = nullptr) {
  P* const p = m->p;
  if (m->attention.load(base::kRelaxed) != 0 || m->lockedg != nullptr ||
      sched.gcwaiting.load(base::kRelaxed) || p->timers.wakeTime() != 0) {
    return nullptr;
  }
  const uint32_t tick = p->schedtick.load(base::kRelaxed);
  if (tick % kFairTick == 0 && sched.runqsize.load(base::kRelaxed) > 0) {
    return nullptr;
  }
  bool inherit_time;
  G* gp = runqget(p, &inherit_time);
  if (gp == nullptr) return nullptr;
  // Another M's, one that sysmon must know of, or one that needs a stack that
  // is not at hand: schedule() sees to it.
  G* const taken = gp;
  if (gp->is_newborn) gp = dying ? rebirth(m, dying, gp) : birth(p, gp);
  if (gp == nullptr || gp->lockedm != nullptr || gp->hog != 0) {
    // What is taken from runnext goes on with the slice it finds.
    if (!inherit_time) newSlice(p);
    runqput(p, taken, /*next=*/true);
    return nullptr;
  }
  if (!inherit_time || hogSlice(p)) newSlice(p);
  gp->m.store(m, base::kRelaxed);
  setgstatus(gp, kGrunnable, kGrunning);
  traceGoStart(m, gp);
  trackRun(p, gp);
  return gp;
}

__attribute__((always_inline)) inline void leave(M* m, G* gp, G* next,
                                                 Hook hook, bool dying) {
  PARKOUR_DCHECK(m->in_runtime.load(base::kRelaxed) == 1);
  PARKOUR_DCHECK(m->hook == nullptr);
  checkHeldLocks(m, gp, dying);
  m->hook = hook;
  m->hook_g = gp;
  m->curg = next;
  gobufSwitch(&gp->sched, next != nullptr ? &next->sched : &m->g0, m->eh,
              dying);
  // The M that it goes on on, which may be another.
  M* const now = getm();
  const Hook left = now->hook;
  if (left == nullptr) return;  // from g0
  now->hook = nullptr;
  left(now->hook_g);
}

// Waiting first, then publish; see park.h.
void parkHook(G* gp) {
  M* const m = getm();
  const UnlockF unlockf = m->waitunlockf;
  void* const lock = m->waitlock;
  setgstatus(gp, kGrunning, kGwaiting);
  gp->m.store(nullptr, base::kRelaxed);
  if (unlockf == nullptr || unlockf(gp, lock)) return;
  // Nobody else knows of gp: it goes on as soon as this M schedules.
  if (wakegTraced(gp)) runqput(m->p, gp, /*next=*/true);
}

// When nobody waits in the local queue a yield is an exchange with the head of
// the global one. Takes that head and leaves sched.lock held for the hook,
// which appends the goroutine that yields as soon as it is saved.
G* nextGlobal(M* m) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  P* const p = m->p;
  if (m->attention.load(base::kRelaxed) != 0 || m->lockedg != nullptr ||
      sched.runqsize.load(base::kRelaxed) == 0 || !p->runq.empty() ||
      p->timers.wakeTime() != 0 || netpollAnyWaiters()) {
    return nullptr;
  }
  sched.lock.Lock();
  G* gp = sched.runq.front();
  if (gp == nullptr || gp->lockedm != nullptr || gp->hog != 0 ||
      (gp->is_newborn && p->gfree.empty()) ||
      sched.gcwaiting.load(base::kRelaxed)) {
    sched.lock.UnlockAlive();
    return nullptr;
  }
  globrunqpop();
  if (gp->is_newborn) gp = birth(p, gp);
  newSlice(p);
  gp->m.store(m, base::kRelaxed);
  setgstatus(gp, kGrunnable, kGrunning);
  traceGoStart(m, gp);
  trackRun(p, gp);
  return gp;
}

void exchangeHook(G* gp) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  trackYield(gp);
  setgstatus(gp, kGrunning, kGrunnable);
  gp->m.store(nullptr, base::kRelaxed);
  globrunqput(gp);
  sched.lock.UnlockAlive();
  wakepIfMany();
}

void goyieldHook(G* gp) {
  M* const m = getm();
  trackYield(gp);
  setgstatus(gp, kGrunning, kGrunnable);
  gp->m.store(nullptr, base::kRelaxed);
  runqput(m->p, gp, /*next=*/false);
}

}  // namespace

void badgstatus(const G* gp, GStatus from, GStatus to) {
  char text[128];
  std::snprintf(text, sizeof(text),
                "casgstatus: goroutine %lu is in status %u, not %u, on "
                "its way to %u",
                gp->goid.load(base::kRelaxed),
                gp->atomicstatus.load(base::kRelaxed), from, to);
  base::Throw(text);
}

void runHook() {
  M* const m = getm();
  const Hook hook = m->hook;
  if (hook == nullptr) return;
  m->hook = nullptr;
  hook(m->hook_g);
}

bool switchAwayDying(M* m, G* gp) {
  G* const next = nextAtHand(m, mayBeReborn(gp) ? gp : nullptr);
  if (next == gp) return true;
  leave(m, gp, next, gdestroyHook, /*dying=*/true);
  base::Throw("runtime: a dead goroutine was resumed");
}

void mcall(M* m, G* gp, Hook hook, bool dying) {
  leave(m, gp, nullptr, hook, dying);
}

// Go: proc.go:goschedImpl. The global queue, so that everybody who waits in
// the local ones comes first.
void goschedHook(G* gp) {
  trackYield(gp);
  setgstatus(gp, kGrunning, kGrunnable);
  gp->m.store(nullptr, base::kRelaxed);
  {
    base::MutexLockAlive lock(&sched.lock);
    globrunqput(gp);
  }
  wakepIfMany();
}

G* getg() { return getm()->curg; }

void gopark(UnlockF unlockf, void* lock, WaitReason reason) {
  M* const m = getm();
  G* const gp = m->curg;
  PARKOUR_CHECK(gp != nullptr && m->in_runtime.load(base::kRelaxed) == 1);
  gp->waitreason.store(reason, base::kRelaxed);
  gp->waitsince.store(sched.coarse_now.load(base::kRelaxed), base::kRelaxed);
  if (gp->proxy) {
    proxyPark(m, unlockf, lock);
    return;
  }
  trackStop(gp, reason);
  m->waitunlockf = unlockf;
  m->waitlock = lock;
  traceGoBlock(m, gp);
  leave(m, gp, nextAtHand(m), parkHook, /*dying=*/false);
}

// What it locks may be gone as soon as it is unlocked: whoever is woken may
// have been the last to use it.
bool parkUnlock(G*, void* lock) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  static_cast<base::Mutex*>(lock)->Unlock();
  return true;
}

void goready(G* gp) {
  if (gp->proxy) {
    proxyReady(gp);
    return;
  }
  if (wakegTraced(gp)) readyToRun(gp, /*next=*/true);
}

void Yield() {
  RuntimeScope in;
  M* const m = getm();
  if (m->proxy) {
    base::OsYield();
    return;
  }
  G* const gp = m->curg;
  traceGoStop(m, gp, trace::Reason::kGosched);
  if (G* next = nextGlobal(m)) {
    leave(m, gp, next, exchangeHook, /*dying=*/false);
    return;
  }
  leave(m, gp, nextAtHand(m), goschedHook, /*dying=*/false);
}

void goyield() {
  M* const m = getm();
  if (m->proxy) return;
  traceGoStop(m, m->curg, trace::Reason::kGosched);
  leave(m, m->curg, nextAtHand(m), goyieldHook, /*dying=*/false);
}

}  // namespace parkour::runtime
