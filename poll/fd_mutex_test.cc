// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/poll/fd_mutex.h"

#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/check.h"
#include "parkour/poll/testing.h"

namespace parkour::poll {
namespace {

using testing::AwaitQueued;
using testing::InGoroutine;
using testing::Jitter;

class FdMutexTest : public testing::LeakTest {};
using FdMutexDeathTest = FdMutexTest;

TEST_F(FdMutexTest, ReferencesComeAndGo) {
  FdMutex mu;
  EXPECT_TRUE(mu.incref());
  EXPECT_TRUE(mu.incref());
  EXPECT_FALSE(mu.decref());
  EXPECT_FALSE(mu.decref());
  EXPECT_FALSE(mu.closed());
}

TEST_F(FdMutexTest, DirectionsAreIndependent) {
  FdMutex mu;
  EXPECT_TRUE(mu.rwlock(true));
  EXPECT_TRUE(mu.rwlock(false));
  EXPECT_TRUE(mu.incref());
  EXPECT_FALSE(mu.rwunlock(true));
  EXPECT_TRUE(mu.rwlock(true));
  EXPECT_FALSE(mu.rwunlock(false));
  EXPECT_FALSE(mu.rwunlock(true));
  EXPECT_FALSE(mu.decref());
}

TEST_F(FdMutexTest, AfterCloseEverythingFails) {
  FdMutex mu;
  EXPECT_TRUE(mu.increfAndClose());
  EXPECT_TRUE(mu.closed());
  EXPECT_FALSE(mu.incref());
  EXPECT_FALSE(mu.rwlock(true));
  EXPECT_FALSE(mu.rwlock(false));
  EXPECT_FALSE(mu.increfAndClose());
  EXPECT_TRUE(mu.decref());  // Close's own was the last
}

// Whoever leaves last learns it, whichever kind of reference it held.
TEST_F(FdMutexTest, LastReferenceIsTold) {
  for (const int last : {0, 1, 2, 3}) {
    FdMutex mu;
    EXPECT_TRUE(mu.incref());
    EXPECT_TRUE(mu.rwlock(true));
    EXPECT_TRUE(mu.rwlock(false));
    EXPECT_TRUE(mu.increfAndClose());
    int told = 0;
    for (int i = 1; i <= 4; ++i) {
      bool destroy = false;
      switch ((last + i) % 4) {
        case 0:
        case 3:
          destroy = mu.decref();
          break;
        case 1:
          destroy = mu.rwunlock(true);
          break;
        case 2:
          destroy = mu.rwunlock(false);
          break;
      }
      EXPECT_EQ(destroy, i == 4) << "order " << last << ", step " << i;
      told += destroy;
    }
    EXPECT_EQ(told, 1);
  }
}

TEST_F(FdMutexTest, CloseWakesAllWaitersAndTheyFail) {
  for (const bool read : {true, false}) {
    FdMutex mu;
    ASSERT_TRUE(mu.rwlock(read));
    base::Atomic<int> failed{0};
    sync::WaitGroup wg;
    const int64_t before = runtime::SemaWaiters();
    for (int i = 0; i < 8; ++i) {
      wg.Go([&] { failed += !mu.rwlock(read); });
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] { failed += !mu.rwlock(read); });
    }
    ASSERT_TRUE(AwaitQueued(before + 10));
    EXPECT_EQ(failed.load(), 0);
    EXPECT_TRUE(mu.increfAndClose());
    wg.Wait();
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(failed.load(), 10);
    EXPECT_FALSE(mu.decref());
    EXPECT_TRUE(mu.rwunlock(read));
  }
}

// One unlock lets one waiter in, and each of them in the end.
TEST_F(FdMutexTest, UnlockHandsOnOneByOne) {
  InGoroutine([] {
    FdMutex mu;
    ASSERT_TRUE(mu.rwlock(true));
    Chan<int> entered = MakeChan<int>();
    Chan<Unit> leave = MakeChan<Unit>();
    sync::WaitGroup wg;
    const int64_t before = runtime::SemaWaiters();
    for (int i = 0; i < 5; ++i) {
      wg.Go([&, i] {
        if (!mu.rwlock(true)) return;
        entered.Send(i);
        leave.Recv();
        EXPECT_FALSE(mu.rwunlock(true));
      });
    }
    ASSERT_TRUE(AwaitQueued(before + 5));
    EXPECT_FALSE(entered.TryRecv().has_value());
    EXPECT_FALSE(mu.rwunlock(true));
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(entered.Recv().has_value());
      // The writer's side is free all the time.
      EXPECT_TRUE(mu.rwlock(false));
      EXPECT_FALSE(mu.rwunlock(false));
      EXPECT_FALSE(entered.TryRecv().has_value());
      leave.Send(Unit());
    }
    wg.Wait();
  });
}

