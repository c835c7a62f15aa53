// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The loop: find a goroutine, run it, again. In order of reading: schedule,
// findRunnable, then its steps.
//
// Go: proc.go (schedule, execute, findRunnable)

#include "parkour/runtime/proc.h"

#include <algorithm>

#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/runtime/gobuf_switch.h"
#include "parkour/runtime/latency.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/newborn.h"
#include "parkour/runtime/tracer.h"

namespace parkour::runtime {
namespace {

// Returns when some goroutine came back to this g0.
void execute(M* m, G* gp, bool inherit_time) {
  P* const p = m->p;
  if (gp->is_newborn) gp = birthAnyway(p, gp);
  m->curg = gp;
  gp->m.store(m, base::kRelaxed);
  setgstatus(gp, kGrunnable, kGrunning);
  traceGoStart(m, gp);
  trackRun(p, gp);
  if (!inherit_time || hogSlice(p) || gp->hog != 0) newSlice(p);
  // A new time slice.
  if (m->attention.load(base::kRelaxed) & kAttnPreempt) {
    m->attention.fetch_and(~kAttnPreempt, base::kRelaxed);
  }
  if (gp->hog != 0) {
    --gp->hog;
    hurrySysmon(p);
  }
  gobufSwitch(&m->g0, &gp->sched, m->eh);
  runHook();
}

// What findRunnable knows on its way.
struct Search {
  int64_t now = 0;         // 0: the clock was not read yet
  int64_t poll_until = 0;  // the earliest timer seen; 0: none
  bool inherit_time = false;
};

G* takeGlobal(P* p, int32_t max) {
  if (sched.runqsize.load(base::kRelaxed) == 0) return nullptr;
  base::MutexLockAlive lock(&sched.lock);
  return globrunqget(p, max);
}

// The first G of a list from the poller runs here, the others are queued.
G* takeReady(GQueue* ready, int32_t delta) {
  G* gp = ready->PopFront();
  while (gp != nullptr && !wakegTraced(gp)) gp = ready->PopFront();
  injectglist(ready);
  netpollAdjustWaiters(delta);
  return gp;
}

// A look at the poller that costs one system call, when somebody waits
// for I/O and no M is blocked in it.
G* pollNow() {
  if (!netpollAnyWaiters() || sched.lastpoll.load(base::kAcquire) == 0) {
    return nullptr;
  }
  GQueue ready;
  const int32_t delta = netpoller()->Poll(0, &ready);
  return takeReady(&ready, delta);
}

// Without leaving this P.
G* findHere(M* m, Search* s) {
  P* const p = m->p;
  s->inherit_time = false;
  if (p->schedtick.load(base::kRelaxed) % kFairTick == 0) {
    if (G* gp = takeGlobal(p, 1)) return gp;
  }
  if (G* gp = runqget(p, &s->inherit_time)) return gp;
  if (G* gp = takeGlobal(p, 0)) return gp;
  if (!onlyP()) {
    if (G* gp = relieve(p, &s->now, &s->poll_until)) return gp;
  }
  return pollNow();
}

// Enough Ms search already when half of the busy Ps have one each.
bool maySpin(const M* m) {
  return m->spinning.load(base::kRelaxed) ||
         2 * sched.nmspinning.load(base::kRelaxed) <
             sched.gomaxprocs.load(base::kRelaxed) -
                 sched.npidle.load(base::kRelaxed);
}

// (l3) of idle.cc's dance, after the P was given up: is there work, and a P to
// do it with? Leaves the M spinning with a P if so.
bool recheckQueues(M* m) {
  bool work = sched.runqsize.load(base::kSeqCst) > 0;
  const int32_t n = sched.gomaxprocs.load();
  for (int32_t i = 0; i < n && !work; ++i) work = !allp(i)->runq.empty();
  if (!work) return false;
  P* p;
  {
    base::MutexLockAlive lock(&sched.lock);
    p = pidlegetSpinning();
  }
  if (p == nullptr) return false;
  acquirep(m, p);
  becomeSpinning(m);
  return true;
}

void recheckTimers(Search* s) {
  const int32_t n = sched.gomaxprocs.load();
  for (int32_t i = 0; i < n; ++i) {
    const int64_t when = allp(i)->timers.wakeTime();
    if (when != 0 && (s->poll_until == 0 || when < s->poll_until)) {
      s->poll_until = when;
    }
  }
}

// Puts the P on the idle list, unless there is a reason not to; then
// returns false, with a G or with a wish to search again in *gp == null.
bool giveUpP(M* m, Search* s, G** gp) {
  base::MutexLockAlive lock(&sched.lock);
  *gp = nullptr;
  if (sched.gcwaiting.load(base::kRelaxed)) return false;
  if (!sched.runq.empty()) {
    *gp = globrunqget(m->p, 0);
    s->inherit_time = false;
    return false;
  }
  if (!m->spinning.load(base::kRelaxed) &&
      sched.needspinning.load(base::kRelaxed) == 1) {
    becomeSpinning(m);
    return false;
  }
  P* const p = releasep(m);
  pidleput(p);
  if (m->spinning.load(base::kRelaxed)) return true;  // looks again anyway
  base::FenceSeqCst();
  if (sched.needspinning.load(base::kRelaxed) == 0) return true;
  // Somebody queued work and saw no idle P: see leaveToBusyPs.
  PARKOUR_CHECK(pidleget() == p);
  acquirep(m, p);
  becomeSpinning(m);
  return false;
}

// With the poller's token in hand and without a P.
G* blockInPoller(M* m, const Search& s, bool was_spinning) {
  int64_t delay = -1;
  if (s.poll_until != 0) {
    sched.poll_until.store(s.poll_until, base::kSeqCst);
    delay = std::max<int64_t>(s.poll_until - schedNanotime(), 0);
  }
  GQueue ready;
  const int32_t delta = netpoller()->Poll(delay, &ready);
  sched.poll_until.store(0, base::kSeqCst);
  sched.lastpoll.store(schedNanotime(), base::kSeqCst);
  P* p;
  {
    base::MutexLockAlive lock(&sched.lock);
    p = pidlegetSpinning();
  }
  if (p == nullptr) {
    injectglist(&ready);
    netpollAdjustWaiters(delta);
    return nullptr;
  }
  acquirep(m, p);
  if (G* gp = takeReady(&ready, delta)) return gp;
  if (was_spinning) becomeSpinning(m);
  return nullptr;
}

// The P is gone. Returns a G with a P to run it, or null with a P to search
// again.
G* waitForWork(M* m, Search* s) {
  const bool was_spinning = m->spinning.load(base::kRelaxed);
  if (was_spinning) {
    m->spinning.store(false, base::kRelaxed);
    PARKOUR_CHECK(sched.nmspinning.fetch_sub(1, base::kSeqCst) > 0);  // (l2)
    base::FenceSeqCst();
    if (recheckQueues(m)) return nullptr;
    recheckTimers(s);
  }
  const bool worth_polling = netpollAnyWaiters() || s->poll_until != 0;
  if (worth_polling && sched.lastpoll.exchange(0, base::kSeqCst) != 0) {
    G* gp = blockInPoller(m, *s, was_spinning);
    if (gp != nullptr || m->p != nullptr) return gp;
  } else if (s->poll_until != 0) {
    wakeNetPoller(s->poll_until);
  }
  stopm(m);
  return nullptr;
}

}  // namespace

G* findRunnable(M* m, bool* inherit_time) {
  for (;;) {
    if (sched.gcwaiting.load(base::kAcquire)) {
      gcstopm(m);
      continue;
    }
    Search s;
    checkTimers(m->p, m->p, &s.now, &s.poll_until);
    G* gp = findHere(m, &s);
    if (gp == nullptr && maySpin(m)) {
      if (!m->spinning.load(base::kRelaxed)) becomeSpinning(m);
      bool new_work = false;
      gp = stealWork(m, &s.now, &s.poll_until, &s.inherit_time, &new_work);
      if (gp == nullptr && new_work) continue;
    }
    if (gp == nullptr) {
      if (giveUpP(m, &s, &gp)) {
        gp = waitForWork(m, &s);
        s.inherit_time = false;
      }
    }
    if (gp != nullptr) {
      *inherit_time = s.inherit_time;
      return gp;
    }
  }
}

// Returns when the M's thread is to end.
void schedule(M* m) {
  while (!m->exiting) {
    PARKOUR_CHECK(m->in_runtime.load(base::kRelaxed) == 1);
    if (m->lockedg != nullptr) {
      stoplockedm(m);
      execute(m, m->lockedg, /*inherit_time=*/false);
      continue;
    }
    bool inherit_time = false;
    G* const gp = findRunnable(m, &inherit_time);
    if (m->spinning.load(base::kRelaxed)) resetspinning(m);
    if (gp->lockedm != nullptr) {
      startlockedm(m, gp);
      continue;
    }
    execute(m, gp, inherit_time);
  }
}

}  // namespace parkour::runtime
