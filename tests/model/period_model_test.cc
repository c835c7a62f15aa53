// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The dance (period) of trace/recorder.h: recorder.cc: Pause, Resume and
// Collection; recorder.h: On. Two threads make events in turn, each of which
// follows from the one before, while a third ends one window and begins the
// next. Of each window a reader sees a stretch of the events with none missing.
//
// The time-stamp counter is an atomic that is read by adding to it: who reads
// it later gets more, and has seen whatever became visible before, as on x86.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

struct PeriodModel {
  static constexpr int kThreads = 3;
  static constexpr int kEvents = 4;

  PeriodModel() {
    recording.Name("recording");
    clock.Name("clock");
  }

  int Ticks() { return clock.fetch_add(1, Order::acq_rel); }

  void Thread(int t) { t == 0 ? Sysmon() : Work(t - 1); }

  // Events 0 and 1 of one thread, 2 and 3 of the other, after them.
  void Work(int who) {
    if (who == 1) handed_over.Wait();
    for (int i = 2 * who; i < 2 * who + 2; ++i) {
      if (recording.load(Order::relaxed)) ticks[i] = Ticks();
    }
    if (who == 0) handed_over.Set();
  }

  void Sysmon() {
    recording.store(false, Order::relaxed);
    end = Ticks();
    if (Mutant("a window begins before all see it")) {
      begin = Ticks();
      recording.exchange(true, Order::seq_cst);
    } else {
      recording.exchange(true, Order::seq_cst);
      begin = Ticks();
    }
  }

  // The first window: what is there has all that led to it. The second: after
  // what is there nothing is missing.
  void Finish() {
    for (int i = 1; i < kEvents; ++i) {
      const bool here = ticks[i] >= 0, before = ticks[i - 1] >= 0;
      if (here && ticks[i] < end) {
        Require(before && ticks[i - 1] < end, "missing in the first window");
      }
      if (before && ticks[i - 1] > begin) {
        Require(here && ticks[i] > begin, "missing in the second window");
      }
    }
  }

  Atomic<bool> recording{true};
  Atomic<int> clock{0};
  Event handed_over;
  int end = -1, begin = -1;               // the third thread's, then Finish's
  int ticks[kEvents] = {-1, -1, -1, -1};  // each its maker's, then Finish's
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"Sysmon store left out",
     "a window ends by its time; what is recorded after it is cut off"},
    {"Sysmon rmw seq_cst -> acq_rel", kOneWord},
    {"Sysmon rmw torn", kOwner},
};

TEST(PeriodModel, AWindowEndsAndAnotherBegins) {
  CheckModel<PeriodModel>({.name = "period",
                           .named = {"a window begins before all see it"},
                           .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
