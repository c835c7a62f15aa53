// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The memory of PollDescs comes and goes, on turns of the test's own: no
// sysmon runs here.

#include "parkour/poll/pd_pool.h"

#include <algorithm>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/sys.h"

namespace parkour::poll {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kAll = 1 << 20;

bool HasMemory(const PollDesc* pd) {
  unsigned char present = 0;
  const uintptr_t page = reinterpret_cast<uintptr_t>(pd) & -kPage;
  EXPECT_EQ(base::sys::Resident(reinterpret_cast<void*>(page), kPage, &present),
            0);
  return present & 1;
}

class PdPoolTest : public ::testing::Test {
 protected:
  // Nothing idle is left over from the test before.
  void SetUp() override {
    NextTurn();
    NextTurn();
    ASSERT_EQ(ReadPdCounts().idle_pages, 0);
  }
  void TearDown() override { Give(); }

  size_t NextTurn() { return pdScavenge(++turn_, kAll); }

  void Take(size_t n) {
    for (size_t i = 0; i < n; ++i) taken_.push_back(pdTake());
  }
  void Give() {
    for (PollDesc* pd : taken_) pdGive(pd);
    taken_.clear();
  }

  static uint64_t turn_;
  std::vector<PollDesc*> taken_;
};

uint64_t PdPoolTest::turn_ = 0;

TEST_F(PdPoolTest, EachIsGivenOutOnce) {
  Take(2000);
  std::vector<PollDesc*> sorted = taken_;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(std::unique(sorted.begin(), sorted.end()), sorted.end());
  for (PollDesc* pd : taken_) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(pd) % sizeof(PollDesc), 0u);
    EXPECT_GE(pd->tag().load(), 1u);
    pd->fd = 7;
  }
  for (PollDesc* pd : taken_) EXPECT_EQ(pd->fd, 7);
}

TEST_F(PdPoolTest, GoesBackAfterAWholeTurn) {
  Take(1600);
  const std::vector<PollDesc*> all = taken_;
  const int64_t cold = ReadPdCounts().cold_pages;
  Give();
  EXPECT_EQ(ReadPdCounts().idle_pages, 100);
  EXPECT_EQ(NextTurn(), 0u) << "they have only just come back";
  for (const PollDesc* pd : all) EXPECT_TRUE(HasMemory(pd));
  EXPECT_EQ(NextTurn(), 100 * kPage);
  for (const PollDesc* pd : all) EXPECT_FALSE(HasMemory(pd));
  EXPECT_EQ(ReadPdCounts().cold_pages, cold + 100);
  EXPECT_EQ(NextTurn(), 0u);
}

TEST_F(PdPoolTest, NoMoreThanAskedFor) {
  Take(160);
  Give();
  NextTurn();
  ++turn_;
  EXPECT_EQ(pdScavenge(turn_, 3), 3 * kPage);
  EXPECT_EQ(pdScavenge(turn_, 100), 7 * kPage);
  EXPECT_EQ(pdScavenge(turn_, 100), 0u);
}

TEST_F(PdPoolTest, OneInUseKeepsItsPage) {
  Take(16 * 4);
  PollDesc* const kept = taken_[17];
  kept->fd = 42;
  taken_.erase(taken_.begin() + 17);
  Give();
  NextTurn();
  EXPECT_EQ(NextTurn(), 3 * kPage);
  EXPECT_TRUE(HasMemory(kept));
  EXPECT_EQ(kept->fd, 42);
  pdGive(kept);
}

TEST_F(PdPoolTest, WhatIsUsedNowAndThenStays) {
  Take(16);
  for (int i = 0; i < 10; ++i) {
    Give();
    EXPECT_EQ(NextTurn(), 0u);
    Take(16);
  }
}

// Whoever comes late finds that, and the page does not come back for it.
TEST_F(PdPoolTest, TheTagOutlivesTheMemory) {
  Take(16);
  const std::vector<PollDesc*> all = taken_;
  uint32_t tag = 100;
  for (PollDesc* pd : all) pd->tag().store(++tag);
  Give();
  NextTurn();
  EXPECT_EQ(NextTurn(), kPage);
  tag = 100;
  for (PollDesc* pd : all) EXPECT_EQ(pd->tag().load(), ++tag);
  for (PollDesc* pd : all) EXPECT_FALSE(HasMemory(pd));
  // And the next owner begins with it.
  Take(16);
  for (PollDesc* pd : taken_) {
    EXPECT_GT(pd->tag().load(), 100u);
    EXPECT_EQ(pd->fd, -1) << "made anew";
  }
}

TEST_F(PdPoolTest, WaitsForPollers) {
  Take(32);
  const std::vector<PollDesc*> all = taken_;
  Give();
  NextTurn();
  {
    PdDelivery delivery;
    EXPECT_EQ(NextTurn(), 0u);
    EXPECT_EQ(NextTurn(), 0u);
    EXPECT_EQ(ReadPdCounts().idle_pages, 2);
    for (const PollDesc* pd : all) EXPECT_TRUE(HasMemory(pd));
  }
  NextTurn();
  NextTurn();
  for (const PollDesc* pd : all) EXPECT_FALSE(HasMemory(pd));
}

}  // namespace
}  // namespace parkour::poll
