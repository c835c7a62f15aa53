// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/chan/hchan_pool.h"

#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::internal {
namespace {

using runtime::testing::ProcsScope;
using runtime::testing::Scaled;

TEST(HchanPool, EachIsGivenToOne) {
  constexpr int kMany = 2000;
  std::set<void*> out;
  for (int i = 0; i < kMany; ++i) {
    void* const p = AllocateHchan();
    EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 64, 0u);
    std::memset(p, 0xff, kHchanBytes);
    EXPECT_TRUE(out.insert(p).second);
  }
  for (void* p : out) FreeHchan(p);
}

TEST(HchanPool, WhatOneFreesAnotherGets) {
  if (!kStableChannels) GTEST_SKIP() << "from the heap";
  constexpr int kRounds = 50, kEach = 1000;
  std::set<void*> seen;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<void*> made(kEach);
    for (void*& p : made) seen.insert(p = AllocateHchan());
    std::thread([&made] {
      for (void* p : made) FreeHchan(p);
    }).join();
  }
  // A few hundred may wait in the caches of threads.
  EXPECT_LT(seen.size(), size_t{4 * kEach});
}

// The receiver takes the value, drops the last handle, and the memory becomes
// another channel, which is used at once, while the sender still leaves.
TEST(HchanPool, AnotherChannelInItsPlace) {
  ProcsScope procs(4);
  sync::WaitGroup wg;
  base::Atomic<int64_t> sum{0};
  for (int w = 0; w < 4; ++w) {
    wg.Go([&sum, each = Scaled(20000)] {
      for (int i = 0; i < each; ++i) {
        Chan<int> ch = MakeChan<int>(1 + i % 2);
        go([&sum, ch]() mutable {
          Chan<int> mine = std::move(ch);
          sum.fetch_add(*mine.Recv());
          if (std::optional<int> v = mine.Recv()) sum.fetch_add(*v);
        });
        ch.Send(1);
        ch.Send(1);
      }
    });
  }
  wg.Wait();
  EXPECT_TRUE(runtime::testing::Eventually(
      [&] { return sum.load() == int64_t{4} * Scaled(20000) * 2; }));
}

}  // namespace
}  // namespace parkour::internal
