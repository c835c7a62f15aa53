// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What Go's tests do not ask; those are in tests/conformance/errgroup.

#include "parkour/errgroup/errgroup.h"

#include <memory>
#include <stdexcept>

#include "gtest/gtest.h"
#include "parkour/base/atomic.h"
#include "parkour/base/thread.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/test_util.h"

namespace parkour::errgroup {
namespace {

using runtime::testing::Scaled;

TEST(ErrgroupTest, EndOfFunctionsHappensBeforeWait) {
  for (int round = 0; round < Scaled(500); ++round) {
    Group group;
    int results[8] = {};
    for (int& result : results) {
      group.Go([&result] {
        result = 1;
        return absl::OkStatus();
      });
    }
    ASSERT_TRUE(group.Wait().ok());
    for (int result : results) ASSERT_EQ(result, 1);
  }
}

TEST(ErrgroupTest, OneErrorOfMany) {
  for (int round = 0; round < Scaled(500); ++round) {
    auto [group, ctx] = WithContext(context::Background());
    for (int i = 0; i < 8; ++i) {
      group.Go([i] { return absl::AbortedError(std::to_string(i)); });
    }
    const absl::Status first = group.Wait();
    ASSERT_TRUE(absl::IsAborted(first));
    ASSERT_EQ(context::Cause(ctx), first);
    ASSERT_EQ(ctx.Err(), context::Canceled());
  }
}

TEST(ErrgroupTest, ParentCancelsTheContext) {
  auto [parent, cancel] = context::WithCancel(context::Background());
  auto [group, ctx] = WithContext(parent);
  group.Go([ctx = ctx] {
    ctx.Done().Recv();
    return ctx.Err();
  });
  cancel();
  EXPECT_EQ(group.Wait(), context::Canceled());
}

TEST(ErrgroupTest, CopiesAndMovesAreOneGroup) {
  Group group;
  const Group copy = group;
  Group moved = std::move(group);
  copy.Go([] { return absl::AbortedError("copy"); });
  EXPECT_TRUE(absl::IsAborted(moved.Wait()));
}

TEST(ErrgroupTest, MoveOnlyFunctions) {
  Group group;
  group.Go([p = std::make_unique<int>(1)] {
    return *p == 1 ? absl::OkStatus() : absl::InternalError("");
  });
  EXPECT_TRUE(group.Wait().ok());
}

TEST(ErrgroupTest, NobodyHasToWait) {
  base::Note done;
  {
    auto [group, ctx] = WithContext(context::Background());
    group.Go([&done] {
      done.Wakeup();
      return absl::AbortedError("late");
    });
  }
  done.Sleep();
}

struct ThrowsWhenCopied {
  ThrowsWhenCopied() = default;
  ThrowsWhenCopied(const ThrowsWhenCopied&) { throw std::runtime_error("no"); }
  absl::Status operator()() const { return absl::OkStatus(); }
};

TEST(ErrgroupTest, FunctionThatCannotBeCopiedCountsForNothing) {
  Group group;
  group.SetLimit(1);
  const ThrowsWhenCopied f;
  EXPECT_THROW(group.Go(f), std::runtime_error);
  EXPECT_TRUE(group.TryGo([] { return absl::OkStatus(); }));
  EXPECT_TRUE(group.Wait().ok());
}

// What a function holds is gone when Wait returns.
TEST(ErrgroupTest, CapturesAreDestroyedBeforeWaitReturns) {
  for (int round = 0; round < Scaled(2000); ++round) {
    Group group;
    std::weak_ptr<int> alive;
    {
      auto held = std::make_shared<int>(1);
      alive = held;
      group.Go([held = std::move(held)] { return absl::OkStatus(); });
    }
    ASSERT_TRUE(group.Wait().ok());
    ASSERT_TRUE(alive.expired());
  }
}

TEST(ErrgroupTest, GoexitCountsAsAnEnd) {
  Group group;
  group.SetLimit(1);
  for (int i = 0; i < 3; ++i) {
    group.Go([]() -> absl::Status { runtime::Goexit(); });
  }
  EXPECT_TRUE(group.Wait().ok());
}

TEST(ErrgroupTest, LimitOfZeroLetsNobodyIn) {
  Group group;
  group.SetLimit(0);
  EXPECT_FALSE(group.TryGo([] { return absl::OkStatus(); }));
  group.SetLimit(-1);
  EXPECT_TRUE(group.TryGo([] { return absl::OkStatus(); }));
  EXPECT_TRUE(group.Wait().ok());
}

TEST(ErrgroupDeathTest, Misuse) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        Group group;
        group.SetLimit(2);
        const Chan<Unit> never = MakeChan<Unit>();
        group.Go([never] {
          never.Recv();
          return absl::OkStatus();
        });
        group.SetLimit(3);
      },
      ::testing::ExitedWithCode(2),
      "panic: errgroup: modify limit while 1 goroutines in the group are "
      "still active");
  EXPECT_EXIT(
      {
        Group group;
        group.Go([]() -> absl::Status { throw std::runtime_error("boom"); });
        group.Wait().IgnoreError();
      },
      ::testing::ExitedWithCode(2), "panic: std::runtime_error: boom");
  EXPECT_EXIT((void)WithContext(context::Context()),
              ::testing::ExitedWithCode(2),
              "panic: cannot create context from nil parent");
}

}  // namespace
}  // namespace parkour::errgroup
