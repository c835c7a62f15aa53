// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sync/waitgroup.h"

#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/test_util.h"

namespace parkour::sync {
namespace {

using runtime::testing::Eventually;
using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

TEST(WaitGroup, NothingToWaitFor) {
  WaitGroup wg;
  wg.Wait();
  wg.Add(0);
  wg.Add(2);
  wg.Add(-2);
  wg.Wait();
}

TEST(WaitGroup, WaitsForAll) {
  WaitGroup wg;
  base::Atomic<int> n{0};
  for (int i = 0; i < 100; ++i) {
    wg.Go([&] {
      runtime::Gosched();
      n.fetch_add(1);
    });
  }
  wg.Wait();
  EXPECT_EQ(n.load(), 100);
}

TEST(WaitGroup, GoMovesItsArguments) {
  WaitGroup wg;
  int got = 0;
  wg.Go([&](std::unique_ptr<int> p) { got = *p; }, std::make_unique<int>(4));
  wg.Wait();
  EXPECT_EQ(got, 4);
}

// What the function and its arguments hold is gone when Wait returns.
TEST(WaitGroup, GoDestroysBeforeDone) {
  for (int i = 0; i < Scaled(1000); ++i) {
    auto captured = std::make_shared<int>(1);
    auto argument = std::make_shared<int>(2);
    const std::weak_ptr<int> first = captured;
    const std::weak_ptr<int> second = argument;
    WaitGroup wg;
    wg.Go([captured = std::move(captured)](std::shared_ptr<int>&&) {},
          std::move(argument));
    wg.Wait();
    ASSERT_TRUE(first.expired());
    ASSERT_TRUE(second.expired());
  }
}

struct ThrowsWhenCopied {
  ThrowsWhenCopied() = default;
  ThrowsWhenCopied(const ThrowsWhenCopied&) { throw std::runtime_error("no"); }
  void operator()() const {}
};

TEST(WaitGroup, FunctionThatCannotBeCopiedCountsForNothing) {
  WaitGroup wg;
  const ThrowsWhenCopied f;
  EXPECT_THROW(wg.Go(f), std::runtime_error);
  wg.Wait();
}

TEST(WaitGroup, WaitDoesNotReturnEarly) {
  ProcsScope procs(1);
  WaitGroup wg;
  base::Atomic<bool> returned{false};
  wg.Add(2);
  go([&] {
    wg.Wait();
    returned.store(true);
  });
  ASSERT_TRUE(Eventually([] { return runtime::SemaWaiters() == 1; }));
  wg.Done();
  RunInGoroutine([] {
    for (int i = 0; i < 10; ++i) runtime::Gosched();
  });
  EXPECT_FALSE(returned.load());
  wg.Done();
  EXPECT_TRUE(Eventually([&] { return returned.load(); }));
}

TEST(WaitGroup, ManyWaiters) {
  ProcsScope procs(4);
  for (int round = 0; round < Scaled(300); ++round) {
    WaitGroup wg;
    WaitGroup waiters;
    base::Atomic<bool> done{false};
    base::Atomic<int> early{0};
    wg.Add(1);
    for (int i = 0; i < 20; ++i) {
      waiters.Go([&] {
        wg.Wait();
        if (!done.load()) early.fetch_add(1);
      });
    }
    done.store(true);
    wg.Done();
    waiters.Wait();
    EXPECT_EQ(early.load(), 0);
  }
  EXPECT_EQ(runtime::SemaWaiters(), 0);
}

TEST(WaitGroup, ReusedRoundByRound) {
  WaitGroup wg;
  int n = 0;
  for (int i = 0; i < Scaled(5000); ++i) {
    wg.Go([&] { ++n; });
    wg.Wait();
    EXPECT_EQ(n, i + 1);
  }
}

// Destroyed as soon as Wait has returned, while Done is on its way out.
TEST(WaitGroupStress, DestroyedAfterWait) {
  ProcsScope procs(4);
  WaitGroup outer;
  for (int i = 0; i < 4; ++i) {
    outer.Go([] {
      for (int j = 0; j < Scaled(5000); ++j) {
        auto wg = std::make_unique<WaitGroup>();
        for (int k = 0; k < 2; ++k) wg->Go([] {});
        wg->Wait();
        wg.reset();
      }
    });
  }
  outer.Wait();
}

TEST(WaitGroupStress, DestroyedAfterWaitByThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int j = 0; j < Scaled(2000); ++j) {
        auto wg = std::make_unique<WaitGroup>();
        wg->Go([] {});
        wg->Wait();
        wg.reset();
      }
    });
  }
  for (auto& t : threads) t.join();
}

// What happened before Done is seen after Wait: the race detector watches.
TEST(WaitGroup, PublishesWithoutAtomics) {
  ProcsScope procs(4);
  for (int round = 0; round < Scaled(500); ++round) {
    std::vector<int> results(10);
    WaitGroup wg;
    for (int i = 0; i < 10; ++i) wg.Go([&results, i] { results[i] = i; });
    wg.Wait();
    for (int i = 0; i < 10; ++i) ASSERT_EQ(results[i], i);
  }
}

TEST(WaitGroupDeathTest, NegativeCounter) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        WaitGroup wg;
        wg.Done();
      },
      ::testing::ExitedWithCode(2), "panic: sync: negative WaitGroup counter");
  EXPECT_EXIT(
      {
        WaitGroup wg;
        wg.Add(1);
        wg.Add(-2);
      },
      ::testing::ExitedWithCode(2), "panic: sync: negative WaitGroup counter");
}

}  // namespace
}  // namespace parkour::sync
