// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/time/tick_test.go, by meaning.

#include <deque>
#include <functional>
#include <optional>

#include "absl/time/clock.h"
#include "parkour/base/clock.h"
#include "parkour/runtime/sched.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/context/go_test.h"
#include "parkour/time/sleep.h"

namespace parkour::tests {
namespace {

using base::nanotime;
using runtime::testing::Scaled;

constexpr int64_t kMs = 1000000;

// Never early, by the count; after Stop nothing comes.
GO_TEST(TickTest, TestTicker) {
  struct Case {
    int count;
    int64_t delta;
  };
  for (const Case& c : {Case{10, 10 * kMs}, Case{8, 5 * kMs}}) {
    const int half = c.count / 2;
    const int64_t start = nanotime();
    const time::Ticker ticker = time::NewTicker(absl::Nanoseconds(c.delta));
    for (int i = 0; i < half; ++i) EXPECT_TRUE(Await(ticker.C));
    EXPECT_GE(nanotime() - start, c.delta * half);

    const int64_t reset = nanotime();
    ticker.Reset(absl::Nanoseconds(2 * c.delta));
    for (int i = half; i < c.count; ++i) EXPECT_TRUE(Await(ticker.C));
    EXPECT_GE(nanotime() - reset, 2 * c.delta * (c.count - half));

    ticker.Stop();
    EXPECT_EQ(Select(ticker.C.OnRecv([] {}),
                     time::After(absl::Nanoseconds(2 * c.delta)).OnRecv([] {})),
              1);
  }
}

GO_TEST(TickTest, TestTickerStopWithDirectInitialization) {
  const RecvChan<absl::Time> c = MakeChan<absl::Time>();
  time::Ticker ticker;
  ticker.C = c;
  ticker.Stop();
}

// Not a single value is left behind by tickers that come and go.
GO_TEST(TickTest, TestTeardown) {
  for (int i = 0; i < 3; ++i) {
    const time::Ticker ticker = time::NewTicker(absl::Milliseconds(10));
    ticker.C.Recv();
    ticker.Stop();
    EXPECT_FALSE(Ready(ticker.C));
  }
}

GO_TEST(TickTest, TestTick) {
  EXPECT_FALSE(static_cast<bool>(time::Tick(-absl::Nanoseconds(1))));
  EXPECT_FALSE(static_cast<bool>(time::Tick(absl::ZeroDuration())));
  EXPECT_TRUE(time::Tick(absl::Nanoseconds(1)).Recv());
}

TEST(TickDeathTest, TestNewTickerLtZeroDuration) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(time::NewTicker(-absl::Nanoseconds(1)),
              ::testing::ExitedWithCode(2),
              "panic: non-positive interval for NewTicker");
}

TEST(TickDeathTest, TestTickerResetLtZeroDuration) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(time::NewTicker(absl::Seconds(1)).Reset(absl::ZeroDuration()),
              ::testing::ExitedWithCode(2),
              "panic: non-positive interval for Ticker.Reset");
}

// Many sleepers, and then an endless queue between two goroutines: each wait
// makes a timer that is never needed.
GO_TEST(TickTest, TestLongAdjustTimers) {
  sync::WaitGroup sleepers;
  for (int i = 0; i < Scaled(5000); ++i) {
    sleepers.Go([] { time::Sleep(absl::Microseconds(10)); });
  }
  for (int i = 0; i < Scaled(5000); ++i) time::Sleep(absl::Microseconds(1));

  const Chan<int> in = MakeChan<int>();
  const Chan<int> out = MakeChan<int>();
  sync::WaitGroup wg;
  wg.Go([in, out] {
    std::deque<int> q;
    for (bool open = true; open;) {
      const auto take = [&](std::optional<int> v) {
        if (v) q.push_back(*v);
        open = v.has_value();
      };
      if (q.empty()) {
        take(in.Recv());
      } else {
        Select(out.OnSend(q.front(), [&] { q.pop_front(); }), in.OnRecv(take));
      }
    }
  });
  constexpr int kTries = 20;
  for (int i = 0; i < Scaled(2000); ++i) {
    for (int n = 0; n < kTries; ++n) in.Send(n);
    for (int n = 0; n < kTries; ++n) ASSERT_TRUE(Await(out)) << i;
  }
  in.Close();
  wg.Wait();
  sleepers.Wait();
}

size_t PendingTimers() {
  size_t n = 0;
  for (int i = 0; i < runtime::sched.gomaxprocs.load(); ++i) {
    n += runtime::allp(i)->timers.size();
  }
  return n;
}

// What nobody can hear any more is gone, without being stopped. Go counts
// allocations after a collection.
GO_TEST(TickTest, TestTimerGC) {
  const absl::Duration kHour = absl::Hours(1);
  const std::function<void()> makers[] = {
      [=] { time::After(kHour); },
      [=] { time::Tick(kHour); },
      [=] { time::NewTimer(kHour); },
      [=] { time::NewTicker(kHour); },
      [=] { time::NewTimer(kHour).Stop(); },
      [=] { time::NewTicker(kHour).Stop(); },
  };
  for (const auto& make : makers) {
    const size_t before = PendingTimers();
    for (int i = 0; i < Scaled(2000); ++i) make();
    EXPECT_LE(PendingTimers(), before);
  }
}

GO_TEST(TickTest, TestManualTicker) {
  const Chan<absl::Time> ch = MakeChan<absl::Time>(1);
  time::Ticker ticker;
  ticker.C = ch;
  ch.Send(absl::Now());
  EXPECT_TRUE(ticker.C.Recv());
  ticker.Stop();
}

// The value is the time when the timer was due, however late it is read: it
// lies before the moment of reading.
void TestTimes(
    const std::function<RecvChan<absl::Time>(absl::Duration)>& after) {
  const absl::Duration kDelay = absl::Milliseconds(10);
  const absl::Time start = absl::Now();
  const RecvChan<absl::Time> c = after(kDelay);
  time::Sleep(50 * kDelay);
  const absl::Time before = absl::Now();
  const absl::Time value = *c.Recv();
  EXPECT_GE(value, start + kDelay - absl::Milliseconds(1));  // clocks differ
  EXPECT_LT(value, before);
}

GO_TEST(TickTest, TestAfterTimes) { TestTimes(time::After); }
GO_TEST(TickTest, TestTickTimes) { TestTimes(time::Tick); }

}  // namespace
}  // namespace parkour::tests
