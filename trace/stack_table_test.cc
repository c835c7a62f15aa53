// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/trace/stack_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace parkour::trace {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<uintptr_t> Pcs(uint32_t id) {
  const auto stack = StackOf(id);
  return {stack.begin(), stack.end()};
}

TEST(StackTable, SameStackSameNumber) {
  const uintptr_t a[] = {1, 2, 3};
  const uintptr_t b[] = {1, 2, 4};
  const uint32_t id = InternStack(a, 3);
  EXPECT_NE(id, 0u);
  EXPECT_EQ(InternStack(a, 3), id);
  EXPECT_NE(InternStack(b, 3), id);
  EXPECT_NE(InternStack(a, 2), id);
  EXPECT_THAT(Pcs(id), ElementsAre(1, 2, 3));
}

TEST(StackTable, TheEmptyOne) {
  EXPECT_EQ(InternStack(nullptr, 0), 0u);
  EXPECT_THAT(Pcs(0), IsEmpty());
  EXPECT_THAT(Pcs(~0u), IsEmpty());
}

// Threads that intern the same stacks at once agree on their numbers.
TEST(StackTable, StressTheSameNumberForAll) {
  constexpr int kThreads = 4;
  constexpr uintptr_t kStacks = 2000;
  std::vector<std::vector<uint32_t>> ids(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&ids, t] {
      for (uintptr_t i = 0; i < kStacks; ++i) {
        const uintptr_t pcs[] = {0x1000 + i, 0x77, i};
        ids[static_cast<size_t>(t)].push_back(InternStack(pcs, 3));
      }
    });
  }
  for (std::thread& t : threads) t.join();
  for (int t = 1; t < kThreads; ++t) {
    EXPECT_EQ(ids[static_cast<size_t>(t)], ids[0]);
  }
  for (uintptr_t i = 0; i < kStacks; ++i) {
    ASSERT_THAT(Pcs(ids[0][i]), ElementsAre(0x1000 + i, 0x77, i));
  }
}

// Keep last: the table stays full.
TEST(StackTable, FullIsNoStack) {
  bool full = false;
  for (uintptr_t i = 0; i < 100000 && !full; ++i) {
    const uintptr_t pcs[] = {i, 5, 5, 5};
    const uint32_t id = InternStack(pcs, 4);
    full = id == 0;
    if (!full) {
      ASSERT_EQ(StackOf(id)[0], i);
    }
  }
  EXPECT_TRUE(full);
}

}  // namespace
}  // namespace parkour::trace
