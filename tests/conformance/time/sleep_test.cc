// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/time/sleep_test.go, by meaning. Left out: TestIssue5745 (a fault in a
// timer's function), TestOverflowPeriodRuntimeTimer (Go's timer heap; ours is
// asked by runtime/timers_test.cc).

#include "parkour/time/sleep.h"

#include <signal.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "absl/time/clock.h"
#include "parkour/base/atomic.h"
#include "parkour/base/clock.h"
#include "parkour/base/rand.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/context/go_test.h"

namespace parkour::tests {
namespace {

using base::nanotime;
using runtime::testing::ProcsScope;
using runtime::testing::Scaled;

constexpr int64_t kMs = 1000000;
const absl::Duration kMax = absl::Nanoseconds(INT64_MAX);
const absl::Duration kMin = absl::Nanoseconds(INT64_MIN);

GO_TEST(SleepTest, TestSleep) {
  constexpr int64_t kDelay = 100 * kMs;
  go([] {
    time::Sleep(absl::Nanoseconds(kDelay / 2));
    ::signal(SIGWINCH, [](int) {});
    raise(SIGWINCH);
  });
  const int64_t start = nanotime();
  time::Sleep(absl::Nanoseconds(kDelay));
  EXPECT_GE(nanotime() - start, kDelay);
}

GO_TEST(SleepTest, TestAfterFunc) {
  int i = 10;
  const Chan<bool> c = MakeChan<bool>();
  std::function<void()> f = [&] {
    if (--i >= 0) {
      time::AfterFunc(absl::ZeroDuration(), f);
      // A tick later for whatever is at hand.
      runtime::Gosched();
    } else {
      c.Send(true);
    }
  };
  time::AfterFunc(absl::ZeroDuration(), f);
  c.Recv();
}

GO_TEST(SleepTest, TestTickerStress) {
  base::Atomic<bool> stop{false};
  sync::WaitGroup wg;
  wg.Go([&] {
    while (!stop.load()) runtime::Gosched();
  });
  const time::Ticker ticker = time::NewTicker(absl::Nanoseconds(1));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(ticker.C.Recv());
  ticker.Stop();
  stop.store(true);
  wg.Wait();
}

GO_TEST(SleepTest, TestTickerConcurrentStress) {
  const time::Ticker ticker = time::NewTicker(absl::Nanoseconds(1));
  sync::WaitGroup wg;
  for (int i = 0; i < 10; ++i) {
    wg.Go([&ticker] {
      for (int n = 0; n < Scaled(100); ++n) ticker.C.Recv();
    });
  }
  wg.Wait();
  ticker.Stop();
}

// On one P two goroutines hand a token to and fro for ever; the function's
// goroutine must get its turn.
GO_TEST(SleepTest, TestAfterFuncStarvation) {
  ProcsScope procs(1);
  base::Atomic<bool> stop{false};
  sync::WaitGroup wg;
  const Chan<bool> c1 = MakeChan<bool>(1);
  for (int i = 0; i < 2; ++i) {
    wg.Go([&stop, c1] {
      while (!stop.load()) {
        c1.TrySend(true);
        Select(c1.OnRecv([] {}), Default());
        runtime::Gosched();
      }
    });
  }
  time::AfterFunc(absl::Microseconds(10), [&stop] { stop.store(true); });
  wg.Wait();
}

GO_TEST(SleepTest, TestAfter) {
  constexpr int64_t kDelay = 100 * kMs;
  const int64_t start = nanotime();
  const absl::Time wall = absl::Now();
  const absl::Time end = *time::After(absl::Nanoseconds(kDelay)).Recv();
  EXPECT_GE(nanotime() - start, kDelay);
  // The wall clock may be slewed against the other one.
  EXPECT_GE(end, wall + absl::Nanoseconds(kDelay) - absl::Milliseconds(1));
}

GO_TEST(SleepTest, TestAfterTick) {
  constexpr int kCount = 10;
  constexpr int64_t kDelta = 10 * kMs;
  const int64_t start = nanotime();
  for (int i = 0; i < kCount; ++i) {
    time::After(absl::Nanoseconds(kDelta)).Recv();
  }
  EXPECT_GE(nanotime() - start, kCount * kDelta);
}

// A timer that was stopped in time has no effect, and Stop says so.
GO_TEST(SleepTest, TestAfterStop) {
  time::AfterFunc(absl::Milliseconds(10), [] {});
  const time::Timer t0 = time::NewTimer(absl::Milliseconds(50));
  const Chan<bool> c1 = MakeChan<bool>(1);
  const time::Timer t1 =
      time::AfterFunc(absl::Milliseconds(200), [c1] { c1.Send(true); });
  const RecvChan<absl::Time> after = time::After(absl::Milliseconds(300));
  const bool stopped0 = t0.Stop();
  const bool stopped1 = t1.Stop();
  if (stopped0) {
    EXPECT_FALSE(t0.Stop());
  }
  if (stopped1) {
    EXPECT_FALSE(t1.Stop());
  }
  after.Recv();
  if (stopped0) {
    EXPECT_FALSE(t0.C.TryRecv());
  }
  if (stopped1) {
    EXPECT_FALSE(Ready(c1));
  }
}

// Timers fire in the order of their times. Each time lies 40 ms apart; should
// the machine be stalled for longer than that, the order of the channel is the
// heap's and still theirs.
GO_TEST(SleepTest, TestAfterQueuing) {
  const std::vector<int> slots = {5, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0};
  struct Result {
    int slot;
    absl::Time at;
  };
  for (bool with_timer : {false, true}) {
    const Chan<Result> result = MakeChan<Result>(32);
    for (int slot : slots) {
      const absl::Duration d = absl::Milliseconds(20 * slot);
      RecvChan<absl::Time> c = with_timer ? time::NewTimer(d).C : time::After(d);
      go([slot, c, result] { result.Send({slot, *c.Recv()}); });
    }
    std::vector<Result> results;
    for (size_t i = 0; i < slots.size(); ++i) {
      results.push_back(*result.Recv());
    }
    // The value is the time when it was due: sorted by it the slots are.
    std::stable_sort(
        results.begin(), results.end(),
        [](const Result& a, const Result& b) { return a.at < b.at; });
    for (size_t i = 1; i < results.size(); ++i) {
      EXPECT_LE(results[i - 1].slot, results[i].slot);
    }
  }
}

GO_TEST(SleepTest, TestTimerStopStress) {
  for (int i = 0; i < 100; ++i) {
    const time::Timer t = time::AfterFunc(
        absl::Hours(1), [i] { ADD_FAILURE() << "timer " << i; });
    EXPECT_TRUE(t.Stop());
  }
  time::Sleep(absl::Milliseconds(3));
}

GO_TEST(SleepTest, TestSleepZeroDeadlock) {
  ProcsScope procs(4);
  const Chan<bool> c = MakeChan<bool>();
  go([c] {
    for (int i = 0; i < 100; ++i) runtime::Gosched();
    c.Send(true);
  });
  for (int i = 0; i < Scaled(100000); ++i) {
    time::Sleep(absl::ZeroDuration());
  }
  EXPECT_TRUE(Await(c));
}

GO_TEST(SleepTest, TestReset) {
  constexpr int64_t kUnit = 20 * kMs;
  const auto units = [](int n) { return absl::Nanoseconds(n * kUnit); };
  const int64_t start = nanotime();
  const time::Timer t0 = time::NewTimer(units(2));
  time::Sleep(units(1));
  const bool active = t0.Reset(units(3));
  const bool early = t0.C.TryRecv().has_value();
  // Only a stalled machine can have let it fire before.
  if (nanotime() - start < 4 * kUnit) {
    EXPECT_TRUE(active);
    EXPECT_FALSE(early);
  }
  if (!early) {
    EXPECT_TRUE(t0.C.Recv());
    EXPECT_GE(nanotime() - start, 4 * kUnit);
  }
  EXPECT_FALSE(t0.Reset(units(2)));
  EXPECT_TRUE(t0.C.Recv());
}

GO_TEST(SleepTest, TestOverflowSleep) {
  EXPECT_EQ(Select(time::After(kMax).OnRecv([] {}),
                   time::After(absl::Milliseconds(25)).OnRecv([] {})),
            1);
  constexpr int64_t kNever = 0;
  EXPECT_TRUE(Await(time::After(kMin)));
  EXPECT_TRUE(Await(time::After(absl::Nanoseconds(kNever))));
  const int64_t start = nanotime();
  time::Sleep(kMin);
  EXPECT_LT(nanotime() - start, 30000 * kMs);
}

TEST(SleepDeathTest, TestZeroTimerResetPanics) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(time::Timer().Reset(absl::Hours(1)), ::testing::ExitedWithCode(2),
              "panic: time: Reset called on uninitialized Timer");
}

TEST(SleepDeathTest, TestZeroTimerStopPanics) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(time::Timer().Stop(), ::testing::ExitedWithCode(2),
              "panic: time: Stop called on uninitialized Timer");
}

