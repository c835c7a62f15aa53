// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/time/sleep_test.go, by meaning. Left out: TestIssue5745 (a recovered
// fault of a nil pointer). Where Go collects garbage beside the test, others
// compute.

#include "parkour/time/sleep.h"

#include <signal.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "absl/time/clock.h"
#include "parkour/base/atomic.h"
#include "parkour/base/clock.h"
#include "parkour/base/rand.h"
#include "parkour/runtime/timers.h"
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
  const Chan<Unit> c = MakeChan<Unit>();
  // By value: the last call may still be on its way out of Close when the test
  // has ended.
  std::function<void()> f = [&i, &f, c] {
    if (--i >= 0) {
      time::AfterFunc(absl::ZeroDuration(), f);
    } else {
      c.Close();
    }
  };
  time::AfterFunc(absl::ZeroDuration(), f);
  EXPECT_TRUE(Await(c));
}

// Keeps a P busy, with a breath now and then.
class Load {
 public:
  Load() {
    wg_.Go([this] {
      while (!stop_.load()) time::Sleep(absl::Nanoseconds(1));
    });
  }
  ~Load() {
    stop_.store(true);
    wg_.Wait();
  }

 private:
  base::Atomic<bool> stop_{false};
  sync::WaitGroup wg_;
};

GO_TEST(SleepTest, TestTickerStress) {
  Load load;
  const time::Ticker ticker = time::NewTicker(absl::Nanoseconds(1));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Await(ticker.C));
  ticker.Stop();
}

