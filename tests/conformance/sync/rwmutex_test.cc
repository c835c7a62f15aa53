// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/sync/rwmutex_test.go

#include "parkour/sync/rwmutex.h"

#include <gtest/gtest.h>

#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/test_util.h"

namespace parkour::tests {
namespace {

using runtime::testing::ProcsScope;
using runtime::testing::Scaled;

void ParallelReaders(int readers, int procs) {
  ProcsScope scope(procs);
  sync::RWMutex m;
  Chan<bool> locked = MakeChan<bool>();
  Chan<bool> unlock = MakeChan<bool>();
  Chan<bool> done = MakeChan<bool>();
  for (int i = 0; i < readers; ++i) {
    go([&m, locked, unlock, done] {
      m.RLock();
      locked.Send(true);
      unlock.Recv();
      m.RUnlock();
      done.Send(true);
    });
  }
  // All hold it at the same time.
  for (int i = 0; i < readers; ++i) locked.Recv();
  for (int i = 0; i < readers; ++i) unlock.Send(true);
  for (int i = 0; i < readers; ++i) done.Recv();
}

TEST(RWMutex, TestParallelReaders) {
  ParallelReaders(1, 4);
  ParallelReaders(3, 4);
  ParallelReaders(4, 2);
}

// Readers count 1 each, a writer 10,000: what each sees tells who else is in.
class Hammer {
 public:
  Hammer(int procs, int readers, int rounds) : scope_(procs) {
    Chan<bool> done = MakeChan<bool>();
    auto start = [&](void (Hammer::*f)(int)) {
      go([this, f, rounds, done] {
        (this->*f)(rounds);
        done.Send(true);
      });
    };
    start(&Hammer::Write);
    int i = 0;
    for (; i < readers / 2; ++i) start(&Hammer::Read);
    start(&Hammer::Write);
    for (; i < readers; ++i) start(&Hammer::Read);
    for (i = 0; i < 2 + readers; ++i) done.Recv();
    EXPECT_EQ(wrong_.load(), 0);
    EXPECT_EQ(activity_.load(), 0);
  }

 private:
  static constexpr int kWriter = 10000;

  void Read(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      m_.RLock();
      const int n = activity_.fetch_add(1) + 1;
      if (n < 1 || n >= kWriter) wrong_.fetch_add(1);
      for (int k = 0; k < 30; ++k) base::CpuRelax();
      activity_.fetch_sub(1);
      m_.RUnlock();
    }
  }

  void Write(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      m_.Lock();
      if (activity_.fetch_add(kWriter) != 0) wrong_.fetch_add(1);
      for (int k = 0; k < 30; ++k) base::CpuRelax();
      activity_.fetch_sub(kWriter);
      m_.Unlock();
    }
  }

  ProcsScope scope_;
  sync::RWMutex m_;
  base::Atomic<int> activity_{0};
  base::Atomic<int> wrong_{0};
};

TEST(RWMutex, TestRWMutex) {
  sync::RWMutex m;
  m.Lock();
  EXPECT_FALSE(m.TryLock());
  EXPECT_FALSE(m.TryRLock());
  m.Unlock();
  ASSERT_TRUE(m.TryLock());
  m.Unlock();
  ASSERT_TRUE(m.TryRLock());
  ASSERT_TRUE(m.TryRLock());
  EXPECT_FALSE(m.TryLock());
  m.RUnlock();
  m.RUnlock();

  const int n = Scaled(1000);
  for (int procs : {1, 4}) {
    for (int readers : {1, 3, 10}) Hammer(procs, readers, n);
  }
  Hammer(10, 5, n);
}

TEST(RWMutex, TestRLocker) {
  constexpr int kRounds = 10;
  sync::RWMutex wl;
  sync::Locker rl = wl.RLocker();
  Chan<bool> wlocked = MakeChan<bool>(1);
  Chan<bool> rlocked = MakeChan<bool>(1);
  go([&wl, rl, wlocked, rlocked] {
    for (int i = 0; i < kRounds; ++i) {
      rl.Lock();
      rl.Lock();
      rlocked.Send(true);
      wl.Lock();
      wlocked.Send(true);
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    rlocked.Recv();
    rl.Unlock();
    EXPECT_FALSE(wlocked.TryRecv()) << "RLocker() didn't read-lock it";
    rl.Unlock();
    wlocked.Recv();
    EXPECT_FALSE(rlocked.TryRecv())
        << "RLocker() didn't respect the write lock";
    wl.Unlock();
  }
}

}  // namespace
}  // namespace parkour::tests
