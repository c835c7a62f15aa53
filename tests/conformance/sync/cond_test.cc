// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/sync/cond_test.go

#include "parkour/sync/cond.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/time/timer.h"

namespace parkour::tests {
namespace {

using runtime::testing::Scaled;

TEST(Cond, TestCondSignal) {
  sync::Mutex m;
  sync::Cond c(&m);
  const int n = 2;
  Chan<bool> running = MakeChan<bool>(n);
  Chan<bool> awake = MakeChan<bool>(n);
  sync::WaitGroup wg;
  for (int i = 0; i < n; ++i) {
    wg.Go([&, running, awake] {
      m.Lock();
      running.Send(true);
      c.Wait();
      awake.Send(true);
      m.Unlock();
    });
  }
  for (int i = 0; i < n; ++i) running.Recv();
  for (int left = n; left > 0; --left) {
    EXPECT_FALSE(awake.TryRecv()) << "goroutine not asleep";
    m.Lock();
    c.Signal();
    m.Unlock();
    awake.Recv();  // deadlock if none is woken
    EXPECT_FALSE(awake.TryRecv()) << "too many goroutines awake";
  }
  c.Signal();
  wg.Wait();
}

TEST(Cond, TestCondSignalGenerations) {
  sync::Mutex m;
  sync::Cond c(&m);
  const int n = 100;
  Chan<bool> running = MakeChan<bool>(n);
  Chan<int> awake = MakeChan<int>(n);
  sync::WaitGroup wg;
  for (int i = 0; i < n; ++i) {
    wg.Go([&, running, awake, i] {
      m.Lock();
      running.Send(true);
      c.Wait();
      awake.Send(i);
      m.Unlock();
    });
    if (i > 0) {
      EXPECT_EQ(awake.Recv(), i - 1) << "wrong goroutine woke up";
    }
    running.Recv();
    m.Lock();
    c.Signal();
    m.Unlock();
  }
  EXPECT_EQ(awake.Recv(), n - 1);
  wg.Wait();
}

TEST(Cond, TestCondBroadcast) {
  sync::Mutex m;
  sync::Cond c(&m);
  const int n = 200;
  const int rounds = std::max(2, Scaled(n));
  Chan<int> running = MakeChan<int>(n);
  Chan<int> awake = MakeChan<int>(n);
  bool exit = false;
  sync::WaitGroup wg;
  for (int i = 0; i < n; ++i) {
    wg.Go([&, running, awake, i] {
      m.Lock();
      while (!exit) {
        running.Send(i);
        c.Wait();
        awake.Send(i);
      }
      m.Unlock();
    });
  }
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < n; ++i) running.Recv();
    if (round == rounds - 1) {
      m.Lock();
      exit = true;
      m.Unlock();
    }
    EXPECT_FALSE(awake.TryRecv()) << "goroutine not asleep";
    m.Lock();
    c.Broadcast();
    m.Unlock();
    std::vector<bool> seen(n);
    for (int i = 0; i < n; ++i) {
      const auto g = static_cast<size_t>(*awake.Recv());
      EXPECT_FALSE(seen[g]) << "goroutine woke up twice";
      seen[g] = true;
    }
  }
  EXPECT_FALSE(running.TryRecv()) << "goroutine did not exit";
  c.Broadcast();
  wg.Wait();
}

// Three goroutines take turns on a shared word.
TEST(Cond, TestRace) {
  for (int round = 0; round < Scaled(200); ++round) {
    int x = 0;
    sync::Mutex m;
    sync::Cond c(&m);
    Chan<bool> done = MakeChan<bool>();
    go([&, done] {
      m.Lock();
      x = 1;
      c.Wait();
      EXPECT_EQ(x, 2);
      x = 3;
      c.Signal();
      m.Unlock();
      done.Send(true);
    });
    go([&, done] {
      m.Lock();
      for (;;) {
        if (x == 1) {
          x = 2;
          c.Signal();
          break;
        }
        m.Unlock();
        runtime::Gosched();
        m.Lock();
      }
      m.Unlock();
      done.Send(true);
    });
    go([&, done] {
      m.Lock();
      for (;;) {
        if (x == 2) {
          c.Wait();
          EXPECT_EQ(x, 3);
          break;
        }
        if (x == 3) break;
        m.Unlock();
        runtime::Gosched();
        m.Lock();
      }
      m.Unlock();
      done.Send(true);
    });
    for (int i = 0; i < 3; ++i) done.Recv();
  }
}

// The waiter that was there before the signal gets it, not one that calls Wait
// after it.
TEST(Cond, TestCondSignalStealing) {
  for (int round = 0; round < Scaled(1000); ++round) {
    sync::Mutex m;
    sync::Cond cond(&m);

    // Start a waiter.
    Chan<bool> ch = MakeChan<bool>();
    go([&, ch] {
      m.Lock();
      ch.Send(true);
      cond.Wait();
      m.Unlock();
      ch.Send(true);
    });
    ch.Recv();
    m.Lock();
    m.Unlock();

    // It is in Wait. Signal from elsewhere while another one comes.
    Chan<bool> signalled = MakeChan<bool>(1);
    go([&, signalled] {
      cond.Signal();
      signalled.Send(true);
    });
    bool done = false;
    Chan<bool> second = MakeChan<bool>(1);
    go([&, second] {
      m.Lock();
      while (!done) cond.Wait();
      m.Unlock();
      second.Send(true);
    });
    const int got =
        Select(ch.OnRecv([] {}), time::After(absl::Seconds(30)).OnRecv([] {}));
    EXPECT_EQ(got, 0) << "first waiter didn't get the signal";

    m.Lock();
    done = true;
    m.Unlock();
    cond.Broadcast();
    if (got != 0) ch.Recv();
    second.Recv();
    signalled.Recv();
  }
}

// Go finds a copy at run time ("sync.Cond is copied"), C++ at compile time.
TEST(Cond, TestCondCopy) {
  EXPECT_FALSE(std::is_copy_constructible_v<sync::Cond>);
  EXPECT_FALSE(std::is_copy_assignable_v<sync::Cond>);
  EXPECT_FALSE(std::is_move_constructible_v<sync::Cond>);
}

}  // namespace
}  // namespace parkour::tests
