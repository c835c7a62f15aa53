// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sync/singleflight.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/test_util.h"

namespace parkour::sync::singleflight {
namespace {

using runtime::SemaWaiters;
using runtime::testing::Eventually;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

// A function that says when it runs, and returns when it is told to.
class Gate {
 public:
  void Pass() {
    runtime::semrelease(&entered_);
    runtime::semacquire(&open_, runtime::WaitReason::kSemacquire);
  }
  void AwaitEntry() {
    runtime::semacquire(&entered_, runtime::WaitReason::kSemacquire);
  }
  void Open() { runtime::semrelease(&open_); }

 private:
  base::Atomic<uint32_t> entered_{0};
  base::Atomic<uint32_t> open_{0};
};

TEST(Singleflight, ValueAndErrorAndNothingRemembered) {
  Group<std::string, int> g;
  auto [one, shared] = g.Do("key", [] { return 1; });
  EXPECT_EQ(*one, 1);
  EXPECT_FALSE(shared);
  EXPECT_EQ(*g.Do("key", [] { return 2; }).value, 2);
  EXPECT_EQ(g.Do("key",
                 []() -> absl::StatusOr<int> {
                   return absl::NotFoundError("no such thing");
                 })
                .value.status(),
            absl::NotFoundError("no such thing"));
}

TEST(Singleflight, AnExceptionReachesAllWhoWait) {
  constexpr int kOthers = 5;
  ASSERT_TRUE(Eventually([] { return SemaWaiters() == 0; }));
  Group<int, int> g;
  Gate gate;
  base::Atomic<int> caught{0};
  WaitGroup wg;
  auto call = [&] {
    try {
      g.Do(1, [&]() -> int {
        gate.Pass();
        throw std::runtime_error("broken");
      });
    } catch (const std::runtime_error& e) {
      EXPECT_STREQ(e.what(), "broken");
      caught.fetch_add(1);
    }
  };
  wg.Go(call);
  gate.AwaitEntry();
  for (int i = 0; i < kOthers; ++i) wg.Go(call);
  ASSERT_TRUE(Eventually([&] { return SemaWaiters() == 1 + kOthers; }));
  gate.Open();
  wg.Wait();
  EXPECT_EQ(caught.load(), 1 + kOthers);
  EXPECT_EQ(*g.Do(1, [] { return 3; }).value, 3);
}

TEST(Singleflight, GoexitEndsTheCallAndTheKeyIsFree) {
  Group<int, int> g;
  RunInGoroutine([&] {
    g.Do(1, []() -> int { runtime::Goexit(); });
    ADD_FAILURE() << "Goexit returned";
  });
  EXPECT_EQ(*g.Do(1, [] { return 3; }).value, 3);
}

// The key is a value: what happens to the caller's variable is its own affair.
TEST(Singleflight, KeyIsCopied) {
  Group<std::string, int> g;
  std::string key = "k";
  auto change = [&] {
    key = "other";
    return 1;
  };
  EXPECT_EQ(*g.Do(key, change).value, 1);
  EXPECT_EQ(*g.Do("k", [] { return 2; }).value, 2);
}

// As in x/sync: those who wait end as well.
TEST(Singleflight, GoexitEndsAllWhoWait) {
  constexpr int kOthers = 5;
  ASSERT_TRUE(Eventually([] { return SemaWaiters() == 0; }));
  Group<int, int> g;
  Gate gate;
  WaitGroup wg;
  auto call = [&] {
    g.Do(1, [&]() -> int {
      gate.Pass();
      runtime::Goexit();
    });
    ADD_FAILURE() << "Do returned";
  };
  wg.Go(call);
  gate.AwaitEntry();
  for (int i = 0; i < kOthers; ++i) wg.Go(call);
  ASSERT_TRUE(Eventually([&] { return SemaWaiters() == 1 + kOthers; }));
  gate.Open();
  wg.Wait();
  EXPECT_EQ(*g.Do(1, [] { return 3; }).value, 3);
}

TEST(Singleflight, ForgetLetsTheNextOneRun) {
  Group<std::string, int> g;
  Gate first_gate;
  Gate second_gate;
  WaitGroup wg;
  wg.Go([&] {
    auto [v, shared] = g.Do("key", [&] {
      first_gate.Pass();
      return 1;
    });
    EXPECT_EQ(*v, 1);
    EXPECT_FALSE(shared);
  });
  first_gate.AwaitEntry();
  g.Forget("key");
  wg.Go([&] {
    auto [v, shared] = g.Do("key", [&] {
      second_gate.Pass();
      return 2;
    });
    EXPECT_EQ(*v, 2);
    EXPECT_TRUE(shared);
  });
  second_gate.AwaitEntry();
  // The first ends; the second, which has taken its place, stays known.
  first_gate.Open();
  ASSERT_TRUE(Eventually([] { return SemaWaiters() == 1; }));
  wg.Go([&] {
    auto [v, shared] = g.Do("key", [] { return 3; });
    EXPECT_EQ(*v, 2);
    EXPECT_TRUE(shared);
  });
  ASSERT_TRUE(Eventually([] { return SemaWaiters() == 2; }));
  second_gate.Open();
  wg.Wait();
}

// One run at a time per key, and each caller gets what some run during its call
// has made.
TEST(Singleflight, GoroutinesAndThreadsTogether) {
  constexpr int kKeys = 3;
  const int rounds = Scaled(3000);
  Group<int, int> g;
  base::Atomic<int> running[kKeys] = {};
  base::Atomic<int> runs[kKeys] = {};
  base::Atomic<int> wrong{0};
  auto work = [&](int seed) {
    for (int i = 0; i < rounds; ++i) {
      const int key = (i + seed) % kKeys;
      const int before = runs[key].load();
      auto [v, shared] = g.Do(key, [&] {
        if (running[key].fetch_add(1) != 0) wrong.fetch_add(1);
        const int n = runs[key].fetch_add(1) + 1;
        runtime::Gosched();
        running[key].fetch_sub(1);
        return n;
      });
      if (*v < before || *v > runs[key].load()) wrong.fetch_add(1);
      (void)shared;
    }
  };
  WaitGroup wg;
  for (int i = 0; i < 6; ++i) wg.Go(work, i);
  std::vector<std::thread> threads;
  for (int i = 6; i < 8; ++i) threads.emplace_back(work, i);
  for (std::thread& t : threads) t.join();
  wg.Wait();
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace parkour::sync::singleflight
