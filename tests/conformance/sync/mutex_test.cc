// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/sync/mutex_test.go

#include "parkour/sync/mutex.h"

#include <gtest/gtest.h>

#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/rwmutex.h"
#include "parkour/time/sleep.h"
#include "parkour/time/timer.h"

namespace parkour::tests {
namespace {

using runtime::testing::Scaled;

TEST(Mutex, TestSemaphore) {
  const int rounds = Scaled(1000);
  base::Atomic<uint32_t> s{1};
  int guarded = 0;
  Chan<bool> done = MakeChan<bool>();
  for (int i = 0; i < 10; ++i) {
    go([&, done] {
      for (int k = 0; k < rounds; ++k) {
        runtime::semacquire(&s, runtime::WaitReason::kSemacquire);
        ++guarded;
        runtime::semrelease(&s);
      }
      done.Send(true);
    });
  }
  for (int i = 0; i < 10; ++i) done.Recv();
  EXPECT_EQ(guarded, 10 * rounds);
  EXPECT_EQ(s.load(), 1u);
}

TEST(Mutex, TestMutex) {
  const int rounds = Scaled(1000);
  sync::Mutex m;
  m.Lock();
  EXPECT_FALSE(m.TryLock());
  m.Unlock();
  ASSERT_TRUE(m.TryLock());
  m.Unlock();

  int guarded = 0;
  base::Atomic<int> tried{0};
  Chan<bool> done = MakeChan<bool>();
  for (int i = 0; i < 10; ++i) {
    go([&, done] {
      for (int k = 0; k < rounds; ++k) {
        if (k % 3 == 0) {
          if (m.TryLock()) {
            tried.fetch_add(1);
            ++guarded;
            m.Unlock();
          }
          continue;
        }
        m.Lock();
        ++guarded;
        m.Unlock();
      }
      done.Send(true);
    });
  }
  for (int i = 0; i < 10; ++i) done.Recv();
  const int locked = rounds - (rounds + 2) / 3;
  EXPECT_EQ(guarded, 10 * locked + tried.load());
}

void UnlockTwice() {
  sync::Mutex mu;
  mu.Lock();
  mu.Unlock();
  mu.Unlock();
}

void RUnlockWhileLocked() {
  sync::RWMutex mu;
  mu.Lock();
  mu.RUnlock();
}

void UnlockWhileRLocked() {
  sync::RWMutex mu;
  mu.RLock();
  mu.Unlock();
}

void RUnlockTwice() {
  sync::RWMutex mu;
  mu.RLock();
  mu.RUnlock();
  mu.RUnlock();
}

void RWUnlockTwice() {
  sync::RWMutex mu;
  mu.Lock();
  mu.Unlock();
  mu.Unlock();
}

TEST(MutexDeathTest, TestMutexMisuse) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto status_two = testing::ExitedWithCode(2);
  EXPECT_EXIT(sync::Mutex().Unlock(), status_two,
              "fatal error: sync: unlock of unlocked mutex");
  EXPECT_EXIT(UnlockTwice(), status_two,
              "fatal error: sync: unlock of unlocked mutex");
  EXPECT_EXIT(sync::RWMutex().Unlock(), status_two,
              "fatal error: sync: Unlock of unlocked RWMutex");
  EXPECT_EXIT(UnlockWhileRLocked(), status_two,
              "fatal error: sync: Unlock of unlocked RWMutex");
  EXPECT_EXIT(RWUnlockTwice(), status_two,
              "fatal error: sync: Unlock of unlocked RWMutex");
  EXPECT_EXIT(sync::RWMutex().RUnlock(), status_two,
              "fatal error: sync: RUnlock of unlocked RWMutex");
  EXPECT_EXIT(RUnlockWhileLocked(), status_two,
              "fatal error: sync: RUnlock of unlocked RWMutex");
  EXPECT_EXIT(RUnlockTwice(), status_two,
              "fatal error: sync: RUnlock of unlocked RWMutex");
}

// One goroutine holds it nearly all the time; the other, which comes ten times
// after a short sleep, gets it, and soon.
TEST(Mutex, TestMutexFairness) {
  sync::Mutex mu;
  Chan<bool> stop = MakeChan<bool>();
  Chan<bool> stopped = MakeChan<bool>(1);
  go([&mu, stop, stopped] {
    bool over = false;
    while (!over) {
      mu.Lock();
      time::Sleep(absl::Microseconds(100));
      mu.Unlock();
      Select(stop.OnRecv([&over] { over = true; }), Default([] {}));
    }
    stopped.Send(true);
  });
  Chan<bool> done = MakeChan<bool>(1);
  go([&mu, done] {
    for (int i = 0; i < 10; ++i) {
      time::Sleep(absl::Microseconds(100));
      mu.Lock();
      mu.Unlock();
    }
    done.Send(true);
  });
  const int taken =
      Select(done.OnRecv([] {}), time::After(absl::Seconds(10)).OnRecv([] {}));
  EXPECT_EQ(taken, 0) << "can't acquire the mutex in 10 seconds";
  stop.Close();
  if (taken != 0) done.Recv();
  stopped.Recv();
}

}  // namespace
}  // namespace parkour::tests
