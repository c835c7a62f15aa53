// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/os/signal/signal_test.go, by meaning. Where Go's test starts itself
// again as another process, these are death tests. Left out: TestSignalTrace
// (execution traces have a room of their own).

#include "parkour/signal/signal.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "absl/time/clock.h"
#include "parkour/boot/main.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/context/go_test.h"

namespace parkour::tests {
namespace {

using runtime::testing::Scaled;

// raise(), which tells the calling thread: kill() would choose any thread.
void Kill(int sig) { raise(sig); }

void WaitSig(const Chan<int>& ch, int want) {
  const int taken =
      Select(ch.OnRecv([&](std::optional<int> got) { EXPECT_EQ(got, want); }),
             time::After(kPatience).OnRecv([] {}));
  EXPECT_EQ(taken, 0) << "timeout waiting for " << signal::Name(want);
}

GO_TEST(SignalTest, TestSignal) {
  const Chan<int> c = MakeChan<int>(1);
  signal::Notify(c, {SIGHUP});
  Kill(SIGHUP);
  WaitSig(c, SIGHUP);

  // All signals, on a channel with room for some.
  const Chan<int> c1 = MakeChan<int>(10);
  signal::Notify(c1);
  Kill(SIGWINCH);
  WaitSig(c1, SIGWINCH);
  Kill(SIGHUP);
  WaitSig(c1, SIGHUP);
  WaitSig(c, SIGHUP);
  Kill(SIGWINCH);
  WaitSig(c1, SIGWINCH);
  signal::Stop(c);
  signal::Stop(c1);
}

GO_TEST(SignalTest, TestStress) {
  const Chan<int> sig = MakeChan<int>(1);
  signal::Notify(sig, {SIGUSR1});
  base::Atomic<bool> finished{false};
  sync::WaitGroup wg;
  base::Atomic<int> received{0};
  wg.Go([&] {
    for (;;) {
      const int got = *sig.Recv();
      if (got == SIGUSR2) return;
      received.fetch_add(1);
    }
  });
  sync::WaitGroup killer;
  killer.Go([&] {
    while (!finished.load()) {
      Kill(SIGUSR1);
      runtime::Gosched();
    }
  });
  while (received.load() < Scaled(1000)) runtime::Gosched();
  finished.store(true);
  killer.Wait();
  signal::Stop(sig);
  sig.Send(SIGUSR2);
  wg.Wait();
}

// Signals that the system ignores by default: what remains is nothing.
void TestCancel(bool ignore) {
  const Chan<int> c1 = MakeChan<int>(1);
  const Chan<int> c2 = MakeChan<int>(1);
  signal::Notify(c1, {SIGWINCH});
  signal::Notify(c2, {SIGURG});
  Kill(SIGWINCH);
  WaitSig(c1, SIGWINCH);
  Kill(SIGURG);
  WaitSig(c2, SIGURG);
  if (ignore) {
    signal::Ignore({SIGWINCH, SIGURG});
  } else {
    signal::Reset({SIGWINCH, SIGURG});
  }
  EXPECT_EQ(signal::Ignored(SIGWINCH), ignore);
  Kill(SIGWINCH);
  Kill(SIGURG);
  // One that comes later has been handed out: so would these.
  const Chan<int> later = MakeChan<int>(1);
  signal::Notify(later, {SIGUSR1});
  Kill(SIGUSR1);
  WaitSig(later, SIGUSR1);
  signal::Stop(later);
  EXPECT_FALSE(Ready(c1));
  EXPECT_FALSE(Ready(c2));
  signal::Reset();
}

GO_TEST(SignalTest, TestReset) { TestCancel(false); }
GO_TEST(SignalTest, TestIgnore) { TestCancel(true); }

GO_TEST(SignalTest, TestIgnored) {
  const Chan<int> c = MakeChan<int>(1);
  signal::Notify(c, {SIGWINCH});
  EXPECT_FALSE(signal::Ignored(SIGWINCH));
  signal::Ignore({SIGWINCH});
  EXPECT_TRUE(signal::Ignored(SIGWINCH));
  signal::Notify(c, {SIGWINCH});
  EXPECT_FALSE(signal::Ignored(SIGWINCH));
  signal::Reset();
}

// A process that was started with SIGHUP ignored: so it stays, and can be told.
GO_TEST(SignalTest, TestDetectNohup) {
  ::signal(SIGHUP, SIG_IGN);
  EXPECT_TRUE(signal::Ignored(SIGHUP));
  ::signal(SIGHUP, SIG_DFL);
  EXPECT_FALSE(signal::Ignored(SIGHUP));
}

TEST(SignalDeathTest, TestNohup) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  // Without nohup SIGHUP ends the process, before Notify and after Stop.
  const auto run = [](bool nohup) {
    ::signal(SIGHUP, nohup ? SIG_IGN : SIG_DFL);
    const Chan<int> c = MakeChan<int>(1);
    signal::Notify(c, {SIGHUP});
    Kill(SIGHUP);
    WaitSig(c, SIGHUP);
    signal::Stop(c);
    Kill(SIGHUP);
    _exit(7);
  };
  EXPECT_EXIT(run(false), ::testing::KilledBySignal(SIGHUP), "");
  EXPECT_EXIT(run(true), ::testing::ExitedWithCode(7), "");
}

TEST(SignalDeathTest, TestStop) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  for (int sig : {SIGWINCH, SIGHUP, SIGUSR1}) {
    const Chan<int> c = MakeChan<int>(1);
    signal::Notify(c, {sig});
    Kill(sig);
    WaitSig(c, sig);
    signal::Stop(c);
    EXPECT_FALSE(Ready(c));
    if (sig == SIGWINCH) {
      Kill(sig);
      EXPECT_FALSE(Ready(c));
    } else {
      EXPECT_EXIT(Kill(sig), ::testing::KilledBySignal(sig), "");
    }
  }
}

