// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

//
// LockOSThread.

#include <unistd.h>

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/thread.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/sleep.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::runtime {
namespace {

using base::ThreadId;
using testing::RunInGoroutine;
using testing::Scaled;

bool ThreadExists(int tid) {
  return access(("/proc/self/task/" + std::to_string(tid)).c_str(), F_OK) == 0;
}

TEST(LockOSThread, SameThreadAcrossParks) {
  for (int n : {1, 2, 4}) {
    testing::ProcsScope procs(n);
    Chan<int> ping = MakeChan<int>();
    Chan<int> pong = MakeChan<int>();
    sync::WaitGroup wg;
    wg.Go([=] {
      LockOSThread();
      const int tid = ThreadId();
      for (int i = 0; i < Scaled(2000); ++i) {
        EXPECT_EQ(ping.Recv(), i);
        EXPECT_EQ(ThreadId(), tid);
        pong.Send(i);
        EXPECT_EQ(ThreadId(), tid);
        if (i % 16 == 0) Gosched();
        if (i % 64 == 0) timeSleep(1000);
        EXPECT_EQ(ThreadId(), tid);
      }
      UnlockOSThread();
    });
    wg.Go([=] {
      for (int i = 0; i < Scaled(2000); ++i) {
        ping.Send(i);
        EXPECT_EQ(pong.Recv(), i);
      }
    });
    wg.Wait();
  }
}

TEST(LockOSThread, OthersRunElsewhere) {
  testing::ProcsScope procs(2);
  Chan<Unit> locked = MakeChan<Unit>();
  Chan<Unit> release = MakeChan<Unit>();
  base::Atomic<int> tid{0};
  sync::WaitGroup owner;
  owner.Go([&, locked, release] {
    LockOSThread();
    tid.store(ThreadId());
    locked.Send({});
    release.Recv();
    EXPECT_EQ(ThreadId(), tid.load());
    UnlockOSThread();
  });
  locked.Recv();
  base::Atomic<int> intruders{0};
  sync::WaitGroup wg;
  for (int i = 0; i < 500; ++i) {
    wg.Go([&] {
      for (int j = 0; j < 5; ++j) {
        if (ThreadId() == tid.load()) intruders.fetch_add(1);
        Gosched();
      }
    });
  }
  wg.Wait();
  EXPECT_EQ(intruders.load(), 0);
  release.Send({});
  owner.Wait();
}

// Only the last Unlock unlocks; more than enough do no harm.
TEST(LockOSThread, Nests) {
  testing::ProcsScope procs(1);
  RunInGoroutine([] {
    LockOSThread();
    LockOSThread();
    UnlockOSThread();
    const int tid = ThreadId();
    Chan<int> ch = MakeChan<int>();
    for (int i = 0; i < 20; ++i) {
      go([ch, tid] { ch.Send(ThreadId() == tid); });
      EXPECT_EQ(ch.Recv(), 0);
      EXPECT_EQ(ThreadId(), tid);
    }
    UnlockOSThread();
    UnlockOSThread();
    LockOSThread();
    UnlockOSThread();
    // Free again: with one P the others run on this very thread. The first may
    // still be handed to another thread by what went before.
    base::Atomic<bool> same{false};
    EXPECT_TRUE(testing::Eventually([&] {
      const int now = ThreadId();
      go([ch, now] { ch.Send(ThreadId() == now); });
      same.store(*ch.Recv() == 1);
      return same.load();
    }));
  });
}

TEST(LockOSThread, ExitWhileLockedTakesTheThread) {
  testing::ProcsScope procs(2);
  for (bool goexit : {false, true}) {
    const int64_t threads = NumThread();
    std::vector<int> tids(Scaled(50));
    sync::WaitGroup wg;
    for (int& tid : tids) {
      wg.Go([&tid, goexit] {
        LockOSThread();
        LockOSThread();
        tid = ThreadId();
        Gosched();
        EXPECT_EQ(ThreadId(), tid);
        if (goexit) Goexit();
      });
    }
    wg.Wait();
    for (int tid : tids) {
      EXPECT_TRUE(testing::Eventually([tid] { return !ThreadExists(tid); }));
    }
    // Their threads do not add up.
    EXPECT_LE(NumThread(), threads + 8);
  }
}

TEST(LockOSThread, EndUnlockedKeepsTheThread) {
  testing::ProcsScope procs(1);
  int tid = 0;
  RunInGoroutine([&] {
    LockOSThread();
    tid = ThreadId();
    UnlockOSThread();
  });
  for (int i = 0; i < 20; ++i) RunInGoroutine([] {});
  EXPECT_TRUE(ThreadExists(tid));
}

// Go: TestYieldLocked.
TEST(LockOSThread, ManyLockedAtOnce) {
  testing::ProcsScope procs(2);
  constexpr int kLocked = 10;
  sync::Mutex mu;
  int n = 0;  // guarded by mu
  sync::WaitGroup wg;
  for (int i = 0; i < kLocked; ++i) {
    wg.Go([&, i] {
      LockOSThread();
      const int tid = ThreadId();
      for (int j = 0; j < Scaled(500); ++j) {
        mu.Lock();
        ++n;
        if (j % 8 == 0) Gosched();
        mu.Unlock();
        EXPECT_EQ(ThreadId(), tid);
        if (j % 32 == 0) timeSleep(1000);
      }
      if (i % 2 == 0) UnlockOSThread();
    });
  }
  wg.Wait();
  EXPECT_EQ(n, kLocked * Scaled(500));
}

// Two locked goroutines hand a value back and forth: every turn goes through
// another thread.
TEST(LockOSThread, PingPongOfTwoLocked) {
  for (int n : {1, 2}) {
    testing::ProcsScope procs(n);
    Chan<int> a = MakeChan<int>();
    Chan<int> b = MakeChan<int>();
    sync::WaitGroup wg;
    const auto player = [](Chan<int> in, Chan<int> out) {
      LockOSThread();
      const int tid = ThreadId();
      for (int v : in) {
        EXPECT_EQ(ThreadId(), tid);
        if (v == 0) break;
        out.Send(v - 1);
      }
      out.Close();
    };
    wg.Go([=] { player(a, b); });
    wg.Go([=] { player(b, a); });
    a.Send(Scaled(2000));
    wg.Wait();
  }
}

TEST(LockOSThread, PlainThreadIsUnaffected) {
  LockOSThread();
  UnlockOSThread();
  UnlockOSThread();
  RunInGoroutine([] {});
}

// Locked goroutines while the number of Ps changes under them.
TEST(LockOSThread, WhilePsComeAndGo) {
  testing::ProcsScope procs(4);
  base::Atomic<bool> done{false};
  sync::WaitGroup resize;
  resize.Go([&] {
    LockOSThread();
    for (int i = 0; !done.load(); ++i) {
      GOMAXPROCS(1 + i % 4);
      Gosched();
    }
  });
  sync::WaitGroup wg;
  for (int i = 0; i < 6; ++i) {
    wg.Go([=] {
      for (int j = 0; j < Scaled(200); ++j) {
        LockOSThread();
        const int tid = ThreadId();
        Gosched();
        if (j % 10 == 0) timeSleep(10000);
        EXPECT_EQ(ThreadId(), tid);
        UnlockOSThread();
      }
    });
  }
  wg.Wait();
  done.store(true);
  resize.Wait();
}

}  // namespace
}  // namespace parkour::runtime
