// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sync/once.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "parkour/runtime/go.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::sync {
namespace {

using runtime::testing::Eventually;
using runtime::testing::Scaled;

TEST(Once, NobodyReturnsBeforeTheRunHasEnded) {
  constexpr int kOthers = 8;
  ASSERT_TRUE(Eventually([] { return runtime::SemaWaiters() == 0; }));
  Once once;
  base::Atomic<uint32_t> go_on{0};
  base::Atomic<int> returned{0};
  bool ran = false;
  WaitGroup wg;
  for (int i = 0; i <= kOthers; ++i) {
    wg.Go([&] {
      once.Do([&] {
        runtime::semacquire(&go_on, runtime::WaitReason::kSemacquire);
        EXPECT_EQ(returned.load(), 0);
        ran = true;
      });
      EXPECT_TRUE(ran);
      returned.fetch_add(1);
    });
  }
  // One runs and waits for us, the others wait for it.
  ASSERT_TRUE(
      Eventually([&] { return runtime::SemaWaiters() == 1 + kOthers; }));
  EXPECT_EQ(returned.load(), 0);
  runtime::semrelease(&go_on);
  wg.Wait();
  EXPECT_EQ(returned.load(), 1 + kOthers);
}

TEST(Once, AnExceptionPassesAndItIsDone) {
  Once once;
  EXPECT_THROW(once.Do([] { throw std::runtime_error("first"); }),
               std::runtime_error);
  once.Do([] { FAIL() << "it ran again"; });
}

TEST(Once, GoexitMakesItDone) {
  Once once;
  runtime::testing::RunInGoroutine([&] {
    once.Do([] { runtime::Goexit(); });
    ADD_FAILURE() << "Goexit returned";
  });
  once.Do([] { FAIL() << "it ran again"; });
}

TEST(Once, GoroutinesAndThreadsTogether) {
  for (int round = 0; round < Scaled(500); ++round) {
    Once once;
    int runs = 0;
    auto work = [&] {
      once.Do([&] { ++runs; });
      EXPECT_EQ(runs, 1);
    };
    WaitGroup wg;
    for (int i = 0; i < 4; ++i) wg.Go(work);
    std::thread thread(work);
    work();
    thread.join();
    wg.Wait();
    EXPECT_EQ(runs, 1);
  }
}

TEST(OnceFunc, CopiesShareTheRun) {
  int runs = 0;
  std::function<void()> f = OnceFunc([&runs] { ++runs; });
  std::function<void()> copy = f;
  f();
  copy();
  f();
  EXPECT_EQ(runs, 1);
}

TEST(OnceFunc, EveryCallThrowsTheSameObject) {
  int runs = 0;
  auto f = OnceFunc([&runs] {
    ++runs;
    throw std::runtime_error("broken");
  });
  const void* first = nullptr;
  for (int i = 0; i < 3; ++i) {
    try {
      f();
      FAIL() << "it returned";
    } catch (const std::runtime_error& e) {
      EXPECT_STREQ(e.what(), "broken");
      if (first == nullptr) first = &e;
      EXPECT_EQ(first, &e);
    }
  }
  EXPECT_EQ(runs, 1);
}

TEST(OnceFunc, ReleasesWhatItHoldsAfterTheRun) {
  auto held = std::make_shared<int>(1);
  std::weak_ptr<int> watch = held;
  auto f = OnceFunc([held = std::move(held)] { EXPECT_EQ(*held, 1); });
  EXPECT_FALSE(watch.expired());
  f();
  EXPECT_TRUE(watch.expired());

  held = std::make_shared<int>(2);
  watch = held;
  auto broken = OnceFunc([held = std::move(held)] { throw *held; });
  EXPECT_THROW(broken(), int);
  EXPECT_TRUE(watch.expired());
}

TEST(OnceValue, ReturnsOneObject) {
  int runs = 0;
  auto f = OnceValue([&runs] {
    ++runs;
    return std::make_unique<std::string>("only moved");
  });
  auto copy = f;
  const std::unique_ptr<std::string>& value = f();
  EXPECT_EQ(*value, "only moved");
  EXPECT_EQ(&value, &copy());
  EXPECT_EQ(runs, 1);
}

TEST(OnceValue, KeepsAReference) {
  int n = 1;
  auto f = OnceValue([&n]() -> int& { return n; });
  static_assert(std::is_same_v<decltype(f()), int&>);
  f() = 5;
  EXPECT_EQ(n, 5);
}

TEST(OnceValue, EveryCallThrowsTheSame) {
  auto f = OnceValue([]() -> int { throw std::string("no value"); });
  for (int i = 0; i < 2; ++i) {
    EXPECT_THROW(
        {
          try {
            f();
          } catch (const std::string& s) {
            EXPECT_EQ(s, "no value");
            throw;
          }
        },
        std::string);
  }
}

TEST(OnceValues, BindsToNames) {
  auto f = OnceValues([] { return std::tuple(7, std::string("seven"), true); });
  auto [n, word, ok] = f();
  EXPECT_EQ(n, 7);
  EXPECT_EQ(word, "seven");
  EXPECT_TRUE(ok);
}

TEST(OnceValue, GoroutinesAndThreadsTogether) {
  for (int round = 0; round < Scaled(500); ++round) {
    int runs = 0;
    auto f = OnceValue([&runs] { return std::vector<int>(10, ++runs); });
    auto work = [f] { EXPECT_EQ(f(), std::vector<int>(10, 1)); };
    WaitGroup wg;
    for (int i = 0; i < 4; ++i) wg.Go(work);
    std::thread thread(work);
    thread.join();
    wg.Wait();
    EXPECT_EQ(runs, 1);
  }
}

}  // namespace
}  // namespace parkour::sync