// Close against users that come and go: exactly one of all is told to destroy,
// and nobody is inside when it is.
TEST_F(FdMutexTest, CloseAgainstUsers) {
  InGoroutine([] {
    for (int round = 0; round < 2000; ++round) {
      FdMutex mu;
      base::Atomic<int> inside{0};
      base::Atomic<int> destroyed{0};
      const auto leave = [&](bool last) {
        if (!last) return;
        EXPECT_EQ(inside.load(), 0);
        ++destroyed;
      };
      sync::WaitGroup wg;
      for (uint32_t i = 0; i < 4; ++i) {
        wg.Go([&, i] {
          uint32_t seed = static_cast<uint32_t>(round) * 4 + i;
          for (;;) {
            const bool locks = i != 0;
            if (!(locks ? mu.rwlock(i & 1) : mu.incref())) return;
            ++inside;
            Jitter(&seed, 20);
            if ((seed >> 20) % 4 == 0) runtime::Gosched();
            --inside;
            leave(locks ? mu.rwunlock(i & 1) : mu.decref());
          }
        });
      }
      uint32_t seed = static_cast<uint32_t>(round);
      Jitter(&seed, 2000);
      if (round % 2) runtime::Gosched();
      EXPECT_TRUE(mu.increfAndClose());
      leave(mu.decref());
      wg.Wait();
      ASSERT_EQ(destroyed.load(), 1) << "round " << round;
    }
  });
}

// Go: TestMutexStress. Sections of one direction exclude each other.
TEST_F(FdMutexTest, Stress) {
  constexpr int kGoroutines = 8;
  constexpr int kRounds = 20000;
  FdMutex mu;
  // Not atomic: a second one inside is a data race, and a wrong sum.
  int64_t state[2] = {0, 0};
  base::Atomic<int64_t> done[2] = {0, 0};
  const auto work = [&](uint32_t seed) {
    for (int i = 0; i < kRounds; ++i) {
      Jitter(&seed, 4);
      const uint32_t what = (seed >> 16) % 3;
      if (what == 2) {
        EXPECT_TRUE(mu.incref());
        EXPECT_FALSE(mu.decref());
        continue;
      }
      EXPECT_TRUE(mu.rwlock(what == 0));
      ++state[what];
      if ((seed >> 20) % 64 == 0) runtime::Gosched();
      ++done[what];
      EXPECT_FALSE(mu.rwunlock(what == 0));
    }
  };
  sync::WaitGroup wg;
  for (uint32_t i = 0; i < kGoroutines; ++i) wg.Go(work, i);
  std::thread plain(work, 99u);
  wg.Wait();
  plain.join();
  for (const int what : {0, 1}) {
    EXPECT_TRUE(mu.rwlock(what == 0));
    EXPECT_EQ(state[what], done[what].load());
    EXPECT_FALSE(mu.rwunlock(what == 0));
  }
  EXPECT_TRUE(mu.increfAndClose());
  EXPECT_TRUE(mu.decref());
}

// Go: TestMutexPanic.
TEST_F(FdMutexDeathTest, UnbalancedUseIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto dies = [](void (*f)(FdMutex*)) {
    EXPECT_EXIT(
        {
          FdMutex mu;
          f(&mu);
        },
        ::testing::ExitedWithCode(2), "panic: inconsistent poll.fdMutex");
  };
  dies([](FdMutex* mu) { mu->decref(); });
  dies([](FdMutex* mu) { mu->rwunlock(true); });
  dies([](FdMutex* mu) { mu->rwunlock(false); });
  dies([](FdMutex* mu) {
    mu->rwlock(true);
    mu->rwunlock(false);
  });
  dies([](FdMutex* mu) {
    mu->incref();
    mu->rwunlock(true);
  });
  dies([](FdMutex* mu) {
    mu->increfAndClose();
    mu->decref();
    mu->decref();
  });
}

// Go: TestMutexOverflowPanic.
TEST_F(FdMutexDeathTest, TooManyReferencesAreFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        FdMutex mu;
        for (int i = 0; i < (1 << 20) - 1; ++i) mu.incref();
        base::WriteStderr("all in\n");
        mu.incref();
      },
      ::testing::ExitedWithCode(2),
      "all in\npanic: too many concurrent operations on a single file or "
      "socket \\(max 1048575\\)");
}

}  // namespace
}  // namespace parkour::poll