GO_TEST(SignalTest, TestSIGCONT) {
  const Chan<int> c = MakeChan<int>(1);
  signal::Notify(c, {SIGCONT});
  Kill(SIGCONT);
  WaitSig(c, SIGCONT);
  signal::Stop(c);
}

// A signal that arrives while Stop runs is delivered or has its default effect:
// each round either ends the process or finds it in the channel.
TEST(SignalDeathTest, TestAtomicStop) {
  if (PARKOUR_TSAN) {
    GTEST_SKIP() << "ThreadSanitizer runs handlers late: those that are set "
                    "then, so that a signal may be lost";
  }
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto rounds = [] {
    ::signal(SIGINT, SIG_DFL);  // ignored in a shell's background jobs
    for (int round = 0; round < Scaled(1000); ++round) {
      const Chan<int> cs = MakeChan<int>(1);
      signal::Notify(cs, {SIGINT});
      sync::WaitGroup wg;
      wg.Go([] { Kill(SIGINT); });
      signal::Stop(cs);
      wg.Wait();
      if (!Ready(cs)) _exit(8);  // lost
    }
    raise(SIGINT);
  };
  EXPECT_EXIT(rounds(), ::testing::KilledBySignal(SIGINT), "");
}

// Signals do not disturb what else runs.
GO_TEST(SignalTest, TestTime) {
  const Chan<int> sig = MakeChan<int>(1);
  signal::Notify(sig, {SIGUSR1});
  base::Atomic<bool> finished{false};
  sync::WaitGroup wg;
  wg.Go([&] {
    while (!finished.load()) {
      sig.TryRecv();
      runtime::Gosched();
    }
  });
  wg.Go([&] {
    while (!finished.load()) {
      Kill(SIGUSR1);
      runtime::Gosched();
    }
  });
  absl::Time last = absl::Now();
  for (int i = 0; i < Scaled(2000); ++i) {
    const absl::Time now = absl::Now();
    EXPECT_GE(now, last);
    last = now;
    runtime::Gosched();
  }
  finished.store(true);
  wg.Wait();
  signal::Stop(sig);
}

void CheckContext(const signal::NotifyContextResult& c) {
  EXPECT_TRUE(AwaitDone(c.ctx));
  EXPECT_EQ(c.ctx.Err(), context::Canceled());
}

GO_TEST(NotifyContextTest, TestNotifyContextNotifications) {
  for (int n : {1, 10}) {
    const auto c = signal::NotifyContext(context::Background(), {SIGINT});
    EXPECT_TRUE(c.ctx.Err().ok());
    for (int i = 0; i < n; ++i) Kill(SIGINT);
    CheckContext(c);
    c.stop();
  }
}

GO_TEST(NotifyContextTest, TestNotifyContextStop) {
  signal::Ignore({SIGHUP});
  const auto c = signal::NotifyContext(context::Background(), {SIGHUP});
  EXPECT_FALSE(signal::Ignored(SIGHUP));
  EXPECT_TRUE(c.ctx.Err().ok());
  c.stop();
  CheckContext(c);
  signal::Reset({SIGHUP});
}

GO_TEST(NotifyContextTest, TestNotifyContextCancelParent) {
  auto [parent, cancel] = context::WithCancel(context::Background());
  const auto c = signal::NotifyContext(parent, {SIGINT});
  cancel();
  CheckContext(c);
  c.stop();
}

GO_TEST(NotifyContextTest, TestNotifyContextPrematureCancelParent) {
  auto [parent, cancel] = context::WithCancel(context::Background());
  cancel();
  const auto c = signal::NotifyContext(parent, {SIGINT});
  CheckContext(c);
  c.stop();
}

GO_TEST(NotifyContextTest, TestNotifyContextSimultaneousStop) {
  const auto c = signal::NotifyContext(context::Background(), {SIGINT});
  sync::WaitGroup wg;
  for (int i = 0; i < 10; ++i) {
    wg.Go([&c] { c.stop(); });
  }
  wg.Wait();
  CheckContext(c);
}

GO_TEST(NotifyContextTest, TestNotifyContextStringer) {
  auto [parent, cancel] = context::WithCancel(context::Background());
  const auto c = signal::NotifyContext(parent, {SIGHUP, SIGINT, SIGTERM});
  EXPECT_EQ(c.ctx.String(),
            "signal.NotifyContext(context.Background.WithCancel, "
            "[hangup interrupt terminated])");
  c.stop();
  const auto all = signal::NotifyContext(parent);
  EXPECT_EQ(all.ctx.String(),
            "signal.NotifyContext(context.Background.WithCancel)");
  all.stop();
}

}  // namespace
}  // namespace parkour::tests
