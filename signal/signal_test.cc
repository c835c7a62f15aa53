// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What Go's tests do not ask; those are in tests/conformance/signal.

#include "parkour/signal/signal.h"

#include <sys/time.h>
#include <unistd.h>

#include <thread>

#include "gtest/gtest.h"
#include "parkour/boot/main.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/test_util.h"
#include "parkour/signal/sigqueue.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::signal {
namespace {

using runtime::testing::Scaled;

// The handler that a host program had before us.
base::Atomic<int> host_calls{0};
void HostHandler(int) { host_calls.fetch_add(1); }

TEST(SignalTest, HostsHandlerComesBack) {
  struct sigaction host = {};
  host.sa_handler = HostHandler;
  host.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &host, nullptr);
  host_calls.store(0);

  const Chan<int> ch = MakeChan<int>(1);
  Notify(ch, {SIGUSR1});
  raise(SIGUSR1);
  EXPECT_EQ(ch.Recv(), SIGUSR1);
  EXPECT_EQ(host_calls.load(), 0);
  Stop(ch);
  raise(SIGUSR1);
  EXPECT_EQ(host_calls.load(), 1);
  EXPECT_FALSE(ch.TryRecv());

  Ignore({SIGUSR1});
  EXPECT_TRUE(Ignored(SIGUSR1));
  raise(SIGUSR1);
  EXPECT_EQ(host_calls.load(), 1);
  Reset({SIGUSR1});
  EXPECT_FALSE(Ignored(SIGUSR1));
  raise(SIGUSR1);
  EXPECT_EQ(host_calls.load(), 2);

  struct sigaction now;
  sigaction(SIGUSR1, nullptr, &now);
  EXPECT_EQ(now.sa_flags & SA_RESTART, SA_RESTART);
  ::signal(SIGUSR1, SIG_DFL);
}

TEST(SignalTest, EachChannelGetsItsOwn) {
  const Chan<int> both = MakeChan<int>(2);
  const Chan<int> one = MakeChan<int>(2);
  Notify(both, {SIGUSR1});
  Notify(both, {SIGUSR2});
  Notify(one, {SIGUSR2});
  raise(SIGUSR1);
  EXPECT_EQ(both.Recv(), SIGUSR1);
  raise(SIGUSR2);
  EXPECT_EQ(both.Recv(), SIGUSR2);
  EXPECT_EQ(one.Recv(), SIGUSR2);
  Stop(both);
  raise(SIGUSR2);
  EXPECT_EQ(one.Recv(), SIGUSR2);
  EXPECT_FALSE(both.TryRecv());
  Stop(one);
}

TEST(SignalTest, NobodyWaitsForAFullChannel) {
  const Chan<int> full = MakeChan<int>(1);
  const Chan<int> other = MakeChan<int>(1);
  Notify(full, {SIGUSR1});
  Notify(other, {SIGUSR1});
  for (int i = 0; i < 3; ++i) {
    raise(SIGUSR1);
    EXPECT_EQ(other.Recv(), SIGUSR1);
  }
  EXPECT_EQ(full.Len(), 1u);
  Stop(full);
  Stop(other);
}

TEST(SignalTest, WhatCannotBeHadIsLeftAlone) {
  struct sigaction before;
  sigaction(SIGSEGV, nullptr, &before);
  const Chan<int> ch = MakeChan<int>(1);
  Notify(ch, {SIGSEGV, SIGKILL, SIGSTOP, 32, 0, 65, -1});
  struct sigaction after;
  sigaction(SIGSEGV, nullptr, &after);
  EXPECT_EQ(before.sa_sigaction, after.sa_sigaction);
  Stop(ch);
  Stop(ch);
  EXPECT_EQ(kAllSignals & (Bit(SIGSEGV) | Bit(SIGKILL) | Bit(33)), 0u);
  EXPECT_NE(kAllSignals & Bit(64), 0u);
}

