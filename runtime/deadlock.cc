// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// "all goroutines are asleep - deadlock!": every M sleeps, nobody is in the
// poller, no timer is pending: nothing will ever happen again.
//
// Only in a program of parkour::Main's. Even there a plain thread may be about
// to send on a channel; those that sleep inside the runtime are counted, those
// that never called it are seen only as threads of the process. As long as the
// process has more threads than we know nothing is reported, and sysmon looks
// again later.
//
// Go: proc.go (checkdead)

#include "parkour/base/check.h"
#include "parkour/base/sanitizer.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/triggers.h"

namespace parkour::runtime {
namespace {

// ThreadSanitizer runs a thread of its own.
constexpr int64_t kToolThreads = PARKOUR_TSAN;

bool anyTimer() {
  const int32_t n = sched.gomaxprocs.load();
  for (int32_t i = 0; i < n; ++i) {
    if (allp(i)->timers.wakeTime() != 0) return true;
  }
  return false;
}

}  // namespace

bool unknownThreads() {
  const int64_t known =
      mcount() + sched.proxies_parked.load(base::kAcquire) + kToolThreads;
  // 0: there is no telling, without /proc or a descriptor to read it by.
  const int64_t all = base::ProcessThreadCount();
  return all == 0 || all > known;
}

// Go: proc.go (incidlelocked)
void incidlelocked(int32_t n) {
  sched.nmidlelocked.fetch_add(n, base::kSeqCst);
  if (n < 0) return;
  base::MutexLockAlive lock(&sched.lock);
  checkdead();
}

void checkdead() {
  if (!sched.is_main_program.load(base::kAcquire)) return;
  const int64_t run = mcount() - sched.nmidle.load(base::kRelaxed) -
                      sched.nmidlelocked.load(base::kRelaxed) -
                      sched.nmsys.load(base::kRelaxed);
  if (run > 0) return;
  if (run < 0) base::Throw("checkdead: inconsistent counts");
  if (anyTimer() || netpollAnyWaiters() || sched.thread_refused.load()) return;
  if (sched.external_wakers.load() > 0) return;
  if (unknownThreads()) {
    sched.recheck_deadlock.store(true, base::kRelaxed);
    wakeSysmonLocked();
    return;
  }
  if (triggers.deadlock != nullptr) triggers.deadlock();
  if (NumGoroutine() == 0) {
    base::Fatal("no goroutines (main called runtime.Goexit) - deadlock!");
  }
  base::Fatal("all goroutines are asleep - deadlock!");
}

}  // namespace parkour::runtime
