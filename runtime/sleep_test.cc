// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/sleep.h"

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/rand.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::runtime {
namespace {

using testing::kMs;
using testing::kSecond;
using testing::Scaled;

TEST(Sleep, NotPositiveReturnsAtOnce) {
  testing::RunInGoroutine([] {
    timeSleep(0);
    timeSleep(-1);
    timeSleep(INT64_MIN);
  });
}

TEST(Sleep, NeverEarly) {
  sync::WaitGroup wg;
  base::Atomic<int> early{0};
  for (int i = 0; i < Scaled(4000); ++i) {
    wg.Go([&early, i] {
      base::Rand rand(i + 1);
      for (int j = 0; j < 5; ++j) {
        const int64_t d = 1 + rand.Below(5 * kMs);
        const int64_t start = base::nanotime();
        timeSleep(d);
        if (base::nanotime() - start < d) early.fetch_add(1);
      }
    });
  }
  wg.Wait();
  EXPECT_EQ(early.load(), 0);
}

TEST(Sleep, PlainThreads) {
  std::vector<std::thread> threads;
  base::Atomic<int> early{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&early, i] {
      base::Rand rand(i + 1);
      for (int j = 0; j < 20; ++j) {
        const int64_t d = 1 + rand.Below(2 * kMs);
        const int64_t start = base::nanotime();
        timeSleep(d);
        if (base::nanotime() - start < d) early.fetch_add(1);
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(early.load(), 0);
}

// An idle runtime, one sleeper: the only thing that can wake it is the poll's
// timeout. Started while the poller sleeps for longer already.
TEST(Sleep, ShorterOneBreaksALongPoll) {
  base::Atomic<bool> long_done{false};
  go([&long_done] {
    timeSleep(3600 * kSecond);
    long_done.store(true);
  });
  for (int i = 0; i < 50; ++i) {
    const int64_t start = base::nanotime();
    testing::RunInGoroutine([] { timeSleep(kMs); });
    ASSERT_LT(base::nanotime() - start, 10 * kSecond);
    timeSleep(kMs);  // from this plain thread, with all Ps idle
  }
  EXPECT_FALSE(long_done.load());
}

TEST(Sleep, InfinityDoesNotWrap) {
  base::Atomic<bool> woke{false};
  go([&woke] {
    timeSleep(INT64_MAX);
    woke.store(true);
  });
  testing::RunInGoroutine([] { timeSleep(5 * kMs); });
  EXPECT_FALSE(woke.load());
}

// Thousands at once, each awake once its time has come, in the order of their
// times as far as clocks can tell: nobody wakes a second after a later one.
TEST(Sleep, ThousandsInOrder) {
  const int n = Scaled(10000);
  struct Wake {
    int64_t due;
    int64_t woke;
  };
  std::vector<Wake> wakes(n);
  sync::WaitGroup wg;
  const int64_t base_time = base::nanotime() + 50 * kMs;
  for (int i = 0; i < n; ++i) {
    const int64_t step = (i * 7919L % n) * (200 * kMs / n);
    wg.Go([&wakes, base_time, i, step] {
      const int64_t due = base_time + step;
      const int64_t d = due - base::nanotime();
      timeSleep(d);
      wakes[i] = {due, base::nanotime()};
    });
  }
  wg.Wait();
  std::sort(wakes.begin(), wakes.end(),
            [](const Wake& a, const Wake& b) { return a.woke < b.woke; });
  int64_t latest_due = 0;
  for (const Wake& w : wakes) {
    ASSERT_GE(w.woke, w.due);
    ASSERT_GT(w.due, latest_due - 1 * kSecond);
    latest_due = std::max(latest_due, w.due);
  }
}

// Far more are due than a run queue holds: who was due first runs first, give
// or take one queue.
TEST(Sleep, ManyThatAreDueRunInOrder) {
  const testing::ProcsScope one(1);
  constexpr int kSleepers = 2000;
  constexpr int64_t kApart = 2000;
  std::vector<int> order(kSleepers);
  testing::RunInGoroutine([&order] {
    base::Atomic<int> begun{0}, woken{0};
    sync::WaitGroup wg;
    const int64_t first = base::nanotime() + 300 * kMs;
    for (int i = 0; i < kSleepers; ++i) {
      wg.Go([&, i] {
        begun.fetch_add(1);
        timeSleep(first + i * kApart - base::nanotime());
        order[static_cast<size_t>(woken.fetch_add(1))] = i;
      });
    }
    EXPECT_TRUE(testing::Eventually([&] { return begun.load() == kSleepers; }));
    {
      const RuntimeScope in;  // nobody takes the P meanwhile
      while (base::nanotime() < first + kSleepers * kApart) base::CpuRelax();
    }
    wg.Wait();
  });
  for (int i = 0; i < kSleepers; ++i) {
    EXPECT_LE(std::abs(order[static_cast<size_t>(i)] - i), 300) << i;
  }
}

}  // namespace
}  // namespace parkour::runtime