GO_TEST(SleepTest, TestZeroTimer) {
  for (int i = 0; i < Scaled(200000); ++i) {
    const time::Timer t = time::NewTimer(absl::ZeroDuration());
    t.C.Recv();
  }
  const time::Timer t = time::NewTimer(absl::Hours(1));
  for (int i = 0; i < Scaled(200000); ++i) {
    t.Reset(absl::ZeroDuration());
    t.C.Recv();
  }
}

// A timer that is set to an earlier time fires then, though the poller sleeps
// until the later one.
GO_TEST(SleepTest, TestTimerModifiedEarlier) {
  for (int i = 0; i < Scaled(200); ++i) {
    const time::Timer timer = time::NewTimer(absl::Hours(1));
    EXPECT_TRUE(timer.Reset(-absl::Seconds(10)));
    ASSERT_TRUE(Await(timer.C));
  }
}

// A random walk of many timers through start, stop and reset.
GO_TEST(SleepTest, TestAdjustTimers) {
  base::Rand rand(11);
  std::vector<time::Timer> timers(100);
  std::vector<int> state(timers.size(), 0);
  size_t done = 0;
  for (int round = 0; done < timers.size(); ++round) {
    ASSERT_LT(round, 1000000);
    const size_t i = rand.Below(static_cast<uint32_t>(timers.size()));
    const time::Timer& t = timers[i];
    switch (state[i]) {
      case 0:
        timers[i] = time::NewTimer(absl::ZeroDuration());
        ++state[i];
        break;
      case 1:
        t.C.Recv();
        ++state[i];
        break;
      case 2:
        EXPECT_FALSE(t.Reset(absl::Minutes(1)));
        ++state[i];
        break;
      case 3:
        EXPECT_TRUE(t.Reset(absl::Minutes(10)));
        ++state[i];
        break;
      case 4:
        EXPECT_TRUE(t.Stop());
        ++state[i];
        break;
      case 5:
        EXPECT_FALSE(t.Stop());
        ++state[i];
        ++done;
        break;
      default:
        break;
    }
  }
}

