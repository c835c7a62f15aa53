// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The scavenger and a waker at a parked goroutine's status: trim, endScan and
// wakegHeld (scavenge.cc), wakeg (g.h). No page of a running goroutine is
// released, no wake-up is lost, and the goroutine is queued once.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

enum : uint32_t { kGrunnable = 1, kGrunning = 2, kGwaiting = 4, kGscan = 16 };

struct ScanModel {
  static constexpr int kThreads = 4;
  ScanModel() {
    status.Name("g.status");
    queue.Name("run queue");
  }

  void Thread(int t) {
    if (t == 0) Trim();
    if (t == 1) Wake();
    if (t == 2) Execute();
    if (t == 3) Park();
  }

  // parkHook: saved, then waiting, then published to the waker.
  void Park() {
    below_sp.Set(2);
    sp.Set(1);
    status.store(kGwaiting, Order::release);
    published.store(1, Order::release);
  }

  void Trim() {
    for (int i = 0; i < 2; ++i) {
      uint32_t expected = kGwaiting;
      if (Mutant("a look instead of a swap")) {
        if (status.load(Order::acquire) != kGwaiting) continue;
        status.store(kGwaiting | kGscan, Order::release);
      } else if (!status.compare_exchange_strong(expected, kGwaiting | kGscan,
                                                 Order::acq_rel,
                                                 Order::relaxed)) {
        continue;
      }
      Require(sp.Get() == 1, "its stack pointer is not the saved one");
      below_sp.Set(0);  // MADV_DONTNEED
      EndScan();
    }
  }

  void EndScan() {
    uint32_t expected = kGwaiting | kGscan;
    if (Mutant("the wake-up is not looked for")) {
      status.store(kGwaiting, Order::release);
      return;
    }
    if (status.compare_exchange_strong(expected, kGwaiting, Order::acq_rel,
                                       Order::acquire)) {
      return;
    }
    Require(expected == (kGrunnable | kGscan), "a scan ended in another state");
    status.store(kGwaiting, Order::relaxed);
    // injectglist
    uint32_t waiting = kGwaiting;
    Require(status.compare_exchange_strong(waiting, kGrunnable, Order::acq_rel,
                                           Order::relaxed),
            "two wakers");
    queue.Put(1);
  }

  void Wake() {
    published.AwaitNot(0);
    param.Set(7);  // what the waker leaves for the sleeper
    uint32_t expected = kGwaiting;
    if (status.compare_exchange_strong(expected, kGrunnable, Order::acq_rel,
                                       Order::relaxed)) {
      queue.Put(1);
      return;
    }
    WakeHeld();
  }

  void WakeHeld() {
    for (;;) {
      uint32_t held = kGwaiting | kGscan;
      if (status.compare_exchange_strong(held, kGrunnable | kGscan,
                                         Order::acq_rel, Order::relaxed)) {
        if (Mutant("both queue it")) queue.Put(1);
        return;
      }
      Require(held == kGwaiting, "woken in another status");
      if (status.compare_exchange_strong(held, kGrunnable, Order::acq_rel,
                                         Order::relaxed)) {
        queue.Put(1);
        return;
      }
    }
  }

  void Execute() {
    queue.AwaitNot(0);
    // setgstatus
    Require(status.load(Order::relaxed) == kGrunnable,
            "run while somebody has it in hand");
    status.store(kGrunning, Order::release);
    Require(param.Get() == 7, "woken without what the waker left");
    below_sp.Set(1);  // it runs
    ++runs;
  }

  void Finish() { Require(runs == 1, "the wake-up is lost"); }

  Shared<int> below_sp{0, "the pages below sp"};
  Shared<int> sp{0, "g.sched.sp"};
  Shared<int> param{0, "g.param"};
  Atomic<uint32_t> status{kGrunning};
  Atomic<int> published{0};
  Atomic<int> queue{0};
  int runs = 0;
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"EndScan cas#1 acq_rel -> release", kOwner},
    {"EndScan cas#2 acq_rel -> acquire", kLocked},
    {"EndScan cas#2 acq_rel -> release", kLocked},
    {"EndScan cas#2 torn", kOwner},
    {"Execute store left out", kOwner},
    {"Execute store release -> relaxed", kLocked},
    {"Trim cas acq_rel -> acquire", kLocked},
    {"Wake cas acq_rel -> acquire", kLocked},
    {"WakeHeld cas#1 acq_rel -> release", kOneWord},
    {"WakeHeld cas#2 acq_rel -> acquire", kLocked},
};

TEST(ScanModel, TrimAndWake) {
  CheckModel<ScanModel>(
      {.name = "scan",
       .named = {"a look instead of a swap", "the wake-up is not looked for",
                 "both queue it"},
       .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
