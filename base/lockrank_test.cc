// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/lockrank.h"

#include <string>

#include "gtest/gtest.h"
#include "parkour/base/lock.h"

namespace parkour::base {
namespace {

#ifdef NDEBUG

TEST(LockRank, CostsNothingInOptimisedBuilds) {
  // The wrong order passes unseen: the checker is compiled out.
  Mutex low(LockRank::kStart);
  Mutex high(LockRank::kLeaf);
  MutexLock first(&high);
  MutexLock second(&low);
  EXPECT_FALSE(high.TryLock());
  EXPECT_FALSE(low.TryLock());
}

#else

class LockRankDeathTest : public ::testing::Test {
 protected:
  LockRankDeathTest() {
    ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  }
};

const auto kExit = ::testing::ExitedWithCode(2);

std::string Problem(LockRank taken, LockRank held) {
  return "lock ordering problem: rank " +
         std::to_string(static_cast<int>(taken)) + " taken while holding " +
         std::to_string(static_cast<int>(held)) + "\n";
}

TEST_F(LockRankDeathTest, AscendingIsAllowed) {
  Mutex sema(LockRank::kSema);
  Mutex sched(LockRank::kSched);
  Mutex leaf(LockRank::kLeaf);
  MutexLock a(&sema);
  MutexLock b(&sched);
  MutexLock c(&leaf);
  EXPECT_FALSE(leaf.TryLock());
}

TEST_F(LockRankDeathTest, DescendingIsFatal) {
  Mutex sema(LockRank::kSema);
  Mutex sched(LockRank::kSched);
  EXPECT_EXIT(
      {
        MutexLock a(&sched);
        MutexLock b(&sema);
      },
      kExit, Problem(LockRank::kSema, LockRank::kSched));
}

TEST_F(LockRankDeathTest, EqualIsFatal) {
  Mutex one(LockRank::kSema);
  Mutex two(LockRank::kSema);
  EXPECT_EXIT(
      {
        MutexLock a(&one);
        MutexLock b(&two);
      },
      kExit, Problem(LockRank::kSema, LockRank::kSema));
}

TEST_F(LockRankDeathTest, ChannelsByAddress) {
  Mutex locks[2] = {Mutex(LockRank::kHchan), Mutex(LockRank::kHchan)};
  Mutex* const low = &locks[0];
  Mutex* const high = &locks[1];
  {
    MutexLock a(low);
    MutexLock b(high);
    EXPECT_FALSE(high->TryLock());
  }
  EXPECT_EXIT(
      {
        MutexLock a(high);
        MutexLock b(low);
      },
      kExit, Problem(LockRank::kHchan, LockRank::kHchan));
}

TEST_F(LockRankDeathTest, ReleasedOutOfOrder) {
  Mutex sema(LockRank::kSema);
  Mutex sched(LockRank::kSched);
  sema.Lock();
  sched.Lock();
  sema.Unlock();
  sched.Unlock();
  // Nothing is held any more.
  MutexLock a(&sema);
  EXPECT_FALSE(sema.TryLock());
}

TEST_F(LockRankDeathTest, TryLockIsCheckedToo) {
  Mutex sema(LockRank::kSema);
  Mutex sched(LockRank::kSched);
  EXPECT_EXIT(
      {
        MutexLock a(&sched);
        if (sema.TryLock()) sema.Unlock();
      },
      kExit, "lock ordering problem");
}

#endif  // NDEBUG

}  // namespace
}  // namespace parkour::base
