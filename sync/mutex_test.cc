// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sync/mutex.h"

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/rand.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/sleep.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::sync {
namespace {

using runtime::SemaWaiters;
using runtime::testing::Eventually;
using runtime::testing::kMs;
using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

// Takes the mutex if it is free, and gives it back.
bool IsFree(Mutex* mu) {
  if (!mu->TryLock()) return false;
  mu->Unlock();
  return true;
}

TEST(Mutex, TryLock) {
  Mutex mu;
  EXPECT_TRUE(IsFree(&mu));
  mu.Lock();
  EXPECT_FALSE(IsFree(&mu));
  mu.Unlock();
  EXPECT_TRUE(IsFree(&mu));
}

TEST(Mutex, StandardGuards) {
  Mutex a;
  Mutex b;
  {
    std::lock_guard<Mutex> lock(a);
    EXPECT_FALSE(IsFree(&a));
  }
  {
    std::scoped_lock both(a, b);
    EXPECT_FALSE(IsFree(&a));
    EXPECT_FALSE(IsFree(&b));
  }
  std::unique_lock<Mutex> lock(a);
  EXPECT_FALSE(IsFree(&a));
  lock.unlock();
  EXPECT_TRUE(IsFree(&a));
}

// The analysis cannot follow a mutex that changes hands.
TEST(Mutex, AnyGoroutineMayUnlock) {
  Mutex mu;
  const auto lock = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS { mu.Lock(); };
  const auto unlock = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS { mu.Unlock(); };
  lock();
  RunInGoroutine(unlock);
  RunInGoroutine(lock);
  EXPECT_FALSE(IsFree(&mu));
  unlock();
  EXPECT_TRUE(IsFree(&mu));
}

// Go: HammerMutex.
void Hammer(int procs, int goroutines, int rounds, uint32_t yield_one_in) {
  ProcsScope scope(procs);
  Mutex mu;
  int64_t n = 0;  // guarded by mu
  base::Atomic<int64_t> expected{0};
  WaitGroup wg;
  for (int i = 0; i < goroutines; ++i) {
    wg.Go([&, i] {
      base::Rand rand(i + 1);
      for (int j = 0; j < rounds; ++j) {
        if (rand.Below(3) == 0) {
          if (!mu.TryLock()) continue;
        } else {
          mu.Lock();
        }
        const int64_t before = n;
        if (rand.Below(yield_one_in) == 0) runtime::Gosched();
        n = before + 1;
        expected.fetch_add(1);
        mu.Unlock();
      }
    });
  }
  wg.Wait();
  EXPECT_EQ(n, expected.load());
  EXPECT_EQ(SemaWaiters(), 0);
  EXPECT_TRUE(IsFree(&mu));
}

TEST(MutexStress, OneP) { Hammer(1, 10, Scaled(10000), 16); }
TEST(MutexStress, TwoPs) { Hammer(2, 10, Scaled(20000), 64); }
TEST(MutexStress, FourPs) { Hammer(4, 50, Scaled(2000), 16); }
TEST(MutexStress, AlwaysContended) { Hammer(4, 8, Scaled(3000), 1); }

// Go: TestMutexFairness. One goroutine holds the mutex nearly all the time;
// another must get it all the same, ten times.
TEST(Mutex, NobodyStarves) {
  ProcsScope procs(2);
  Mutex mu;
  base::Atomic<bool> stop{false};
  WaitGroup wg;
  wg.Go([&] {
    while (!stop.load()) {
      mu.Lock();
      runtime::timeSleep(kMs / 10);
      mu.Unlock();
    }
  });
  RunInGoroutine([&] {
    for (int i = 0; i < 10; ++i) {
      runtime::timeSleep(kMs / 10);
      mu.Lock();
      mu.Unlock();
    }
  });
  stop.store(true);
  wg.Wait();
}

// A waiter that was woken, found the mutex taken in passing and has waited for
// more than 1 ms makes it starving: the next Unlock hands it over, and nobody
// may take it in passing. Returns whether it came to that: with one P nothing
// runs between an Unlock and the TryLock after it, unless the time slice ends
// there.
bool BargeThenHandOver() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Mutex mu;
  Mutex gate;
  WaitGroup wg;
  mu.Lock();
  gate.Lock();
  wg.Go([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    mu.Lock();
    gate.Lock();
    gate.Unlock();
    mu.Unlock();
  });
  const auto waits = [] { return SemaWaiters() == 1; };
  EXPECT_TRUE(Eventually(waits));
  runtime::timeSleep(2 * kMs);
  mu.Unlock();
  const bool barged = mu.TryLock();
  if (barged) {
    EXPECT_TRUE(Eventually(waits));
    mu.Unlock();
    const bool again = mu.TryLock();
    EXPECT_FALSE(again);
    if (again) mu.Unlock();
  }
  gate.Unlock();
  wg.Wait();
  return barged;
}

TEST(Mutex, StarvingIsHandedOver) {
  ProcsScope procs(1);
  ASSERT_TRUE(Eventually([] { return SemaWaiters() == 0; }));
  RunInGoroutine([] {
    int handed_over = 0;
    for (int round = 0; round < 20; ++round) handed_over += BargeThenHandOver();
    EXPECT_GT(handed_over, 0);
  });
}

// The last user destroys the mutex right after its Unlock, or inside the
// critical section's last word: a count of users under the mutex itself.
struct Shared {
  Mutex mu;
  int users;
};

void Leave(Shared* s) {
  s->mu.Lock();
  const bool last = --s->users == 0;
  s->mu.Unlock();
  if (last) delete s;
}

TEST(MutexStress, DestroyedByTheLastUser) {
  ProcsScope procs(4);
  for (int i = 0; i < Scaled(20000); ++i) {
    Shared* const s = new Shared{{}, 4};
    WaitGroup wg;
    for (int j = 0; j < 4; ++j) wg.Go([s] { Leave(s); });
    wg.Wait();
  }
  EXPECT_EQ(SemaWaiters(), 0);
}

TEST(MutexStress, DestroyedByTheLastThread) {
  for (int i = 0; i < Scaled(1000); ++i) {
    Shared* const s = new Shared{{}, 3};
    std::thread a([s] { Leave(s); });
    std::thread b([s] { Leave(s); });
    Leave(s);
    a.join();
    b.join();
  }
}

void UnlockTooOften(int locks) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Mutex mu;
  for (int i = 0; i < locks; ++i) {
    mu.Lock();
    mu.Unlock();
  }
  mu.Unlock();
}

TEST(MutexDeathTest, UnlockOfUnlocked) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(UnlockTooOften(0), ::testing::ExitedWithCode(2),
              "fatal error: sync: unlock of unlocked mutex");
  EXPECT_EXIT(RunInGoroutine([] { UnlockTooOften(1); }),
              ::testing::ExitedWithCode(2),
              "fatal error: sync: unlock of unlocked mutex");
}

}  // namespace
}  // namespace parkour::sync
