// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stopping the world: collecting all Ps, so that no goroutine runs runtime
// code; and changing how many Ps there are.
//
// It waits for nobody's loop: a P whose M runs user code is taken from it, as
// sysmon takes it from a hog. Only runtime code is waited for, and that is
// short.
//
// Go: proc.go (stopTheWorldWithSema, startTheWorldWithSema, gcstopm,
// procresize, p.destroy), debug.go (GOMAXPROCS)

#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/runtime/counts.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/start.h"
#include "parkour/runtime/tracer.h"

namespace parkour::runtime {
namespace {

constexpr int64_t kRetryNs = 100000;

// When the stop began; whoever stops the world owns it.
int64_t stop_began = 0;

// One world-stopper at a time. Not a lock: whoever fails must let go of its P.
base::Atomic<bool> stopping{false};

void acquireWorld() {
  for (;;) {
    enterRuntime();
    if (!stopping.exchange(true, base::kAcquire)) return;
    leaveRuntime();
    // Stopped for good: nobody gives it back.
    if (worldEnded()) base::Note().Sleep();
    Yield();
  }
}

// The Ps that can be had without waiting. Returns whether some are missing.
bool collectEasyPs(P* own) {
  base::MutexLockAlive lock(&sched.lock);
  const int32_t n = sched.gomaxprocs.load();
  sched.stopnote.Clear();
  sched.stopwait = n;
  sched.gcwaiting.store(true, base::kSeqCst);
  if (own != nullptr) {
    own->status.store(kPgcstop, base::kRelease);
    --sched.stopwait;
  }
  for (int32_t i = 0; i < n; ++i) {
    uint32_t expected = kPsyscall;
    if (allp(i)->status.compare_exchange_strong(expected, kPgcstop,
                                                base::kSeqCst)) {
      allp(i)->syscalltick.fetch_add(1, base::kRelaxed);
      traceProcSteal(allp(i));
      --sched.stopwait;
    }
  }
  while (P* p = pidleget()) {
    p->status.store(kPgcstop, base::kRelease);
    --sched.stopwait;
  }
  return sched.stopwait > 0;
}

// Returns true once all Ps are in.
bool collectFromUsers() {
  const int32_t n = sched.gomaxprocs.load();
  for (int32_t i = 0; i < n; ++i) {
    P* const p = allp(i);
    if (M* m = p->m.load(base::kAcquire)) {
      m->attention.fetch_or(kAttnPreempt, base::kRelaxed);
    }
    if (!retakeFromUser(p)) continue;
    base::MutexLockAlive lock(&sched.lock);
    p->status.store(kPgcstop, base::kRelease);
    if (--sched.stopwait == 0) return true;
  }
  return false;
}

void retireP(P* p, Timers* timers) {
  bool inherit_time;
  {
    base::MutexLockAlive lock(&sched.lock);
    while (G* gp = p->runq.get(&inherit_time)) globrunqput(gp);
  }
  p->timers.moveTo(timers);
  stackgive(&p->gfree);
  stackgive(&p->newborns);
  sched.goroutines.fetch_add(p->goroutines.exchange(0), base::kRelease);
  p->status.store(kPdead, base::kRelease);
}

}  // namespace

void stopTheWorld() {
  acquireWorld();
  M* const m = getm();
  stop_began = base::nanotime();
  if (collectEasyPs(m->p)) {
    while (!collectFromUsers() && !sched.stopnote.SleepFor(kRetryNs)) {
    }
  }
  counts.pauses_stopping.Record(base::nanotime() - stop_began);
}

void startTheWorld() {
  {
    base::MutexLockAlive lock(&sched.lock);
    sched.gcwaiting.store(false, base::kSeqCst);
    wakeSysmonLocked();
  }
  P* work[kMaxProcs];
  int32_t nwork = 0;
  const P* const own = getm()->p;
  {
    base::MutexLockAlive lock(&sched.lock);
    for (int32_t i = sched.gomaxprocs.load() - 1; i >= 0; --i) {
      P* const p = allp(i);
      if (p == own) {
        p->status.store(kPrunning, base::kRelease);
        continue;
      }
      p->status.store(kPidle, base::kRelease);
      if (p->runq.empty()) {
        pidleput(p);
      } else {
        work[nwork++] = p;
      }
    }
  }
  for (int32_t i = 0; i < nwork; ++i) startm(work[i], /*spinning=*/false);
  counts.pauses_total.Record(base::nanotime() - stop_began);
  stopping.store(false, base::kRelease);
  wakep();
  leaveRuntime();
}

// Leaves the Ps [0, n) in state gcstop, but the caller's own running.
void procresize(int32_t n) {
  M* const m = getm();
  const int32_t old = sched.gomaxprocs.load();
  for (int32_t i = 0; i < n; ++i) {
    if (allp(i) == nullptr) sched.allp[i].store(new P(i), base::kRelease);
    allp(i)->status.store(kPgcstop, base::kRelease);
  }
  sched.gomaxprocs.store(n);
  noteProcs(n);
  P* own = m == nullptr ? nullptr : m->p;
  if (own != nullptr && own->id >= n) {
    traceProcStop(m, own);
    own->m.store(nullptr, base::kRelaxed);
    m->p = nullptr;
    own = allp(0);
    traceProcStart(m, own);
    own->m.store(m, base::kRelaxed);
    m->p = own;
  }
  for (int32_t i = n; i < old; ++i) retireP(allp(i), &allp(0)->timers);
  if (own != nullptr) own->status.store(kPrunning, base::kRelease);
}

// Go: proc.go (gcstopm).
void gcstopm(M* m) {
  if (m->spinning.load(base::kRelaxed)) {
    m->spinning.store(false, base::kRelaxed);
    PARKOUR_CHECK(sched.nmspinning.fetch_sub(1, base::kSeqCst) > 0);
  }
  P* const p = releasep(m);
  {
    base::MutexLockAlive lock(&sched.lock);
    p->status.store(kPgcstop, base::kRelease);
    if (--sched.stopwait == 0) sched.stopnote.Wakeup();
  }
  stopm(m);
}

int GOMAXPROCS(int n) {
  ensureStarted();
  const int32_t old = sched.gomaxprocs.load();
  if (n <= 0 || n == old || sched.ended.load()) return old;
  if (n > kMaxProcs) n = kMaxProcs;
  stopTheWorld();
  const int32_t before = sched.gomaxprocs.load();
  procresize(n);
  startTheWorld();
  return before;
}

}  // namespace parkour::runtime
