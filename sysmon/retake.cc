// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sysmon/retake.h"

#include <algorithm>

#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/counts.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/tracer.h"
#include "parkour/runtime/triggers.h"

namespace parkour::sysmon {
namespace {

using runtime::M;
using runtime::P;
using runtime::sched;

using runtime::kForcePreempt;

// The slice of a goroutine that has used up its slice before.
constexpr int64_t kHogSlice = 150000;

// So much CPU time beyond its slice makes a hog on the busiest machine.
constexpr int64_t kHogCpu = 5000000;

// Is anybody kept waiting by this P's goroutine?
bool OthersWait(const P* p, int64_t now) {
  if (!p->runq.empty() || sched.runqsize.load(base::kRelaxed) > 0) return true;
  if (sched.npidle.load(base::kRelaxed) +
          sched.nmspinning.load(base::kRelaxed) >
      0) {
    return false;
  }
  // All Ps are busy: its timers, and the network.
  const int64_t when = p->timers.wakeTime();
  if (when != 0 && when <= now) return true;
  return runtime::netpollAnyWaiters() &&
         sched.lastpoll.load(base::kRelaxed) != 0;
}

// How many threads that lost their P want a CPU at this moment; counts up to
// `enough`.
int64_t ComputingHogs(int64_t enough) {
  int64_t n = 0;
  for (M* m = sched.allm.load(base::kAcquire); m != nullptr && n < enough;
       m = m->alllink) {
    const bool lost = m->attention.load(base::kAcquire) & runtime::kAttnLostP;
    if (!lost) continue;
    const char state = base::ThreadState(m->tid.load(base::kRelaxed));
    if (state == 'R' || state == 0) ++n;
  }
  return n;
}

// Go: proc.go (retake).
bool RetakeFromSyscall(P* p, int64_t now, bool too_long) {
  auto& seen = p->sysmontick;
  const uint32_t tick = p->syscalltick.load(base::kRelaxed);
  if (!too_long && seen.syscalltick != tick) {
    seen.syscalltick = tick;
    seen.syscallwhen = now;
    return false;
  }
  // Nobody needs it, and it is back soon.
  if (p->runq.empty() &&
      sched.nmspinning.load(base::kRelaxed) +
              sched.npidle.load(base::kRelaxed) >
          0 &&
      seen.syscallwhen + kForcePreempt > now) {
    return false;
  }
  // A P in our hands is no standstill.
  runtime::incidlelocked(-1);
  uint32_t expected = runtime::kPsyscall;
  const bool taken = p->status.compare_exchange_strong(
      expected, runtime::kPidle, base::kSeqCst);
  if (taken) {
    p->syscalltick.fetch_add(1, base::kRelaxed);
    runtime::traceProcSteal(p);
    runtime::count(&runtime::counts.retakes_syscall);
    runtime::handoffp(p);
  }
  runtime::incidlelocked(+1);
  return taken;
}

// What has the goroutine done since it was asked to yield? A thread that waits
// for a CPU looks like a hog, too, and on a busy machine there are many: to
// take its P would only add a thread to the queue.
bool Computes(const P* p, const M* m, int64_t now) {
  const auto& seen = p->sysmontick;
  const int64_t used =
      base::ThreadCpuTime(m->tid.load(base::kRelaxed)) - seen.asked_cpu;
  return used >= kHogCpu || used * 2 >= now - seen.asked;
}

// Does a goroutine run for so long that somebody wants to know? With its P, or
// without, if it has lost it meanwhile.
bool AnyStall(int64_t now, int64_t limit) {
  const int32_t n = sched.gomaxprocs.load();
  for (int32_t i = 0; i < n; ++i) {
    const P* const p = runtime::allp(i);
    const auto& seen = p->sysmontick;
    if (p->status.load(base::kRelaxed) == runtime::kPrunning &&
        p->schedtick.load(base::kRelaxed) == seen.schedtick &&
        p->m.load(base::kRelaxed) == seen.m && now - seen.schedwhen >= limit) {
      return true;
    }
  }
  for (M* m = sched.allm.load(base::kAcquire); m != nullptr; m = m->alllink) {
    const int64_t began = m->slice_began.load(base::kRelaxed);
    if ((m->attention.load(base::kAcquire) & runtime::kAttnLostP) &&
        began != 0 && now - began >= limit) {
      return true;
    }
  }
  return false;
}

// Asks first: a goroutine that calls the runtime now and then yields there
// within microseconds, which costs no thread. Who has not by the next tick
// computes, or blocks, and loses its P.
RetakeResult RetakeFromHog(P* p, int64_t now) {
  M* const m = p->m.load(base::kAcquire);
  if (m == nullptr || !OthersWait(p, now)) return RetakeResult::kNothing;
  auto& seen = p->sysmontick;
  if (seen.asked == 0) {
    seen.asked = now;
    seen.asked_cpu = base::ThreadCpuTime(m->tid.load(base::kRelaxed));
    m->attention.fetch_or(runtime::kAttnPreempt, base::kRelaxed);
    return RetakeResult::kLookAgain;
  }
  // Without /proc, or a descriptor to read it by, the state is 0: then nobody
  // can tell who computes, and the bound is for all.
  const char state = base::ThreadState(m->tid.load(base::kRelaxed));
  if (state == 0 || Computes(p, m, now)) {
    // A goroutine that lost its P goes on computing on its own thread, beside
    // the P that another M now has. So many of these are let be; beyond, a hog
    // keeps its P and yields at its next call into the runtime. Threads that
    // block in the kernel do not count.
    const int64_t bound = int64_t{sched.hogs_per_p} * sched.gomaxprocs.load();
    if (ComputingHogs(bound) >= bound) return RetakeResult::kNothing;
  } else if (state == 'R') {
    return RetakeResult::kLookAgain;
  }
  // The hog may be back, and find no P, before ours is handed on.
  runtime::incidlelocked(-1);
  // Since it was asked it has made no call. The slice may be another's, too: of
  // a pair that readies each other nobody is a hog.
  const bool taken = runtime::retakeFromUser(p, seen.asked);
  if (taken) {
    runtime::count(&runtime::counts.retakes_user);
    runtime::handoffp(p);
  }
  runtime::incidlelocked(+1);
  return taken ? RetakeResult::kTook : RetakeResult::kNothing;
}

RetakeResult RetakeOne(P* p, uint32_t status, int64_t now) {
  auto& seen = p->sysmontick;
  const uint32_t tick = p->schedtick.load(base::kRelaxed);
  const bool known_hog = p->hogtick.load(base::kRelaxed) == tick;
  const int64_t slice = known_hog ? kHogSlice : kForcePreempt;
  bool too_long = false;
  // After a retake another M goes on with the tick, if it takes its goroutine
  // from runnext: what is known of the last one does not hold for it.
  const M* const m = p->m.load(base::kRelaxed);
  if (seen.schedtick != tick || seen.m != m) {
    seen.schedtick = tick;
    seen.m = m;
    seen.schedwhen = now;
    seen.asked = 0;
  } else {
    too_long = seen.schedwhen + slice <= now;
  }
  if (status == runtime::kPsyscall) {
    return RetakeFromSyscall(p, now, too_long) ? RetakeResult::kTook
                                               : RetakeResult::kNothing;
  }
  if (too_long) return RetakeFromHog(p, now);
  return known_hog && seen.schedwhen == now ? RetakeResult::kLookAgain
                                            : RetakeResult::kNothing;
}

}  // namespace

// Go: proc.go (retake).
RetakeResult Retake(int64_t now) {
  RetakeResult result = RetakeResult::kNothing;
  const int32_t n = sched.gomaxprocs.load();
  for (int32_t i = 0; i < n; ++i) {
    P* const p = runtime::allp(i);
    const uint32_t status = p->status.load(base::kAcquire);
    if (status != runtime::kPrunning && status != runtime::kPsyscall) continue;
    result = std::max(result, RetakeOne(p, status, now));
  }
  const int64_t limit = runtime::triggers.stall_ns;
  if (limit != 0 && AnyStall(now, limit)) runtime::triggers.stall();
  return result;
}

}  // namespace parkour::sysmon