// Whoever is told "it was not pending" finds no value either: since Go 1.23
// Stop and Reset leave nothing behind.
GO_TEST(SleepTest, TestStopResult) {
  for (int i = 0; i < Scaled(2000); ++i) {
    const time::Timer t = time::NewTimer(absl::Microseconds(i % 20));
    if (i % 3 == 0) runtime::Gosched();
    EXPECT_TRUE(t.Stop());  // nobody has received: always in time
    EXPECT_FALSE(t.C.TryRecv());
  }
}

GO_TEST(SleepTest, TestResetResult) {
  for (int i = 0; i < Scaled(2000); ++i) {
    const time::Timer t = time::NewTimer(absl::Microseconds(i % 20));
    if (i % 3 == 0) runtime::Gosched();
    EXPECT_TRUE(t.Reset(absl::Hours(1)));
    EXPECT_FALSE(t.C.TryRecv());
  }
}

// Many wait on one timer's channel: each value wakes one.
GO_TEST(SleepTest, TestMultiWakeupTicker) {
  const int goroutines = runtime::GOMAXPROCS(0);
  const time::Ticker timer = time::NewTicker(absl::Microseconds(1));
  sync::WaitGroup wg;
  for (int i = 0; i < goroutines; ++i) {
    wg.Go([&timer] {
      for (int n = 0; n < Scaled(1000); ++n) timer.C.Recv();
    });
  }
  wg.Wait();
}

GO_TEST(SleepTest, TestMultiWakeupTimer) {
  const int goroutines = runtime::GOMAXPROCS(0);
  const time::Timer timer = time::NewTimer(absl::Nanoseconds(1));
  sync::WaitGroup wg;
  for (int i = 0; i < goroutines; ++i) {
    wg.Go([&timer] {
      for (int n = 0; n < Scaled(1000); ++n) {
        Select(timer.C.OnRecv([] {}), Default());
        timer.Reset(absl::Nanoseconds(1));
      }
    });
  }
  wg.Wait();
}

}  // namespace
}  // namespace parkour::tests
