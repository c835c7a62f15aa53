// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Parking and waking: gopark, parkHook, goready (switch.cc), casgstatus (g.h),
// readyToRun (queue.cc), execute (proc.cc). A goroutine parks under a lock on
// one M; two wakers look for it; another M runs it on. It must be complete when
// it is found, be woken once, and run on one M at a time.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

enum : uint32_t { kGrunnable = 1, kGrunning = 2, kGwaiting = 4 };

struct ParkModel {
  static constexpr int kThreads = 4;
  ParkModel() {
    status.Name("g.status");
    queue.Name("run queue");
  }

  void Thread(int t) {
    if (t == 0) {
      GoparkUnlock();
    } else if (t == 3) {
      Execute();
    } else {
      Waker();
    }
  }

  void CasGStatus(uint32_t from, uint32_t to) {
    uint32_t expected = from;
    Require(status.compare_exchange_strong(expected, to, Order::acq_rel,
                                           Order::relaxed),
            "casgstatus: the goroutine is in another status");
  }

  // gopark: the registers first, then parkHook on the stack that goes on.
  void GoparkUnlock() {
    lock.Acquire();
    waiting.Set(true);
    const bool early = Mutant("published before it is complete");
    if (early) lock.Release();
    registers.Set(1);
    if (Mutant("published before it is waiting")) {
      lock.Release();
      CasGStatus(kGrunning, kGwaiting);
      return;
    }
    CasGStatus(kGrunning, kGwaiting);
    if (!early) lock.Release();  // unlockf
  }

  void Waker() {
    lock.Acquire();
    const bool found = waiting.Get();
    if (!Mutant("the waiter stays in the queue")) waiting.Set(false);
    lock.Release();
    if (found) {
      Goready();
      return;
    }
    // Nobody yet: whoever comes last wakes it.
    lock.Acquire();
    const bool late = ++wakers_done == 2 && waiting.Get();
    if (late) waiting.Set(false);
    lock.Release();
    if (late) Goready();
  }
  void Goready() {
    CasGStatus(kGwaiting, kGrunnable);
    queue.Put(1);  // runqput; see runq_model_test.cc
  }
  void Execute() {
    Daemon();
    queue.AwaitNot(0);
    CasGStatus(kGrunnable, kGrunning);
    Require(registers.Get() == 1, "run without its registers");
    registers.Set(2);
  }
  void Finish() {}

  Lock lock;
  Shared<bool> waiting{false, "the wait queue"};
  Shared<int> registers{0, "the saved registers"};
  Atomic<uint32_t> status{kGrunning};
  Atomic<int> queue{0};
  int wakers_done = 0;  // guarded by lock
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"CasGStatus cas acq_rel -> acquire", kLocked},
    {"CasGStatus cas acq_rel -> release", kLocked},
    {"CasGStatus cas torn", kOwner},
};

TEST(ParkModel, ParkAndReady) {
  CheckModel<ParkModel>({.name = "park",
                         .named = {"published before it is complete",
                                   "published before it is waiting",
                                   "the waiter stays in the queue"},
                         .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
