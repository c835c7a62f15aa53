// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sync::Semaphore's Acquire with a context; room sync knows of none.

#include "parkour/sync/semaphore.h"

#include "gtest/gtest.h"
#include "parkour/context/context.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::context {
namespace {

using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

TEST(SemaphoreContextTest, TakesWhatIsFree) {
  sync::Semaphore s(2);
  EXPECT_TRUE(s.Acquire(Background(), 2).ok());
  EXPECT_FALSE(s.TryAcquire());
  s.Release(2);
}

TEST(SemaphoreContextTest, CancelledBefore) {
  sync::Semaphore s(1);
  auto [ctx, cancel] = WithCancel(Background());
  cancel();
  EXPECT_EQ(s.Acquire(ctx), Canceled());
  EXPECT_TRUE(s.TryAcquire());
}

TEST(SemaphoreContextTest, CancelledWhileWaiting) {
  RunInGoroutine([] {
    sync::Semaphore s(2);
    s.Acquire(1);
    auto [ctx, cancel] = WithCancel(Background());
    sync::WaitGroup wg;
    wg.Go([&, ctx = ctx] { EXPECT_EQ(s.Acquire(ctx, 2), Canceled()); });
    wg.Go([&, ctx = ctx] { EXPECT_EQ(s.Acquire(ctx, 3), Canceled()); });
    // Both wait, or find it cancelled at once: either way the same answer.
    runtime::Gosched();
    cancel();
    wg.Wait();
    EXPECT_TRUE(s.TryAcquire(1));
  });
}

TEST(SemaphoreContextTest, DeadlinePasses) {
  sync::Semaphore s(1);
  s.Acquire();
  auto [ctx, cancel] = WithTimeout(Background(), absl::Milliseconds(5));
  EXPECT_EQ(s.Acquire(ctx), DeadlineExceeded());
}

// Grants and cancellations at the same time: nothing is lost, and nothing is
// kept by those that gave up.
TEST(SemaphoreContextTest, GrantAndCancelRace) {
  RunInGoroutine([] {
    sync::Semaphore s(3);
    sync::WaitGroup wg;
    base::Atomic<int> inside{0};
    base::Atomic<int> wrong{0};
    for (int i = 0; i < Scaled(4000); ++i) {
      auto [ctx, cancel] = WithCancel(Background());
      wg.Go([&, ctx = ctx] {
        if (!s.Acquire(ctx).ok()) return;
        if (inside.fetch_add(1) >= 3) wrong.fetch_add(1);
        runtime::Gosched();
        inside.fetch_sub(1);
        s.Release();
      });
      wg.Go([cancel = cancel] { cancel(); });
    }
    wg.Wait();
    EXPECT_EQ(wrong.load(), 0);
    EXPECT_TRUE(s.TryAcquire(3));
  });
}

}  // namespace
}  // namespace parkour::context
