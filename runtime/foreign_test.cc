// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Plain threads use everything that goroutines use.

#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/syscall.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/time/sleep.h"

namespace parkour::runtime {
namespace {

using testing::Scaled;

void RunThreads(int n, const std::function<void(int)>& f) {
  std::vector<std::thread> threads;
  for (int i = 0; i < n; ++i) threads.emplace_back([&f, i] { f(i); });
  for (auto& t : threads) t.join();
}

TEST(Foreign, SpawnFromManyThreads) {
  const int64_t before = NumGoroutine();
  base::Atomic<int> ran{0};
  RunThreads(8, [&](int) {
    for (int i = 0; i < Scaled(1000); ++i) go([&ran] { ran.fetch_add(1); });
  });
  EXPECT_TRUE(
      testing::Eventually([&] { return ran.load() == 8 * Scaled(1000); }));
  EXPECT_TRUE(testing::GoroutinesBackTo(before));
}

// Threads and goroutines on both sides of one channel, which is unbuffered or
// small: both kinds park.
TEST(Foreign, ChannelsBothWays) {
  for (int cap : {0, 3}) {
    Chan<int> ch = MakeChan<int>(cap);
    base::Atomic<int64_t> sum{0};
    base::Atomic<int> senders{8};
    const int n = Scaled(1000);
    const auto send = [&, ch] {
      for (int i = 1; i <= n; ++i) ch.Send(i);
      if (senders.fetch_sub(1) == 1) ch.Close();
    };
    const auto receive = [&, ch] {
      for (int v : ch) sum.fetch_add(v);
    };
    sync::WaitGroup wg;
    for (int i = 0; i < 4; ++i) {
      wg.Go(send);
      wg.Go(receive);
    }
    RunThreads(8, [&](int i) { i % 2 == 0 ? send() : receive(); });
    wg.Wait();
    EXPECT_EQ(sum.load(), int64_t{8} * n * (n + 1) / 2);
  }
}

TEST(Foreign, ThreadsOnlyPingPong) {
  Chan<int> ping = MakeChan<int>();
  Chan<int> pong = MakeChan<int>();
  const int n = Scaled(5000);
  RunThreads(2, [&](int i) {
    for (int j = 0; j < n; ++j) {
      if (i == 0) {
        ping.Send(j);
        EXPECT_EQ(pong.Recv(), j);
      } else {
        EXPECT_EQ(ping.Recv(), j);
        pong.Send(j);
      }
    }
  });
}

TEST(Foreign, MutexAmongThreadsAndGoroutines) {
  sync::Mutex mu;
  int64_t n = 0;  // guarded by mu
  const auto work = [&] {
    for (int i = 0; i < Scaled(5000); ++i) {
      mu.Lock();
      ++n;
      if (i % 256 == 0) Gosched();
      mu.Unlock();
    }
  };
  sync::WaitGroup wg;
  for (int i = 0; i < 4; ++i) wg.Go(work);
  RunThreads(4, [&](int) { work(); });
  wg.Wait();
  EXPECT_EQ(n, 8 * Scaled(5000));
  EXPECT_EQ(SemaWaiters(), 0);
}

TEST(Foreign, WaitGroupWaitedForByThreads) {
  for (int round = 0; round < Scaled(200); ++round) {
    sync::WaitGroup wg;
    base::Atomic<int> done{0};
    for (int i = 0; i < 10; ++i) wg.Go([&] { done.fetch_add(1); });
    RunThreads(3, [&](int) {
      wg.Wait();
      EXPECT_EQ(done.load(), 10);
    });
  }
}

TEST(Foreign, Sleep) {
  RunThreads(4, [](int i) {
    const absl::Duration d = absl::Microseconds(300 * (i + 1));
    for (int j = 0; j < 10; ++j) {
      const int64_t start = base::nanotime();
      time::Sleep(d);
      EXPECT_GE(base::nanotime() - start, absl::ToInt64Nanoseconds(d));
    }
  });
}

// Threads end and their proxies are reused; what one left behind must not show
// in the next.
TEST(Foreign, ThreadsComeAndGo) {
  Chan<int> ch = MakeChan<int>();
  int64_t sum = 0;
  sync::WaitGroup wg;
  const int n = Scaled(600);
  wg.Go([&, ch] {
    for (int i = 0; i < n; ++i) sum += *ch.Recv();
  });
  for (int i = 0; i < n; i += 3) {
    RunThreads(std::min(3, n - i), [&](int) {
      LockOSThread();
      ch.Send(1);
      go([] {});
      EnterSyscall();
      ExitSyscall();
      EXPECT_EQ(Blocking([] { return 5; }), 5);
      Gosched();
      EXPECT_GE(NumGoroutine(), 0);
    });
  }
  wg.Wait();
  EXPECT_EQ(sum, n);
}

// A thread_local's destructor runs when the thread's proxy may be gone already.
// A thread blocks signals and chooses its CPU for its own purposes. The Ms that
// its calls bring about are not to inherit that: they live on.
TEST(Foreign, MsDoNotInheritMaskAndAffinity) {
  cpu_set_t all;
  ASSERT_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
  base::Atomic<int> inherited{0};
  std::thread([&] {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    EXPECT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
    for (int i = 0; i < 20; ++i) {
      sync::WaitGroup wg;
      wg.Go([&] {
        LockOSThread();  // and ends with its thread: another must be made
        sigset_t mask;
        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        cpu_set_t mine;
        sched_getaffinity(0, sizeof(mine), &mine);
        inherited.fetch_add(sigismember(&mask, SIGUSR2) ||
                            !CPU_EQUAL(&mine, &all));
      });
      wg.Wait();
    }
  }).join();
  EXPECT_EQ(inherited.load(), 0);
}

TEST(Foreign, UseFromAThreadLocalDestructor) {
  static base::Atomic<int> ran{0};
  struct Late {
    ~Late() {
      go([] { ran.fetch_add(1); });
      Chan<int> ch = MakeChan<int>(1);
      ch.Send(1);
      EXPECT_EQ(ch.Recv(), 1);
    }
  };
  RunThreads(4, [](int) {
    thread_local Late late;
    (void)&late;
    go([] { ran.fetch_add(1); });
  });
  EXPECT_TRUE(testing::Eventually([] { return ran.load() == 8; }));
}

}  // namespace
}  // namespace parkour::runtime
