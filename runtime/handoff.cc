// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A P leaves an M that cannot use it: because the M is in a system call, or
// because it runs user code for too long.
//
// Go: proc.go (handoffp, retake); retakeFromUser has no counterpart there, it
// stands in for preemption by signal.

#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/base/sys.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/tracer.h"

namespace parkour::runtime {
namespace {

// Held while a retaker decides; see the dance in enter.h.
base::Mutex retake_mu{base::LockRank::kRetake};

void HeavyBarrier() {
  if (!base::has_membarrier.load(base::kRelaxed)) {
    base::FenceSeqCst();
    return;
  }
  PARKOUR_CHECK(base::sys::Membarrier() == 0);
}

// handoffp's last part: nothing to do for p. False if there is after all.
bool parkP(P* p, int64_t* timer) {
  base::MutexLockAlive lock(&sched.lock);
  if (sched.gcwaiting.load(base::kRelaxed)) {
    p->status.store(kPgcstop, base::kRelease);
    if (--sched.stopwait == 0) sched.stopnote.Wakeup();
    return true;
  }
  if (!sched.runq.empty()) return false;
  // The last P that runs, and nobody polls: the network would be forgotten.
  if (sched.npidle.load(base::kRelaxed) == sched.gomaxprocs.load() - 1 &&
      sched.lastpoll.load(base::kRelaxed) != 0) {
    return false;
  }
  *timer = p->timers.wakeTime();
  pidleput(p);
  return true;
}

}  // namespace

// Starts an M whenever findRunnable would return a G for p.
// REQUIRES: p is idle and in no list.
void handoffp(P* p) {
  if (!p->runq.empty() || sched.runqsize.load(base::kSeqCst) != 0) {
    startm(p, /*spinning=*/false);
    return;
  }
  // No work, but nobody searches either and nobody is free to: somebody must.
  int32_t none = 0;
  if (sched.nmspinning.load(base::kRelaxed) +
              sched.npidle.load(base::kRelaxed) ==
          0 &&
      sched.nmspinning.compare_exchange_strong(none, 1, base::kSeqCst)) {
    sched.needspinning.store(0, base::kRelaxed);
    startm(p, /*spinning=*/true);
    return;
  }
  int64_t timer = 0;
  if (!parkP(p, &timer)) {
    startm(p, /*spinning=*/false);
    return;
  }
  if (timer != 0) wakeNetPoller(timer);
}

bool retakeFromUser(P* p, int64_t began) {
  base::MutexLock lock(&retake_mu);
  M* const m = p->m.load(base::kAcquire);
  if (m == nullptr || p->status.load(base::kAcquire) != kPrunning) return false;
  m->attention.fetch_or(kAttnRetake, base::kSeqCst);
  HeavyBarrier();
  if (m->in_runtime.load(base::kAcquire) != 0 || m->p != p) {
    m->attention.fetch_and(~kAttnRetake, base::kRelease);
    return false;
  }
  // The M is in user code and cannot come out of it without the retake lock:
  // all that is its own is ours for the moment.
  traceSyscallBegin(m, m->curg, p);
  traceProcSteal(p);
  casgstatus(m->curg, kGrunning, kGsyscall);
  m->slice_began.store(began, base::kRelaxed);
  m->p = nullptr;
  m->oldp = p;
  m->syscalltick = p->syscalltick.load(base::kRelaxed);
  p->m.store(nullptr, base::kRelaxed);
  p->syscalltick.fetch_add(1, base::kRelaxed);
  p->status.store(kPidle, base::kRelease);
  m->attention.fetch_or(kAttnLostP, base::kRelease);
  m->attention.fetch_and(~kAttnRetake, base::kRelease);
  return true;
}

void awaitRetaker(M* m) {
  if (m->attention.load(base::kAcquire) & kAttnRetake) {
    base::MutexLock decided(&retake_mu);
  }
}

M* enterSlow(M* m) {
  awaitRetaker(m);
  if (m->attention.load(base::kRelaxed) & kAttnSyscall) {
    base::Fatal(
        "runtime: a call into Parkour between EnterSyscall and ExitSyscall, or "
        "inside runtime.Blocking");
  }
  if (m->attention.load(base::kAcquire) & kAttnLostP) {
    m->attention.fetch_and(~(kAttnLostP | kAttnPreempt), base::kRelaxed);
    const int64_t began = m->slice_began.load(base::kRelaxed);
    if (began != 0 && base::nanotime() - began >= kForcePreempt) {
      m->curg->hog = kHogTurns;
    }
    exitsyscall(m);
    return getm();
  }
  if (m->attention.load(base::kRelaxed) & kAttnPreempt) {
    m->attention.fetch_and(~kAttnPreempt, base::kRelaxed);
    // The time slice is over; to the global queue. Whoever is next, from
    // runnext too, begins one of its own.
    if (!m->proxy && m->curg != nullptr) {
      newSlice(m->p);
      traceGoStop(m, m->curg, trace::Reason::kPreempted);
      mcall(m, m->curg, goschedHook);
    }
  }
  return getm();
}

}  // namespace parkour::runtime