GO_TEST(SleepTest, TestTickerConcurrentStress) {
  Load load;
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

// On one P two goroutines wake each other for ever, each the next to run; the
// function's goroutine must get its turn.
GO_TEST(SleepTest, TestAfterFuncStarvation) {
  ProcsScope procs(1);
  base::Atomic<bool> stop{false};
  sync::WaitGroup wg;
  const Chan<bool> c = MakeChan<bool>(1);
  wg.Go([&stop, c] {
    while (!stop.load()) c.Send(true);
    c.Close();
  });
  wg.Go([c] {
    while (c.Recv()) {
    }
  });
  time::AfterFunc(absl::Microseconds(1), [&stop] { stop.store(true); });
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

// Timers fire in the order of their times, whatever the order in which they
// were made. Go looks at when goroutines get the values, and tries again if the
// machine was slow; here one P has all the timers, so that who gets a value
// finds the earlier ones.
void TestAfterQueuing(bool with_timer) {
  struct Armed {
    int slot;
    int64_t earliest, latest;  // when it is due
    RecvChan<absl::Time> c;
    bool taken = false;
  };
  ProcsScope procs(1);
  std::vector<Armed> all;
  for (const int slot : {5, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0}) {
    const int64_t d = 20 * kMs * slot;
    const int64_t before = nanotime();
    const RecvChan<absl::Time> c = with_timer
                                       ? time::NewTimer(absl::Nanoseconds(d)).C
                                       : time::After(absl::Nanoseconds(d));
    all.push_back({slot, before + d, nanotime() + d, c});
  }
  for (const int slot : {0, 3, 4, 7, 9}) {
    const auto x = std::find_if(all.begin(), all.end(),
                                [&](const Armed& a) { return a.slot == slot; });
    if (!x->taken) {
      EXPECT_TRUE(Await(x->c));
      EXPECT_GE(nanotime(), x->earliest);
      x->taken = true;
    }
    for (Armed& a : all) {
      if (a.taken) continue;
      a.taken = Ready(a.c);
      if (a.taken) {
        EXPECT_GE(nanotime(), a.earliest) << a.slot;
      } else {
        EXPECT_GE(a.latest, x->earliest)
            << a.slot << " is not there at " << slot;
      }
    }
  }
  for (const Armed& a : all) {
    if (!a.taken) {
      EXPECT_TRUE(Await(a.c));
    }
  }
}

GO_TEST(SleepTest, TestAfterQueuing) {
  TestAfterQueuing(false);
  TestAfterQueuing(true);
}

GO_TEST(SleepTest, TestTimerStopStress) {
  constexpr int kTimers = 100;
  base::Atomic<int> fired{0};
  int stopped = 0;
  for (int i = 0; i < kTimers; ++i) {
    const time::Timer t = time::AfterFunc(absl::Milliseconds(20),
                                          [&fired] { fired.fetch_add(1); });
    stopped += t.Stop();
  }
  // A check that something does not happen; those that were not stopped in
  // time are waited for.
  time::Sleep(absl::Milliseconds(40));
  EXPECT_TRUE(runtime::testing::Eventually(
      [&] { return fired.load() >= kTimers - stopped; }));
  EXPECT_EQ(fired.load(), kTimers - stopped);
}

GO_TEST(SleepTest, TestSleepZeroDeadlock) {
  ProcsScope procs(4);
  const Chan<bool> c = MakeChan<bool>();
  go([c] {
    for (int i = 0; i < 100; ++i) runtime::Gosched();
    c.Send(true);
  });
  for (int i = 0; i < Scaled(20000); ++i) {
    time::Sleep(absl::ZeroDuration());
    const Chan<bool> tmp = MakeChan<bool>(1);
    tmp.Send(true);
    tmp.Recv();
  }
  EXPECT_TRUE(Await(c));
}

GO_TEST(SleepTest, TestReset) {
  constexpr int64_t kUnit = 20 * kMs;
  const auto units = [](int n) { return absl::Nanoseconds(n * kUnit); };
  const time::Timer t0 = time::NewTimer(units(2));
  time::Sleep(units(1));
  const int64_t start = nanotime();
  // Nobody has received: even a value that is there counts as pending.
  EXPECT_TRUE(t0.Reset(units(3)));
  time::Sleep(units(2));
  const bool early = t0.C.TryRecv().has_value();
  if (early) {
    EXPECT_GE(nanotime() - start, 3 * kUnit);  // no: the sleep was long
  } else {
    EXPECT_TRUE(Await(t0.C));
    EXPECT_GE(nanotime() - start, 3 * kUnit);
  }
  EXPECT_FALSE(t0.Reset(units(2)));
  EXPECT_TRUE(Await(t0.C));
}

GO_TEST(SleepTest, TestOverflowSleep) {
  EXPECT_EQ(Select(time::After(kMax).OnRecv([] {}),
                   time::After(absl::Milliseconds(25)).OnRecv([] {})),
            1);
  EXPECT_TRUE(Await(time::After(kMin)));
  const int64_t start = nanotime();
  time::Sleep(kMin);
  EXPECT_LT(nanotime() - start, 30000 * kMs);
}

// The next time of a repeated timer may lie beyond what can be told: then it
// never comes, instead of at once and for ever.
TEST(SleepTest, TestOverflowPeriodRuntimeTimer) {
  runtime::Timers heap;
  int calls = 0;
  runtime::Timer t;
  t.f = [](void* arg, uintptr_t, int64_t) { ++*static_cast<int*>(arg); };
  t.arg = &calls;
  t.when = 100;
  t.period = INT64_MAX;
  heap.add(&t);
  EXPECT_TRUE(heap.run(150, runtime::Runq()));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(heap.wakeTime(), INT64_MAX);
  EXPECT_FALSE(heap.run(INT64_MAX - 1, runtime::Runq()));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(heap.remove(&t));
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

// Of two timers that fire together one is heard; the other is stopped or reset,
// which says so, since nobody has received from it, and leaves nothing behind.
void TestStopResetResult(const std::function<bool(const time::Timer&)>& stop) {
  const Chan<Unit> start = MakeChan<Unit>();
  sync::WaitGroup wg;
  for (int i = 0; i < Scaled(400); ++i) {
    wg.Go([&stop, start] {
      start.Recv();
      for (int j = 0; j < 20; ++j) {
        const time::Timer timers[] = {time::NewTimer(absl::Milliseconds(1)),
                                      time::NewTimer(absl::Milliseconds(1))};
        const int heard =
            Select(timers[0].C.OnRecv([] {}), timers[1].C.OnRecv([] {}));
        const time::Timer& other = timers[1 - heard];
        EXPECT_TRUE(stop(other));
        EXPECT_FALSE(Ready(other.C));
      }
    });
  }
  start.Close();
  wg.Wait();
}

GO_TEST(SleepTest, TestStopResult) {
  TestStopResetResult([](const time::Timer& t) { return t.Stop(); });
}

GO_TEST(SleepTest, TestResetResult) {
  TestStopResetResult(
      [](const time::Timer& t) { return t.Reset(absl::Hours(1)); });
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
