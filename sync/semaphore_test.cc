// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A Request queues up in its constructor, so that these tests know who waits
// without having to wait for it. A request that is cancelled and then reports
// false had not been granted.

#include "parkour/sync/semaphore.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "parkour/base/rand.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::sync {
namespace {

using runtime::testing::Eventually;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;
using Request = Semaphore::Request;

bool CancelledInTime(Request* request) {
  request->Cancel();
  return !request->Wait();
}

TEST(Semaphore, TryAcquireTakesWhatIsFree) {
  Semaphore s(2);
  EXPECT_TRUE(s.TryAcquire(1));
  EXPECT_FALSE(s.TryAcquire(2));
  EXPECT_TRUE(s.TryAcquire(1));
  EXPECT_FALSE(s.TryAcquire(1));
  EXPECT_TRUE(s.TryAcquire(0));
  s.Release(2);
  EXPECT_TRUE(s.TryAcquire(2));
  s.Release(2);
  EXPECT_FALSE(s.TryAcquire(3));
}

TEST(Semaphore, AcquireWaitsForItsTurn) {
  Semaphore s(2);
  s.Acquire(2);
  base::Atomic<int> got{0};
  WaitGroup wg;
  wg.Go([&] {
    s.Acquire(1);
    got.store(1);
  });
  // Nothing is more than enough, unless somebody waits.
  ASSERT_TRUE(Eventually([&] { return !s.TryAcquire(0); }));
  Request last(&s, 2);
  EXPECT_EQ(got.load(), 0);
  s.Release(1);
  wg.Wait();
  EXPECT_EQ(got.load(), 1);
  EXPECT_TRUE(CancelledInTime(&last));
  s.Release(2);
}

TEST(Semaphore, NobodyOvertakesALargeRequest) {
  Semaphore s(3);
  s.Acquire(1);
  Request large(&s, 3);
  Request small(&s, 1);
  EXPECT_FALSE(s.TryAcquire(1));  // free, but there is a queue
  s.Release(1);
  EXPECT_TRUE(large.Wait());
  s.Release(3);
  EXPECT_TRUE(small.Wait());
  s.Release(1);
}

TEST(Semaphore, OneReleaseGrantsAllThatFit) {
  Semaphore s(10);
  s.Acquire(10);
  Request a(&s, 3);
  Request b(&s, 4);
  Request c(&s, 4);
  Request d(&s, 1);
  s.Release(8);
  EXPECT_TRUE(a.Wait());
  EXPECT_TRUE(b.Wait());
  EXPECT_TRUE(CancelledInTime(&c));
  EXPECT_TRUE(d.Wait());  // granted when c gave up
  s.Release(10);
  EXPECT_TRUE(s.TryAcquire(10));
}

TEST(Semaphore, ARequestLargerThanTheWholeIsInNobodysWay) {
  Semaphore s(2);
  Request too_large(&s, 3);
  EXPECT_TRUE(s.TryAcquire(2));
  Request one(&s, 1);
  s.Release(2);
  EXPECT_TRUE(one.Wait());
  WaitGroup wg;
  wg.Go([&] { EXPECT_FALSE(too_large.Wait()); });
  too_large.Cancel();
  wg.Wait();
  s.Release(1);
}

TEST(Semaphore, CancellingTheHeadLetsTheNextGo) {
  Semaphore s(2);
  s.Acquire(1);
  std::optional<Request> large(std::in_place, &s, 2);
  Request small(&s, 1);
  EXPECT_TRUE(CancelledInTime(&*large));
  large.reset();
  EXPECT_TRUE(small.Wait());
  s.Release(2);
}

TEST(Semaphore, CancellingInTheMiddleAndAtTheEnd) {
  Semaphore s(1);
  s.Acquire();
  Request a(&s, 1);
  Request b(&s, 1);
  Request c(&s, 1);
  Request d(&s, 1);
  EXPECT_TRUE(CancelledInTime(&b));
  EXPECT_TRUE(CancelledInTime(&d));
  s.Release();
  EXPECT_TRUE(a.Wait());
  s.Release();
  EXPECT_TRUE(c.Wait());
  s.Release();
  EXPECT_TRUE(s.TryAcquire(1));
}

TEST(Semaphore, CancelAfterTheGrantHasNoEffect) {
  Semaphore s(1);
  Request at_once(&s, 1);
  at_once.Cancel();
  EXPECT_TRUE(at_once.Wait());
  Request later(&s, 1);
  s.Release();
  later.Cancel();
  later.Cancel();
  EXPECT_TRUE(later.Wait());
  EXPECT_FALSE(s.TryAcquire(1));
  s.Release();
}

// Never more than the whole is held, by goroutines and plain threads, some of
// which give up; in the end everything is free.
TEST(Semaphore, GoroutinesThreadsAndCancelsTogether) {
  constexpr int64_t kSize = 5;
  const int rounds = Scaled(4000);
  Semaphore s(kSize);
  base::Atomic<int64_t> held{0};
  base::Atomic<int> too_many{0};
  base::Atomic<int> cancelled{0};
  auto use = [&](int64_t n) {
    if (held.fetch_add(n) + n > kSize) too_many.fetch_add(1);
    held.fetch_sub(n);
    s.Release(n);
  };
  auto work = [&](int seed) {
    base::Rand rand(static_cast<uint64_t>(seed) + 1);
    for (int i = 0; i < rounds; ++i) {
      const int64_t n = 1 + rand.Below(kSize);
      switch (rand.Below(4)) {
        case 0:
          if (s.TryAcquire(n)) use(n);
          break;
        case 1: {
          auto request = std::make_shared<Request>(&s, n);
          WaitGroup wg;
          wg.Go([request] { request->Cancel(); });
          if (request->Wait()) {
            use(n);
          } else {
            cancelled.fetch_add(1);
          }
          wg.Wait();
          break;
        }
        default:
          s.Acquire(n);
          use(n);
      }
    }
  };
  WaitGroup wg;
  for (int i = 0; i < 6; ++i) wg.Go(work, i);
  std::vector<std::thread> threads;
  for (int i = 6; i < 8; ++i) threads.emplace_back(work, i);
  for (std::thread& t : threads) t.join();
  wg.Wait();
  EXPECT_EQ(too_many.load(), 0);
  EXPECT_TRUE(s.TryAcquire(kSize));
}

// x/sync's test of the same name: small requests all the time, one large.
TEST(Semaphore, TestLargeAcquireDoesntStarve) {
  const int64_t n = 4;
  Semaphore s(n);
  base::Atomic<bool> running{true};
  WaitGroup wg;
  for (int64_t i = 0; i < n; ++i) {
    s.Acquire(1);
    wg.Go([&] {
      while (running.load()) {
        runtime::Gosched();
        s.Release(1);
        s.Acquire(1);
      }
      s.Release(1);
    });
  }
  s.Acquire(n);
  running.store(false);
  s.Release(n);
  wg.Wait();
  EXPECT_TRUE(s.TryAcquire(n));
}

TEST(SemaphoreDeathTest, ReleasedMoreThanHeld) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Semaphore s(1);
        s.Release(1);
      },
      testing::ExitedWithCode(2),
      "^panic: semaphore: released more than held\n");
}

}  // namespace
}  // namespace parkour::sync
