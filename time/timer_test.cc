// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What Go's tests do not ask: lifetimes without a garbage collector. Those
// tests are in tests/conformance/time.

#include "parkour/time/timer.h"

#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/atomic.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/sched.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/time/sleep.h"

namespace parkour::time {
namespace {

using runtime::testing::Eventually;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

const absl::Duration kLong = absl::Hours(1000);
const absl::Duration kShort = absl::Milliseconds(1);

size_t PendingTimers() {
  size_t n = 0;
  for (int i = 0; i < runtime::sched.gomaxprocs.load(); ++i) {
    n += runtime::allp(i)->timers.size();
  }
  return n;
}

using Token = std::shared_ptr<int>;

TEST(TimerLifetimeTest, UnheardTimerIsStopped) {
  const size_t before = PendingTimers();
  {
    Timer timer = NewTimer(kLong);
    const Timer copy = timer;
    timer = Timer();
    EXPECT_EQ(PendingTimers(), before + 1);
  }
  EXPECT_EQ(PendingTimers(), before);
  { const Ticker ticker = NewTicker(kLong); }
  EXPECT_EQ(PendingTimers(), before);
}

TEST(TimerLifetimeTest, ChannelAloneKeepsTheTimer) {
  const size_t before = PendingTimers();
  {
    const RecvChan<absl::Time> c = After(kLong);
    const RecvChan<absl::Time> tick = Tick(kLong);
    EXPECT_EQ(PendingTimers(), before + 2);
    EXPECT_EQ(Select(c.OnRecv([] {}), Default()), 1);
    EXPECT_EQ(PendingTimers(), before + 2);
  }
  EXPECT_EQ(PendingTimers(), before);
  EXPECT_TRUE(After(kShort).Recv());
  const RecvChan<absl::Time> tick = Tick(kShort);
  EXPECT_TRUE(tick.Recv());
  EXPECT_TRUE(tick.Recv());
}

// A select of a loop makes a timer each time round: none piles up.
TEST(TimerLifetimeTest, TimersOfAbandonedSelectsGo) {
  const size_t before = PendingTimers();
  const Chan<int> ready = MakeChan<int>(1);
  for (int i = 0; i < 100; ++i) {
    ready.Send(i);
    Select(ready.OnRecv([] {}), After(kLong).OnRecv([] {}));
  }
  EXPECT_EQ(PendingTimers(), before);
}

TEST(TimerLifetimeTest, AfterFuncGoesOnWithoutAHandle) {
  const Chan<Unit> ran = MakeChan<Unit>();
  const Token token = std::make_shared<int>();
  AfterFunc(kShort, [ran, token] { ran.Close(); });
  EXPECT_FALSE(ran.Recv());
  EXPECT_TRUE(Eventually([&] { return token.use_count() == 1; }));
}

TEST(TimerLifetimeTest, StoppedAfterFuncIsDestroyedWithItsHandle) {
  const Token token = std::make_shared<int>();
  {
    const Timer timer = AfterFunc(kLong, [token] {});
    EXPECT_TRUE(timer.Stop());
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

// What a function owns is destroyed where goroutines may park, whoever is the
// last to let go of it: the function itself, a handle, a Stop that came while
// the timer was firing.
class Parks {
 public:
  Parks(sync::Mutex* mu, sync::WaitGroup* gone) : mu_(mu), gone_(gone) {}
  ~Parks() {
    mu_->Lock();
    mu_->Unlock();
    runtime::Gosched();
    gone_->Done();
  }

 private:
  sync::Mutex* const mu_;
  sync::WaitGroup* const gone_;
};

TEST(TimerLifetimeTest, FunctionIsDestroyedInAGoroutine) {
  RunInGoroutine([] {
    sync::Mutex mu;
    sync::WaitGroup gone;
    sync::WaitGroup stops;
    for (int i = 0; i < Scaled(20000); ++i) {
      gone.Add(1);
      auto parks = std::make_shared<Parks>(&mu, &gone);
      Timer timer =
          AfterFunc(absl::Microseconds(i % 8), [parks = std::move(parks)] {});
      if (i % 2 == 0) {
        stops.Go([timer = std::move(timer)]() mutable {
          timer.Stop();
          timer = Timer();
        });
      }
      timer = Timer();
      if (i % 64 == 0) {
        mu.Lock();
        runtime::Gosched();
        mu.Unlock();
      }
    }
    stops.Wait();
    gone.Wait();
  });
}

TEST(TimerTest, ValueIsTheTimeItWasDue) {
  const absl::Time before = absl::Now();
  const Timer timer = NewTimer(absl::Milliseconds(5));
  const absl::Time after = absl::Now();
  Sleep(absl::Milliseconds(200));
  const absl::Time due = *timer.C.Recv();
  // Due at 5 ms, read at 200 or later; between the readings of two clocks that
  // make the value a thread may lose its CPU.
  EXPECT_LT(due, after + absl::Milliseconds(150));
  EXPECT_GE(due, before + absl::Milliseconds(4));
}

// Whoever goes last, channel or handle: exactly one of them notices.
TEST(TimerLifetimeTest, LastUsersGoAtOnce) {
  RunInGoroutine([] {
    for (int i = 0; i < Scaled(5000); ++i) {
      RecvChan<absl::Time> c = After(kLong);
      RecvChan<absl::Time> d = c;
      Timer timer = NewTimer(kLong);
      RecvChan<absl::Time> e = timer.C;
      sync::WaitGroup wg;
      wg.Go([c = std::move(c)] {});
      wg.Go([d = std::move(d)] {});
      wg.Go([e = std::move(e)] {});
      wg.Go([timer = std::move(timer)] {});
      wg.Wait();
    }
    EXPECT_TRUE(Eventually([] { return PendingTimers() == 0; }));
  });
}

TEST(TimerTest, LengthAndCapacityAreNil) {
  const Timer timer = NewTimer(absl::ZeroDuration());
  EXPECT_TRUE(Eventually([] { return PendingTimers() == 0; }));
  EXPECT_EQ(timer.C.Len(), 0u);
  EXPECT_EQ(timer.C.Cap(), 0u);
  EXPECT_TRUE(timer.C.Recv());
}

TEST(TimerTest, StopOfAnUnreadValueCountsAsStopped) {
  const Timer timer = NewTimer(absl::ZeroDuration());
  EXPECT_TRUE(Eventually([] { return PendingTimers() == 0; }));
  EXPECT_TRUE(timer.Stop());
  EXPECT_FALSE(timer.Stop());
  EXPECT_FALSE(timer.C.TryRecv());
}

TEST(TimerTest, TickerOfLessThanANanosecond) {
  const Ticker ticker = NewTicker(absl::Nanoseconds(1) / 4);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(
        Select(ticker.C.OnRecv([] {}), After(absl::Seconds(30)).OnRecv([] {})),
        0);
  }
}

TEST(TimerTest, PlainThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      EXPECT_TRUE(After(kShort).Recv());
      const Timer timer = NewTimer(kLong);
      EXPECT_TRUE(timer.Reset(kShort));
      EXPECT_TRUE(timer.C.Recv());
      EXPECT_FALSE(timer.Stop());
    });
  }
  for (std::thread& t : threads) t.join();
}

TEST(TimerDeathTest, Misuse) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto exits = ::testing::ExitedWithCode(2);
  EXPECT_EXIT(NewTicker(absl::ZeroDuration()), exits,
              "panic: non-positive interval for NewTicker");
  EXPECT_EXIT(NewTicker(kLong).Reset(-kLong), exits,
              "panic: non-positive interval for Ticker.Reset");
  EXPECT_EXIT(Timer().Stop(), exits,
              "panic: time: Stop called on uninitialized Timer");
  EXPECT_EXIT(Timer().Reset(kLong), exits,
              "panic: time: Reset called on uninitialized Timer");
}

}  // namespace
}  // namespace parkour::time
