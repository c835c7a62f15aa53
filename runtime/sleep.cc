// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/sleep.h"

#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/timers.h"

namespace parkour::runtime {
namespace {

void goroutineReady(void* arg, uintptr_t, int64_t) {
  goready(static_cast<G*>(arg));
}

// Armed only now that the goroutine waits: a timer that fires at once finds
// it parked. The timer lies in the sleeper's frame, which nobody touches once
// the callback has readied it; `when` is read before that.
bool resetForSleep(G*, void* arg) {
  Timer* const t = static_cast<Timer*>(arg);
  timerStart(t, t->when, 0);
  return true;
}

}  // namespace

void timeSleep(int64_t ns) {
  if (ns <= 0) return;
  M* const m = enterRuntime();
  if (m->proxy) {  // a thread can sleep by itself, even after Main's end
    leaveRuntime();
    base::SleepFor(ns);
    return;
  }
  Timer t;
  t.f = goroutineReady;
  t.arg = getg();
  t.when = base::DeadlineAfter(base::nanotime(), ns);
  gopark(resetForSleep, &t, WaitReason::kSleep);
  leaveRuntime();
}

}  // namespace parkour::runtime
