// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/proftable.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace parkour::runtime {
namespace {

TEST(ProfTable, EqualStacksAreOne) {
  static ProfTable table;
  const uintptr_t a[] = {1, 2, 3};
  const uintptr_t b[] = {1, 2, 4};
  table.Add(a, 3, 1, 10);
  table.Add(b, 3, 1, 20);
  table.Add(a, 2, 1, 30);
  table.Add(a, 3, 2, 40);
  table.Add(a, 0, 1, 50);
  const std::vector<WaitRecord> all = table.Read();
  ASSERT_EQ(all.size(), 4u);
  for (const WaitRecord& r : all) {
    EXPECT_FALSE(r.lost);
    if (r.pcs == std::vector<uintptr_t>{1, 2, 3}) {
      EXPECT_EQ(r.count, 3);
      EXPECT_EQ(r.ns, 50);
    } else {
      EXPECT_EQ(r.count, 1);
    }
  }
}

// What finds no room is counted all the same, as lost; what has a place keeps
// it.
TEST(ProfTable, IsBounded) {
  static ProfTable table;
  constexpr uintptr_t kStacks = 10000;
  for (int round = 0; round < 2; ++round) {
    for (uintptr_t i = 1; i <= kStacks; ++i) {
      const uintptr_t pcs[] = {i, i + 1};
      table.Add(pcs, 2, 1, 1);
    }
  }
  double count = 0;
  double lost = 0;
  const std::vector<WaitRecord> all = table.Read();
  for (const WaitRecord& r : all) {
    count += r.count;
    if (r.lost) {
      lost += r.count;
    } else {
      EXPECT_EQ(r.count, 2);
    }
  }
  EXPECT_EQ(count, 2 * kStacks);
  EXPECT_GT(lost, 0);
  EXPECT_EQ(lost, 2.0 * static_cast<double>(kStacks - (all.size() - 1)));
}

// Deep stacks fill the room for addresses first.
TEST(ProfTable, IsBoundedByDepthToo) {
  static ProfTable table;
  uintptr_t pcs[kMaxProfileStack] = {};
  for (uintptr_t i = 1; i <= 4000; ++i) {
    pcs[0] = i;
    table.Add(pcs, kMaxProfileStack, 1, 1);
  }
  double count = 0;
  for (const WaitRecord& r : table.Read()) count += r.count;
  EXPECT_EQ(count, 4000);
}

TEST(ProfTable, FromSeveralThreads) {
  static ProfTable table;
  constexpr int kRounds = 2000;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (uintptr_t i = 0; i < kRounds; ++i) {
        const uintptr_t pcs[] = {i % 100 + 1};
        table.Add(pcs, 1, 1, 1);
        if (i % 500 == 0) {
          EXPECT_LE(table.Read().size(), 100u);
        }
      }
    });
  }
  for (std::thread& t : threads) t.join();
  double count = 0;
  for (const WaitRecord& r : table.Read()) count += r.count;
  EXPECT_EQ(count, 4 * kRounds);
}

}  // namespace
}  // namespace parkour::runtime
