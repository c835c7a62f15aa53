// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Why the answer is right: with the world stopped no P is anybody's, so no
// goroutine changes its status by running, no timer fires, and nobody is made
// ready but by the poller or a plain thread. Who waits for the poller is not
// durably blocked, also when an M without a P has its event in hand already: a
// goroutine's wait reason stays until it runs.

#include "parkour/runtime/standstill.h"

#include "parkour/base/clock.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/stack.h"

namespace parkour::runtime {
namespace {

bool isDurable(WaitReason reason) {
  switch (reason) {
    case WaitReason::kChanReceive:
    case WaitReason::kChanReceiveNil:
    case WaitReason::kChanSend:
    case WaitReason::kChanSendNil:
    case WaitReason::kSelect:
    case WaitReason::kSelectNoCases:
    case WaitReason::kSemacquire:
    case WaitReason::kSleep:
    case WaitReason::kSyncCondWait:
    case WaitReason::kSyncMutexLock:
    case WaitReason::kSyncRWMutexRLock:
    case WaitReason::kSyncRWMutexLock:
    case WaitReason::kSyncWaitGroupWait:
      return true;
    case WaitReason::kZero:
    case WaitReason::kIOWait:
    case WaitReason::kPanicWait:
      return false;
  }
  return false;
}

bool allDurablyBlocked() {
  bool all = true;
  ForEachG(
      [](G* gp, void* arg) {
        const GStatus status = readgstatus(gp);
        if (status == kGidle || status == kGdead) return;
        if (status != kGwaiting ||
            !isDurable(gp->waitreason.load(base::kRelaxed))) {
          *static_cast<bool*>(arg) = false;
        }
      },
      &all);
  return all;
}

// 0: there is none.
int64_t firstTimer() {
  int64_t first = 0;
  for (int32_t i = 0; i < sched.gomaxprocs.load(); ++i) {
    const int64_t when = allp(i)->timers.wakeTime();
    if (when != 0 && (first == 0 || when < first)) first = when;
  }
  return first;
}

}  // namespace

Standstill lookForStandstill(const base::Atomic<int32_t>& holders,
                             base::Atomic<int64_t>* skipped) {
  // A hint; a wrong one costs a round.
  if (sched.npidle.load() != sched.gomaxprocs.load()) return {};
  Standstill result;
  stopTheWorld();
  const int64_t when = firstTimer();
  result.still = allDurablyBlocked();
  result.timers = when != 0;
  const int64_t now = base::nanotime();
  if (result.timers && when <= now) result.still = false;  // about to fire
  if (result.still && result.timers && holders.load() == 0) {
    result.skipped = when - now;
    base::SkipTime(result.skipped);
    skipped->fetch_add(result.skipped);
  }
  startTheWorld();
  // Who sleeps in the poller sleeps by the kernel's clock.
  if (result.skipped > 0) wakeNetPoller(0);
  return result;
}

}  // namespace parkour::runtime
