// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The scavenger's pace, on a clock of the test's own. It works on the stacks of
// this process, whose sysmon does not run: the room is alone here.

#include "parkour/sysmon/scavenger.h"

#include <gtest/gtest.h>

#include <vector>

#include "parkour/runtime/stack.h"
#include "parkour/runtime/stack_stats.h"
#include "parkour/runtime/test_util.h"

namespace parkour::sysmon {
namespace {

using runtime::testing::Scaled;

constexpr int64_t kMs = 1000000;
constexpr int64_t kSecond = 1000 * kMs;
constexpr int64_t kBegin = 100 * kSecond;

int64_t ColdStacks() { return runtime::ReadStackStats().cold; }

void FreeStacks(int n) {
  std::vector<runtime::G*> gs;
  for (int i = 0; i < n; ++i) gs.push_back(*runtime::stackalloc(0));
  for (runtime::G* gp : gs) runtime::stackfree(gp);
}

// Runs rounds until none is due before `end`; returns the last time.
int64_t RunUntil(Scavenger* scavenger, int64_t now, int64_t end,
                 uint64_t activity, bool idle) {
  while (scavenger->Due() != 0 && scavenger->Due() <= end) {
    now = std::max(now, scavenger->Due());
    scavenger->Step(now, activity, idle);
  }
  return now;
}

TEST(Scavenger, GivesBackAfterTwoQuietPeriods) {
  Scavenger scavenger;
  scavenger.Step(kBegin, 1, true);
  EXPECT_EQ(scavenger.Due(), kBegin + 5 * kSecond);
  FreeStacks(300);
  const int64_t before = ColdStacks();
  RunUntil(&scavenger, kBegin, kBegin + 9 * kSecond, 1, true);
  EXPECT_EQ(ColdStacks(), before) << "they have only cooled";
  RunUntil(&scavenger, kBegin, kBegin + 14 * kSecond, 1, true);
  EXPECT_EQ(ColdStacks(), before + 300);
}

TEST(Scavenger, ComesToRestAndBegins) {
  Scavenger scavenger;
  scavenger.Step(kBegin, 1, true);
  int64_t now = RunUntil(&scavenger, kBegin, kBegin + 1000 * kSecond, 1, true);
  EXPECT_EQ(scavenger.Due(), 0);
  EXPECT_LE(now, kBegin + 30 * kSecond) << "three quiet rounds are enough";
  scavenger.Step(now + kSecond, 1, true);
  EXPECT_EQ(scavenger.Due(), 0);

  now += 1000 * kSecond;
  scavenger.Step(now, 2, false);
  EXPECT_EQ(scavenger.Due(), now + 5 * kSecond) << "not at once";
  // As long as something runs there is a next round.
  for (uint64_t activity = 3; activity < 20; ++activity) {
    now = scavenger.Due();
    scavenger.Step(now, activity, false);
    ASSERT_NE(scavenger.Due(), 0);
  }
}

TEST(Scavenger, NothingBeforeItIsDue) {
  Scavenger scavenger;
  scavenger.Step(kBegin, 1, true);
  const uint64_t turns = runtime::ReadScavengeCounts().turns;
  for (int64_t now = kBegin; now < scavenger.Due(); now += 10 * kMs) {
    scavenger.Step(now, 1, true);
  }
  EXPECT_EQ(runtime::ReadScavengeCounts().turns, turns);
  scavenger.Step(scavenger.Due(), 1, true);
  EXPECT_EQ(runtime::ReadScavengeCounts().turns, turns + 1);
}

// One part in a hundred while others work, one in ten while nobody does.
TEST(Scavenger, RestsAfterWork) {
  for (const bool idle : {false, true}) {
    // AddressSanitizer looks for leaks in all of them at the end.
    FreeStacks(Scaled(5000));
    runtime::FreeOSMemory();
    FreeStacks(Scaled(5000));
    Scavenger scavenger;
    scavenger.Step(0 + kBegin, 1, idle);
    int64_t now = kBegin;
    for (int stretches = 0; stretches < 200 && scavenger.Due() != 0;
         ++stretches) {
      now = std::max(now, scavenger.Due());
      const int64_t before = runtime::ReadScavengeCounts().busy_ns;
      scavenger.Step(now, 1, idle);
      const int64_t work = runtime::ReadScavengeCounts().busy_ns - before;
      if (scavenger.Due() == 0) break;
      // The work itself was done by the real clock, from `now` on.
      EXPECT_GE(scavenger.Due() - now, work * (idle ? 10 : 100));
    }
  }
}

TEST(Scavenger, LetsFreeOSMemoryGoFirst) {
  Scavenger scavenger;
  scavenger.Step(kBegin, 1, true);
  const int64_t due = scavenger.Due();
  runtime::scavenge_mu.Lock();
  const uint64_t turns = runtime::ReadScavengeCounts().turns;
  scavenger.Step(due, 1, true);
  EXPECT_EQ(runtime::ReadScavengeCounts().turns, turns);
  EXPECT_GT(scavenger.Due(), due);
  runtime::scavenge_mu.Unlock();
  scavenger.Step(scavenger.Due(), 1, true);
  EXPECT_EQ(runtime::ReadScavengeCounts().turns, turns + 1);
}

}  // namespace
}  // namespace parkour::sysmon
