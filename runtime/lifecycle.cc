// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Ending the runtime in a host that goes on.
//
// Dance (drain). Goroutines that end look at sched.draining; Shutdown sets it,
// stops the world once, and then waits for their note.
//   * Whoever ended before the world stood still is counted when Shutdown looks
//     first. Whoever ends later sees draining: the world starts anew after the
//     store.
//   * Counters are one per P. Of those that end then each writes its own, puts
//     a full barrier, and adds up all: the last one in the order of the
//     barriers sees every write, finds 0 and wakes the note.
//   * A sum made while goroutines start and end may be 0 by mistake: its parts
//     are of different moments. Whether none is left is decided with the world
//     stopped; if some are, the wait begins anew.
//   * A goroutine that is started meanwhile counts before it is queued, by one
//     that is still counted itself or by a plain thread, whose go() races with
//     Shutdown by its own choice.

#include "parkour/runtime/lifecycle.h"

#include "absl/strings/str_cat.h"
#include "parkour/base/clock.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/stack_stats.h"

namespace parkour::runtime {
namespace {

base::Note drained;
base::Atomic<bool> drained_once{false};
base::Atomic<bool> shutdown_called{false};

// `deadline`: of nanotime.
bool awaitDrained(int64_t deadline) {
  for (;;) {
    if (NumGoroutine() == 0) return true;
    const int64_t now = base::nanotime();
    if (deadline <= now) return false;
    if (drained.SleepFor(deadline - now)) return true;
  }
}

}  // namespace

void goroutineEnded() {
  base::FenceSeqCst();
  if (NumGoroutine() == 0 && !drained_once.exchange(true)) drained.Wakeup();
}

absl::Status Shutdown(absl::Duration timeout) {
  if (!started()) {
    return absl::FailedPreconditionError("runtime: Shutdown before a start");
  }
  if (sched.is_main_program.load() || sched.ended.load()) {
    return absl::FailedPreconditionError(
        "runtime: Shutdown in a program of parkour::Main's");
  }
  {
    RuntimeScope in;
    if (!getm()->proxy) {
      return absl::FailedPreconditionError(
          "runtime: Shutdown called in a goroutine");
    }
  }
  if (shutdown_called.exchange(true)) {
    return absl::FailedPreconditionError("runtime: Shutdown called again");
  }
  sched.draining.store(true);
  stopTheWorld();
  startTheWorld();
  const int64_t deadline =
      base::DeadlineAfter(base::nanotime(), absl::ToInt64Nanoseconds(timeout));
  for (;;) {
    const bool in_time = awaitDrained(deadline);
    stopTheWorld();
    if (!in_time || NumGoroutine() == 0) break;
    // Nobody is on the way to the note: the world stands still.
    drained.Clear();
    drained_once.store(false);
    startTheWorld();
  }
  const int64_t left = NumGoroutine();
  sched.ended.store(true);
  const int32_t n = sched.gomaxprocs.load();
  for (int32_t i = 0; i < n; ++i) {
    stackgive(&allp(i)->gfree);
    stackgive(&allp(i)->newborns);
  }
  leaveRuntime();
  FreeOSMemory();
  if (left == 0) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("runtime: Shutdown: ", left, " goroutines have not ended"));
}

}  // namespace parkour::runtime
