// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// idle.cc: hurrySysmon, proc.cc: execute, sysmon.cc: Nap and the look at all Ps
// after it (retake.cc). A slice of a known hog that begins while sysmon is on
// its way to sleep is not slept over: sysmon sees it with all that makes it
// one. The timeout of the nap, which would hide a lost hurry, is left out.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

constexpr auto kRelaxed = Order::relaxed;
constexpr uint32_t kSlices = 2;

template <int kPs>
struct HurryModel {
  static constexpr int kThreads = kPs + 1;

  struct P {
    Atomic<uint32_t> schedtick{0};
    Atomic<uint32_t> hogtick{~uint32_t{0}};
    uint32_t seen = 0;  // the last slice that sysmon knew as a hog's
  };

  HurryModel() {
    hurry.Name("sysmonhurry");
    for (P& p : ps) {
      p.schedtick.Name("schedtick");
      p.hogtick.Name("hogtick");
    }
  }

  void Thread(int t) { t == 0 ? Sysmon() : Execute(&ps[t - 1]); }

  // As many slices of hogs as it likes, one after the other.
  void Execute(P* p) {
    for (uint32_t i = 1; i <= kSlices / kPs; ++i) {
      p->schedtick.store(p->schedtick.load(kRelaxed) + 1, kRelaxed);
      HurrySysmon(p);
    }
  }

  void HurrySysmon(P* p) {
    if (Mutant("in a hurry before it is known what for")) {
      hurry.fetch_add(1, Order::release);
      p->hogtick.store(p->schedtick.load(kRelaxed), kRelaxed);
      hurry.FutexWake(1);
      return;
    }
    p->hogtick.store(p->schedtick.load(kRelaxed), kRelaxed);
    hurry.fetch_add(1, Order::release);
    if (!Mutant("sysmon is not woken")) hurry.FutexWake(1);
  }

  void Sysmon() {
    Daemon();
    uint32_t seen_hurry = 0;
    for (;;) {
      if (Mutant("the word is read before the nap only")) {
        seen_hurry = hurry.load(Order::acquire);
        hurry.FutexWait(seen_hurry);
      } else {
        hurry.FutexWait(seen_hurry);
        if (!Mutant("the word is read after the look")) {
          seen_hurry = hurry.load(Order::acquire);
        }
      }
      Look();
      if (Mutant("the word is read after the look")) {
        seen_hurry = hurry.load(Order::acquire);
      }
    }
  }

  // RetakeOne: an earlier slice that is over is nobody's business.
  void Look() {
    for (P& p : ps) {
      const uint32_t tick = p.schedtick.load(kRelaxed);
      if (p.hogtick.load(kRelaxed) == tick) p.seen = tick;
    }
  }

  void Finish() {
    for (const P& p : ps) {
      Require(p.seen == kSlices / kPs, "a hog's slice was slept over");
    }
  }

  P ps[kPs];
  Atomic<uint32_t> hurry{0};
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {};

TEST(HurryModel, NapAndHurry) {
  Options options;
  options.stale_limit = 1;
  CheckModel<HurryModel<1>, HurryModel<2>>(
      {.name = "hurry",
       .options = options,
       .named = {"in a hurry before it is known what for",
                 "sysmon is not woken", "the word is read before the nap only",
                 "the word is read after the look"},
       .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
