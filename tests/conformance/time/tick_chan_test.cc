// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/time/tick_test.go, TestChan, by meaning: what Go 1.23 promises of the
// channel of a timer or a ticker, as if it had no buffer. One walk through the
// states for each; its sleeps only give what must not happen its chance.

#include <functional>

#include "parkour/base/atomic.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/context/go_test.h"
#include "parkour/time/sleep.h"

namespace parkour::tests {
namespace {

const absl::Duration kFar = absl::Hours(3);
const absl::Duration kSoon = absl::Nanoseconds(1);

void Pause() { time::Sleep(absl::Milliseconds(5)); }

// A Ticker's Stop and Reset return nothing: as if always pending.
struct Subject {
  bool is_ticker;
  std::function<bool()> stop;
  std::function<bool(absl::Duration)> reset;
  RecvChan<absl::Time> c;

  void NoTick(int line) const { EXPECT_FALSE(Ready(c)) << "line " << line; }
  void Tick(int line) const { EXPECT_TRUE(Await(c)) << "line " << line; }
};

// Neither Stop nor Reset leaves a value behind; one that is not read waits.
void Unread(const Subject& s) {
  s.stop();
  s.NoTick(__LINE__);
  s.reset(kFar);
  s.NoTick(__LINE__);
  s.reset(kSoon);
  Pause();
  EXPECT_EQ(s.c.Len(), 0u);
  EXPECT_EQ(s.c.Cap(), 0u);
  s.Tick(__LINE__);
  Pause();  // a ticker's next one
  s.reset(kFar);
  s.NoTick(__LINE__);
}

void Waiter(const Subject& s) {
  const Chan<Unit> done = MakeChan<Unit>();
  go([c = s.c, done] {
    c.Recv();
    done.Close();
  });
  Pause();
  EXPECT_FALSE(Ready(done));
  s.reset(2 * kFar);
  Pause();
  EXPECT_FALSE(Ready(done));
  s.reset(kSoon);
  EXPECT_TRUE(Await(done));
  if (s.is_ticker) {
    s.Tick(__LINE__);
  } else {
    s.NoTick(__LINE__);
  }
  s.stop();
  s.NoTick(__LINE__);
}

void TwoWaiters(const Subject& s) {
  s.reset(kFar);
  const Chan<Unit> stop = MakeChan<Unit>();
  const Chan<Unit> heard = MakeChan<Unit>(2);
  sync::WaitGroup wg;
  for (int i = 0; i < 2; ++i) {
    wg.Go([c = s.c, stop, heard] {
      if (Select(c.OnRecv([] {}), stop.OnRecv([] {})) == 0) heard.Send({});
    });
  }
  Pause();
  EXPECT_FALSE(Ready(heard));
  s.reset(absl::Milliseconds(2));
  EXPECT_TRUE(Await(heard));
  s.stop();
  stop.Close();
  wg.Wait();
  // A ticker may have served the other one too.
  if (!s.is_ticker) {
    EXPECT_FALSE(Ready(heard));
  }
  s.NoTick(__LINE__);
}

void WaitersOfAStopped(const Subject& s) {
  const Chan<Unit> stop = MakeChan<Unit>();
  sync::WaitGroup wg;
  for (int i = 0; i < 2; ++i) {
    wg.Go([c = s.c, stop] {
      EXPECT_EQ(Select(c.OnRecv([] {}), stop.OnRecv([] {})), 1);
    });
  }
  Pause();
  stop.Close();
  wg.Wait();
}

// What Stop and Reset return is whether a value was prevented from being read.
void Results(const Subject& s) {
  s.reset(kSoon);
  Pause();
  EXPECT_TRUE(s.stop());
  s.NoTick(__LINE__);
  s.reset(kFar);
  s.NoTick(__LINE__);
  EXPECT_TRUE(s.reset(kSoon));
  s.Tick(__LINE__);
  Pause();
  if (s.is_ticker) {
    s.Tick(__LINE__);
  } else {
    s.NoTick(__LINE__);
  }
  EXPECT_EQ(s.reset(kFar), s.is_ticker);
  s.NoTick(__LINE__);
  s.stop();
}

void Walk(const Subject& s) {
  Unread(s);
  Waiter(s);
  TwoWaiters(s);
  WaitersOfAStopped(s);
  Results(s);
}

GO_TEST(TickTest, TestChan) {
  const time::Timer timer = time::NewTimer(kFar);
  Walk({false, [&] { return timer.Stop(); },
        [&](absl::Duration d) { return timer.Reset(d); }, timer.C});
  const time::Ticker ticker = time::NewTicker(kFar);
  Walk({true,
        [&] {
          ticker.Stop();
          return true;
        },
        [&](absl::Duration d) {
          ticker.Reset(d);
          return true;
        },
        ticker.C});
}

}  // namespace
}  // namespace parkour::tests
