// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/testing/fake_clock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "parkour/base/clock.h"
#include "parkour/parkour.h"
#include "parkour/testing/test.h"

namespace parkour::test {
namespace {

// What hours of fake time may take, on a busy machine.
constexpr absl::Duration kSlack = absl::Minutes(2);

PARKOUR_TEST(FakeClock, SleepsTakeNoTime) {
  const absl::Time begin = absl::Now();
  FakeClock clock;
  time::Sleep(absl::Hours(24));
  EXPECT_GE(clock.Elapsed(), absl::Hours(24));
  EXPECT_LT(clock.Elapsed(), absl::Hours(24) + kSlack);
  EXPECT_GE(clock.Skipped(), absl::Hours(24) - kSlack);
  EXPECT_LT(absl::Now() - begin, absl::Hours(1));
}

PARKOUR_TEST(FakeClock, SleepersWakeInTheirOrder) {
  FakeClock clock;
  const Chan<int> woken = MakeChan<int>(3);
  for (const int hours : {3, 1, 2}) {
    go([=] {
      time::Sleep(absl::Hours(hours));
      woken.Send(hours);
    });
  }
  for (const int hours : {1, 2, 3}) {
    EXPECT_EQ(woken.Recv(), hours);
    EXPECT_GE(clock.Elapsed(), absl::Hours(hours));
    EXPECT_LT(clock.Elapsed(), absl::Hours(hours) + kSlack);
  }
}

PARKOUR_TEST(FakeClock, TimersTickersAndContexts) {
  FakeClock clock;
  const time::Ticker ticker = time::NewTicker(absl::Minutes(10));
  for (int i = 1; i <= 12; ++i) {
    ticker.C.Recv();
    EXPECT_GE(clock.Elapsed(), absl::Minutes(10 * i));
  }
  ticker.Stop();
  EXPECT_LT(clock.Elapsed(), absl::Hours(2) + kSlack);

  auto [ctx, cancel] =
      context::WithTimeout(context::Background(), absl::Hours(1));
  ctx.Done().Recv();
  EXPECT_TRUE(absl::IsDeadlineExceeded(ctx.Err()));
  EXPECT_GE(clock.Elapsed(), absl::Hours(3));

  const Chan<Unit> called = MakeChan<Unit>();
  time::AfterFunc(absl::Hours(1), [called] { called.Send({}); });
  called.Recv();
  EXPECT_GE(clock.Elapsed(), absl::Hours(4));
  EXPECT_LT(clock.Elapsed(), absl::Hours(4) + kSlack);
}

PARKOUR_TEST(FakeClock, DeadlinesOfConnections) {
  FakeClock clock;
  auto [client, server] = net::Pipe();
  EXPECT_TRUE(client.SetReadDeadline(absl::Now() + absl::Hours(5)).ok());
  char c;
  EXPECT_TRUE(net::IsTimeout(client.Read({&c, 1}).err));
  EXPECT_GE(clock.Elapsed(), absl::Hours(5) - absl::Seconds(1));
  EXPECT_LT(clock.Elapsed(), absl::Hours(5) + kSlack);
}

// Those who can go on without time's passing go first.
PARKOUR_TEST(FakeClock, NothingIsSkippedWhileSomebodyWorks) {
  FakeClock clock;
  sync::WaitGroup end;
  const Chan<int> ping = MakeChan<int>(), pong = MakeChan<int>();
  end.Go([=] {
    for (int i : ping) pong.Send(i);
    pong.Close();
  });
  end.Go([&] {
    for (int i = 0; i < 10000; ++i) {
      ping.Send(i);
      EXPECT_EQ(pong.Recv(), i);
    }
    EXPECT_EQ(clock.Skipped(), absl::ZeroDuration());
    ping.Close();
  });
  end.Go([&] {
    // It blocks its thread, not for another goroutine.
    const int64_t until = base::nanotime() + 20000000;
    runtime::Blocking([until] {
      while (base::nanotime() < until) std::this_thread::yield();
    });
    EXPECT_EQ(clock.Skipped(), absl::ZeroDuration());
  });
  end.Go([&] {
    const int64_t until = base::nanotime() + 20000000;
    while (base::nanotime() < until) asm volatile("");
    EXPECT_EQ(clock.Skipped(), absl::ZeroDuration());
  });
  // A timer there is all the while.
  const time::Timer timer = time::NewTimer(absl::Hours(1));
  // Not by Wait: that would be one more that only waits, which is the point.
  end.Wait();
  timer.Stop();
}

// The network may bring something at any moment.
PARKOUR_TEST(FakeClock, NothingIsSkippedWhileSomebodyWaitsForTheNetwork) {
  FakeClock clock;
  absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  ASSERT_TRUE(ln.ok()) << ln.status();
  sync::WaitGroup end;
  end.Go([&] { EXPECT_FALSE(ln->Accept().ok()); });
  const int64_t begin = base::nanotime();
  time::Sleep(absl::Milliseconds(30));
  EXPECT_GE(base::nanotime() - begin, 30000000);
  EXPECT_EQ(clock.Skipped(), absl::ZeroDuration());
  ln->Close().IgnoreError();
  end.Wait();
  time::Sleep(absl::Hours(1));
  EXPECT_GT(clock.Skipped(), absl::Minutes(50));
}

PARKOUR_TEST(FakeClock, SettleWaitsForTheOthersAndNotForTime) {
  FakeClock clock;
  std::atomic<int> steps = 0;
  sync::WaitGroup end;
  for (int i = 0; i < 10; ++i) {
    end.Go([&] {
      for (int k = 0; k < 100; ++k) runtime::Gosched();
      ++steps;
      time::Sleep(absl::Hours(1));
      ++steps;
    });
  }
  clock.Settle();
  EXPECT_EQ(steps.load(), 10);
  EXPECT_EQ(clock.Skipped(), absl::ZeroDuration());
  clock.Settle();  // once more: nothing has changed
  EXPECT_EQ(steps.load(), 10);
  time::Sleep(absl::Hours(2));
  EXPECT_EQ(steps.load(), 20);
  end.Wait();
}

// A thousand sleepers with periods of their own: each sees its own time.
PARKOUR_TEST(FakeClock, ManySleepers) {
  FakeClock clock;
  constexpr int kSleepers = 200;
  constexpr int kNaps = 5;
  sync::WaitGroup end;
  for (int i = 1; i <= kSleepers; ++i) {
    end.Go([&clock, i] {
      for (int nap = 1; nap <= kNaps; ++nap) {
        time::Sleep(absl::Minutes(i));
        EXPECT_GE(clock.Elapsed(), absl::Minutes(i * nap));
      }
    });
  }
  end.Wait();
  EXPECT_GE(clock.Elapsed(), absl::Minutes(kSleepers * kNaps));
  EXPECT_LT(clock.Elapsed(), absl::Minutes(kSleepers * kNaps) + kSlack);
}

TEST(FakeClock, TimeIsRealAgainBehindIt) {
  {
    FakeClock clock;
    sync::WaitGroup end;
    end.Go([] { time::Sleep(absl::Hours(1)); });
    end.Wait();
  }
  const absl::Time begin = absl::Now();
  sync::WaitGroup end;
  end.Go([] { time::Sleep(absl::Milliseconds(30)); });
  end.Wait();
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(29));
}

}  // namespace
}  // namespace parkour::test
