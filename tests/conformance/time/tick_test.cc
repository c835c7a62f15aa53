// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/time/tick_test.go, by meaning.

#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

#include "absl/time/clock.h"
#include "parkour/base/clock.h"
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
  for (const Case& c : {Case{10, 20 * kMs}, Case{8, 10 * kMs}}) {
    const time::Ticker ticker = time::NewTicker(absl::Nanoseconds(c.delta / 2));
    const int64_t start = nanotime();
    for (int i = 0; i < c.count / 2; ++i) EXPECT_TRUE(ticker.C.Recv());
    EXPECT_GE(nanotime() - start, c.delta / 2 * (c.count / 2 - 1));

    ticker.Reset(absl::Nanoseconds(c.delta));
    const int64_t reset = nanotime();
    for (int i = 0; i < c.count - c.count / 2; ++i) {
      EXPECT_TRUE(ticker.C.Recv());
    }
    EXPECT_GE(nanotime() - reset, c.delta * (c.count - c.count / 2 - 1));

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

// Many timers that are moved about all the time do not keep one from firing.
GO_TEST(TickTest, TestLongAdjustTimers) {
  std::vector<time::Timer> timers;
  for (int i = 0; i < Scaled(20000); ++i) {
    timers.push_back(time::NewTimer(absl::Minutes(60) + absl::Microseconds(i)));
  }
  const RecvChan<absl::Time> c = time::After(absl::Milliseconds(10));
  bool fired = false;
  for (int round = 0; !fired; ++round) {
    for (const time::Timer& t : timers) {
      t.Reset(absl::Minutes(60) - absl::Seconds(round));
    }
    fired = Ready(c);
  }
}

// What Go 1.23 promises of a timer's channel: as if it had no buffer.
struct Subject {
  const char* name;
  std::function<void()> stop;
  std::function<void(absl::Duration)> reset;
  RecvChan<absl::Time> c;
};

std::vector<Subject> Subjects(absl::Duration d) {
  const time::Timer timer = time::NewTimer(d);
  const time::Ticker ticker = time::NewTicker(d);
  return {{"timer", [timer] { timer.Stop(); },
           [timer](absl::Duration n) { timer.Reset(n); }, timer.C},
          {"ticker", [ticker] { ticker.Stop(); },
           [ticker](absl::Duration n) { ticker.Reset(n); }, ticker.C}};
}

GO_TEST(TickTest, TestChan) {
  const absl::Duration kHour = absl::Hours(1);
  const absl::Duration kSoon = absl::Milliseconds(1);
  for (const Subject& s : Subjects(kHour)) {
    std::printf("%s\n", s.name);
    const auto no_tick = [&] { EXPECT_FALSE(Ready(s.c)); };
    const auto tick = [&] { EXPECT_TRUE(Await(s.c)); };
    // Past the time of the setting before: it has fired if it ever does.
    const auto wait = [&] {
      time::Sleep(2 * kSoon);
      EXPECT_EQ(s.c.Len(), 0u);
      EXPECT_EQ(s.c.Cap(), 0u);
    };
    no_tick();
    s.reset(kSoon);
    tick();
    // An unread value goes with a Reset ...
    s.reset(kSoon);
    wait();
    s.reset(kHour);
    no_tick();
    // ... and with a Stop.
    s.reset(kSoon);
    wait();
    s.stop();
    no_tick();
    // A value that nobody has read is there when somebody comes.
    s.reset(kSoon);
    wait();
    tick();
    // A receiver that waits is served by a later setting.
    s.reset(kHour);
    const Chan<Unit> got = MakeChan<Unit>();
    go([c = s.c, got] {
      c.Recv();
      got.Close();
    });
    s.reset(kSoon);
    EXPECT_TRUE(Await(got));
    s.stop();
    // In a select too.
    s.reset(kHour);
    EXPECT_EQ(Select(s.c.OnRecv([] {}), Default()), 1);
    s.reset(kSoon);
    EXPECT_EQ(Select(s.c.OnRecv([] {}), time::After(kPatience).OnRecv([] {})),
              0);
    s.stop();
    no_tick();
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

// The value is the time when the timer was due, however late it is read.
GO_TEST(TickTest, TestAfterTimes) {
  for (int attempt = 0;; ++attempt) {
    const absl::Time start = absl::Now();
    const RecvChan<absl::Time> c = time::After(absl::Milliseconds(10));
    time::Sleep(absl::Milliseconds(30));
    const absl::Duration d = *c.Recv() - start;
    EXPECT_GE(d, absl::Milliseconds(9));
    if (d < absl::Milliseconds(20)) break;
    // The start itself was late.
    ASSERT_LT(attempt, 10) << d;
  }
}

GO_TEST(TickTest, TestTickTimes) {
  const absl::Time start = absl::Now();
  const time::Ticker ticker = time::NewTicker(absl::Milliseconds(10));
  time::Sleep(absl::Milliseconds(30));
  const absl::Duration d = *ticker.C.Recv() - start;
  EXPECT_GE(d, absl::Milliseconds(9));
  EXPECT_LT(d, absl::Milliseconds(30));
}

}  // namespace
}  // namespace parkour::tests