// A signal that every thread of the program blocks reaches ours.
TEST(SignalTest, BlockedInAllOtherThreads) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  const Chan<int> ch = MakeChan<int>(1);
  Notify(ch, {SIGRTMIN});
  // The other threads have it open: send it to one that does not.
  std::thread([&] {
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    kill(getpid(), SIGRTMIN);
    EXPECT_EQ(ch.Recv(), SIGRTMIN);
  }).join();
  Stop(ch);
}

TEST(SignalTest, PlainThreadsAndGoroutines) {
  const Chan<int> ch = MakeChan<int>(1);
  Notify(ch, {SIGUSR1});
  std::thread([] { raise(SIGUSR1); }).join();
  EXPECT_EQ(ch.Recv(), SIGUSR1);
  go([] { raise(SIGUSR1); });
  EXPECT_EQ(ch.Recv(), SIGUSR1);
  Stop(ch);
}

// A signal raised before Stop returns is in the channel or was the host's: it
// is in exactly one of the two.
TEST(SignalRaceTest, NothingFallsBetween) {
  struct sigaction host = {};
  host.sa_handler = HostHandler;
  sigaction(SIGUSR1, &host, nullptr);
  for (int round = 0; round < Scaled(2000); ++round) {
    host_calls.store(0);
    const Chan<int> ch = MakeChan<int>(1);
    Notify(ch, {SIGUSR1});
    sync::WaitGroup wg;
    wg.Go([] { raise(SIGUSR1); });
    wg.Go([&] { Stop(ch); });
    wg.Wait();
    ASSERT_EQ(static_cast<int>(ch.Len()) + host_calls.load(), 1) << round;
  }
  ::signal(SIGUSR1, SIG_DFL);
}

TEST(SignalRaceTest, EverythingAtOnce) {
  sync::WaitGroup wg;
  for (int i = 0; i < 4; ++i) {
    wg.Go([] {
      for (int round = 0; round < Scaled(500); ++round) {
        const Chan<int> ch = MakeChan<int>(1);
        Notify(ch, {SIGURG, SIGWINCH});
        raise(SIGURG);
        EXPECT_TRUE(ch.Recv());  // it, or one of the others' if that was first
        raise(SIGWINCH);
        Stop(ch);
      }
    });
  }
  wg.Wait();
}

TEST(SignalDeathTest, Misuse) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(Notify(Chan<int>()), ::testing::ExitedWithCode(2),
              "panic: os/signal: Notify using nil channel");
}

TEST(SignalDeathTest, TheDefaultComesBack) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto raise_after_stop = [] {
    const Chan<int> ch = MakeChan<int>(1);
    Notify(ch, {SIGTERM});
    raise(SIGTERM);
    ch.Recv();
    Stop(ch);
    raise(SIGTERM);
  };
  EXPECT_EXIT(raise_after_stop(), ::testing::KilledBySignal(SIGTERM), "");
  const auto raise_after_reset = [] {
    const Chan<int> ch = MakeChan<int>(1);
    Notify(ch);
    Reset();
    raise(SIGTERM);
  };
  EXPECT_EXIT(raise_after_reset(), ::testing::KilledBySignal(SIGTERM), "");
}

// Somebody outside sends the signal while everybody in the program sleeps.
TEST(SignalDeathTest, WaitingForASignalIsNoDeadlock) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto wait_for_alarm = [] {
    _exit(Main(0, nullptr, [] {
      const Chan<int> ch = MakeChan<int>(1);
      Notify(ch, {SIGALRM});
      itimerval soon = {{0, 0}, {0, 50000}};
      setitimer(ITIMER_REAL, &soon, nullptr);
      return ch.Recv() == SIGALRM ? 7 : 8;
    }));
  };
  EXPECT_EXIT(wait_for_alarm(), ::testing::ExitedWithCode(7), "");
  const auto wait_after_stop = [] {
    Main(0, nullptr, [] {
      const Chan<int> ch = MakeChan<int>(1);
      Notify(ch, {SIGALRM});
      Stop(ch);
      ch.Recv();
    });
  };
  EXPECT_EXIT(wait_after_stop(), ::testing::ExitedWithCode(2),
              "fatal error: all goroutines are asleep - deadlock!");
}

}  // namespace
}  // namespace parkour::signal
