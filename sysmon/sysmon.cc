// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sysmon/sysmon.h"

#include <algorithm>

#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/schedtrace.h"
#include "parkour/runtime/triggers.h"
#include "parkour/sysmon/retake.h"
#include "parkour/sysmon/scavenger.h"
#include "parkour/trace/recorder.h"

namespace parkour::sysmon {
namespace {

using runtime::sched;

constexpr int64_t kMs = 1000000;
constexpr int64_t kFirstDelay = 20000;
constexpr int64_t kDelayAfterSleep = kMs;
constexpr int64_t kLookAgainDelay = 200000;
constexpr int64_t kLastDelay = 10 * kMs;
constexpr int kRoundsAtFirstDelay = 50;
constexpr int64_t kPollEvery = 10 * kMs;
constexpr int64_t kTracePeriod = 100 * kMs;
constexpr int64_t kFirstRecheck = 10 * kMs;
constexpr int64_t kLastRecheck = 10000 * kMs;
constexpr size_t kStackSize = size_t{1} << 20;

// Scheduling decisions of all Ps so far.
uint64_t Activity() {
  uint64_t n = 0;
  const int32_t procs = sched.gomaxprocs.load();
  for (int32_t i = 0; i < procs; ++i) {
    n += runtime::allp(i)->schedtick.load(base::kRelaxed);
  }
  return n;
}

bool AllIdle() {
  return sched.npidle.load(base::kRelaxed) == sched.gomaxprocs.load();
}

class Sysmon {
 public:
  void Run() {
    for (;;) {
      Nap();
      if (sched.ended.load(base::kRelaxed)) base::Note().Sleep();
      int64_t now = runtime::schedNanotime();
      BeginPeriod(now);
      if (MaybeSleepForGood(now)) now = runtime::schedNanotime();
      runtime::schedtraceTick(now);
      PollIfNobodyDid(now);
      Recheck(now);
      scavenger_.Step(now, last_activity_, AllIdle());
      switch (Retake(now)) {
        case RetakeResult::kTook:
          idle_rounds_ = 0;
          break;
        case RetakeResult::kLookAgain:
          delay_ = kLookAgainDelay / 2;
          break;
        case RetakeResult::kNothing:
          ++idle_rounds_;
          break;
      }
    }
  }

 private:
  // Until the next tick, or until somebody is in a hurry: hurry_ is older than
  // the last look at all Ps.
  void Nap() {
    base::FutexWait(&sched.sysmonhurry, hurry_, NextDelay());
    hurry_ = sched.sysmonhurry.load(base::kAcquire);
  }

  // Go: proc.go (sysmon).
  int64_t NextDelay() {
    if (idle_rounds_ == 0) {
      delay_ = kFirstDelay;
    } else if (idle_rounds_ > kRoundsAtFirstDelay) {
      delay_ = std::min(delay_ * 2, kLastDelay);
    }
    return delay_;
  }

  // Go goes to sleep at the first tick that finds all Ps idle. A server with a
  // request every few hundred microseconds would wake it for each of them; we
  // wait for a long tick in which nothing ran at all. The scavenger may have
  // set an alarm.
  bool MaybeSleepForGood(int64_t now) {
    const uint64_t activity = Activity();
    const bool quiet = activity == last_activity_;
    last_activity_ = activity;
    const int64_t due = scavenger_.Due();
    if (!quiet || delay_ < kLastDelay || !AllIdle() || RecheckPending() ||
        runtime::schedtraceOn() || runtime::triggers.stall_ns != 0 ||
        (due != 0 && due < now + kLastDelay)) {
      return false;
    }
    {
      base::MutexLockAlive lock(&sched.lock);
      // A P leaves the idle list under this lock, and then wakes us.
      if (!AllIdle()) return false;
      sched.sysmonnote.Clear();
      sched.sysmonwait.store(true, base::kRelaxed);
    }
    if (due == 0) {
      sched.sysmonnote.Sleep();
    } else if (!sched.sysmonnote.SleepFor(due - now) && StillUnwanted()) {
      return true;  // and back to sleep after the scavenger's work
    }
    // Nothing to be seen yet: somebody has only just begun.
    delay_ = kDelayAfterSleep / 2;
    idle_rounds_ = kRoundsAtFirstDelay + 1;
    base::SleepFor(kDelayAfterSleep);
    return true;
  }

  // After a sleep with an alarm: nobody has woken us, and nobody will.
  bool StillUnwanted() {
    base::MutexLockAlive lock(&sched.lock);
    return sched.sysmonwait.exchange(false, base::kRelaxed);
  }

  // The goroutines count as runnable before the poller's waiters are
  // forgotten, and while neither is visible one M more counts as running.
  void PollIfNobodyDid(int64_t now) {
    int64_t last = sched.lastpoll.load(base::kAcquire);
    if (last == 0 || last + kPollEvery >= now) return;
    if (!runtime::netpollAnyWaiters()) return;
    if (!sched.lastpoll.compare_exchange_strong(last, now, base::kSeqCst)) {
      return;
    }
    runtime::GQueue ready;
    const int32_t delta = runtime::netpoller()->Poll(0, &ready);
    if (ready.empty()) {
      runtime::netpollAdjustWaiters(delta);
      return;
    }
    runtime::incidlelocked(-1);
    runtime::injectglist(&ready);
    runtime::netpollAdjustWaiters(delta);
    runtime::incidlelocked(+1);
  }

  // Of the recorder (trace/recorder.h).
  void BeginPeriod(int64_t now) {
    if (now < next_period_) return;
    trace::NextPeriod(sched.gomaxprocs.load());
    next_period_ = now + kTracePeriod;
  }

  bool RecheckPending() const {
    return sched.thread_refused.load(base::kRelaxed) ||
           (sched.recheck_deadlock.load(base::kRelaxed) &&
            recheck_delay_ < kLastRecheck);
  }

  // What was put off: a thread the system had not, a standstill while the
  // process had threads unknown to us. Ever more rarely, then only when
  // something has run since.
  void Recheck(int64_t now) {
    if (now < next_recheck_) return;
    if (sched.thread_refused.load(base::kRelaxed)) {
      runtime::incidlelocked(-1);
      sched.thread_refused.store(false, base::kRelaxed);
      runtime::wakep();
      runtime::incidlelocked(+1);
    } else if (sched.recheck_deadlock.load(base::kRelaxed) && AllIdle()) {
      sched.recheck_deadlock.store(false, base::kRelaxed);
      base::MutexLockAlive lock(&sched.lock);
      runtime::checkdead();
    } else {
      recheck_delay_ = kFirstRecheck;
      return;
    }
    next_recheck_ = now + recheck_delay_;
    recheck_delay_ = std::min(recheck_delay_ * 2, kLastRecheck);
  }

  int64_t delay_ = kFirstDelay;
  int idle_rounds_ = 0;
  uint32_t hurry_ = 0;
  uint64_t last_activity_ = 0;
  int64_t next_recheck_ = 0;
  int64_t recheck_delay_ = kFirstRecheck;
  int64_t next_period_ = 0;
  Scavenger scavenger_;
};

void RunSysmon(void*) { Sysmon().Run(); }

}  // namespace

int Start() {
  runtime::schedtraceInit();
  {
    // Counted among the threads, not among those that run goroutines.
    base::MutexLockAlive lock(&sched.lock);
    sched.mnext.fetch_add(1, base::kRelaxed);
    sched.nmsys.fetch_add(1, base::kRelaxed);
  }
  return base::StartThread("parkour-sysmon", kStackSize, RunSysmon, nullptr);
}

}  // namespace parkour::sysmon
