// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/rand.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/sched.h"
#include "parkour/runtime/sleep.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::runtime {
namespace {

using testing::kMs;
using testing::RunInGoroutine;
using testing::Scaled;

TEST(GOMAXPROCS, ReturnsTheOldValue) {
  const int start = GOMAXPROCS(0);
  EXPECT_GE(start, 1);
  EXPECT_EQ(GOMAXPROCS(3), start);
  EXPECT_EQ(GOMAXPROCS(0), 3);
  EXPECT_EQ(GOMAXPROCS(-5), 3);
  RunInGoroutine([] { EXPECT_EQ(GOMAXPROCS(5), 3); });
  EXPECT_EQ(GOMAXPROCS(start), 5);
}

TEST(GOMAXPROCS, IsCutToTheMaximum) {
  const int start = GOMAXPROCS(1 << 30);
  EXPECT_EQ(GOMAXPROCS(0), kMaxProcs);
  RunInGoroutine([] {});
  EXPECT_EQ(GOMAXPROCS(start), kMaxProcs);
}

// The goroutine that shrinks runs on a P that goes away.
TEST(GOMAXPROCS, ShrinkFromAnyP) {
  const testing::ProcsScope procs(8);
  sync::WaitGroup wg;
  for (int i = 0; i < 64; ++i) {
    wg.Go([i] {
      GOMAXPROCS(1 + i % 8);
      Gosched();
    });
  }
  wg.Wait();
}

TEST(GOMAXPROCS, RunnableGoroutinesSurvive) {
  const testing::ProcsScope procs(8);
  const int64_t before = NumGoroutine();
  for (int round = 0; round < Scaled(100); ++round) {
    base::Atomic<int> ran{0};
    RunInGoroutine([&] {
      for (int i = 0; i < 600; ++i) go([&ran] { ran.fetch_add(1); });
      GOMAXPROCS(1 + round % 3);
      for (int i = 0; i < 600; ++i) go([&ran] { ran.fetch_add(1); });
      GOMAXPROCS(8);
    });
    ASSERT_TRUE(testing::Eventually([&] { return ran.load() == 1200; }));
  }
  EXPECT_TRUE(testing::GoroutinesBackTo(before));
}

// Sleepers whose Ps are gone wake all the same, and not early.
TEST(GOMAXPROCS, TimersSurvive) {
  const testing::ProcsScope procs(8);
  base::Atomic<int> early{0};
  for (int round = 0; round < 5; ++round) {
    sync::WaitGroup wg;
    for (int i = 0; i < 200; ++i) {
      wg.Go([&early, i] {
        const int64_t d = 5 * kMs + i * kMs / 20;
        const int64_t start = base::nanotime();
        timeSleep(d);
        if (base::nanotime() - start < d) early.fetch_add(1);
      });
      if (i % 20 == 0) Gosched();
    }
    GOMAXPROCS(1);
    if (round % 2 == 1) GOMAXPROCS(8);
    wg.Wait();
    GOMAXPROCS(8);
  }
  EXPECT_EQ(early.load(), 0);
}

// Everybody changes it at once, while others talk, lock and sleep.
TEST(GomaxprocsStress, ChangesUnderLoad) {
  const testing::ProcsScope procs(4);
  const int64_t before = NumGoroutine();
  base::Atomic<bool> done{false};
  std::vector<std::thread> threads;
  sync::WaitGroup resizers;
  const auto resize = [&done](int seed, int64_t pause) {
    base::Rand rand(seed);
    while (!done.load()) {
      GOMAXPROCS(1 + static_cast<int>(rand.Below(8)));
      timeSleep(rand.Below(static_cast<uint32_t>(pause)));
    }
  };
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] { resize(i + 1, kMs); });
    resizers.Go([&, i] { resize(i + 10, kMs); });
  }
  sync::WaitGroup wg;
  Chan<int> ch = MakeChan<int>(4);
  sync::Mutex mu;
  int64_t locked = 0;  // guarded by mu
  base::Atomic<int64_t> sum{0};
  constexpr int kWorkers = 8;
  const int rounds = Scaled(2000);
  for (int i = 0; i < kWorkers; ++i) {
    wg.Go([=] {
      for (int j = 0; j < rounds; ++j) ch.Send(j);
    });
    wg.Go([=, &sum, &mu, &locked] {
      for (int j = 0; j < rounds; ++j) {
        sum.fetch_add(*ch.Recv());
        mu.Lock();
        ++locked;
        mu.Unlock();
        if (j % 128 == 0) timeSleep(1000);
      }
    });
  }
  wg.Wait();
  done.store(true);
  resizers.Wait();
  for (auto& t : threads) t.join();
  EXPECT_EQ(sum.load(), int64_t{kWorkers} * rounds * (rounds - 1) / 2);
  EXPECT_EQ(locked, int64_t{kWorkers} * rounds);
  EXPECT_TRUE(testing::GoroutinesBackTo(before));
}

}  // namespace
}  // namespace parkour::runtime
