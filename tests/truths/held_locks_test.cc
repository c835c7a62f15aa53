// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A std::mutex held across a park is found in debug builds, and nothing else is
// taken for one.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/heldlocks.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/truths/migrate.h"

namespace parkour::truths {
namespace {

using runtime::Gosched;
using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

#if PARKOUR_HELD_LOCKS

void Wait() { MakeChan<int>().Recv(); }

template <typename F>
void ExpectFatal(F f, const char* words) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(RunInGoroutine(f), ::testing::ExitedWithCode(2), words);
}

constexpr char kParks[] =
    "fatal error: goroutine parks while holding a std::mutex .pthread mutex "
    "0x[0-9a-f]+., see docs/CPP_TRAPS.md\n";
constexpr char kParksShared[] =
    "fatal error: goroutine parks while holding a std::shared_mutex .pthread "
    "rwlock 0x[0-9a-f]+., see docs/CPP_TRAPS.md\n";

TEST(HeldLocksDeathTest, Mutex) {
  ExpectFatal(
      [] {
        std::mutex mu;
        std::lock_guard lock(mu);
        Wait();
      },
      kParks);
  ExpectFatal(
      [] {
        std::mutex mu;
        if (std::unique_lock lock(mu, std::try_to_lock); lock) Gosched();
      },
      kParks);
}

TEST(HeldLocksDeathTest, TimedAndRecursive) {
  ExpectFatal(
      [] {
        std::timed_mutex mu;
        if (mu.try_lock_for(std::chrono::seconds(10))) Wait();
      },
      kParks);
  ExpectFatal(
      [] {
        std::recursive_mutex mu;
        mu.lock();
        mu.lock();
        mu.unlock();
        Wait();
      },
      kParks);
}

TEST(HeldLocksDeathTest, SharedMutex) {
  ExpectFatal(
      [] {
        std::shared_mutex mu;
        std::shared_lock lock(mu);
        Wait();
      },
      kParksShared);
  ExpectFatal(
      [] {
        std::shared_mutex mu;
        std::lock_guard lock(mu);
        Wait();
      },
      kParksShared);
}

TEST(HeldLocksDeathTest, GoroutineEnds) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  static std::mutex mu;
  EXPECT_EXIT(
      {
        go([] { mu.lock(); });
        Wait();
      },
      ::testing::ExitedWithCode(2),
      "fatal error: goroutine ends while holding a std::mutex");
}

// The locked one may, and no longer once it is unlocked.
TEST(HeldLocksDeathTest, UnlockedFromItsThread) {
  ExpectFatal(
      [] {
        std::mutex mu;
        runtime::LockOSThread();
        std::lock_guard lock(mu);
        Gosched();
        runtime::UnlockOSThread();
        Wait();
      },
      kParks);
}

#endif  // PARKOUR_HELD_LOCKS

TEST(HeldLocks, LockedGoroutineMay) {
  std::mutex mu;
  RunInGoroutine([&] {
    runtime::LockOSThread();
    std::lock_guard lock(mu);
    for (int i = 0; i < 10; ++i) Gosched();
    Chan<int> ch = MakeChan<int>();
    go([ch] { ch.Send(1); });
    EXPECT_EQ(ch.Recv(), 1);
  });
  // It ended with its thread and without the mutex.
  EXPECT_TRUE(mu.try_lock());
  mu.unlock();
}

TEST(HeldLocks, PlainThreadMay) {
  std::mutex mu;
  Chan<int> ch = MakeChan<int>();
  std::thread thread([&] {
    std::lock_guard lock(mu);
    ch.Send(1);
    Gosched();
  });
  EXPECT_EQ(ch.Recv(), 1);
  thread.join();
}

// All that may be done with a std::mutex between two parks; then what was held
// is not held any more.
TEST(HeldLocks, ReleasedInTime) {
  ProcsScope procs(2);
  std::mutex mu;
  std::timed_mutex timed;
  std::recursive_mutex recursive;
  std::shared_mutex shared;
  std::condition_variable cv;
  int turn = 0;  // guarded by mu
  sync::WaitGroup wg;
  for (int i = 0; i < 4; ++i) {
    wg.Go([&] {
      for (int j = 0; j < Scaled(200); ++j) {
        {
          std::scoped_lock both(mu, timed);
          std::lock_guard outer(recursive);
          std::lock_guard inner(recursive);
          ++turn;
        }
        Gosched();
        {
          std::unique_lock lock(mu);
          ++turn;
          cv.notify_all();
          cv.wait_for(lock, std::chrono::microseconds(10),
                      [&] { return turn % 2 == 0; });
        }
        Gosched();
        // Not try_lock_for: clang 14's ThreadSanitizer does not know
        // pthread_mutex_clocklock.
        if (timed.try_lock_until(std::chrono::system_clock::now())) {
          timed.unlock();
        }
        if (shared.try_lock_shared()) shared.unlock_shared();
        { std::shared_lock lock(shared); }
        { std::lock_guard lock(shared); }
        Gosched();
      }
    });
  }
  wg.Wait();
  EXPECT_EQ(turn, 4 * 2 * Scaled(200));
}

// More than is noted, in an order that is not the opposite of locking.
TEST(HeldLocks, ManyAtOnce) {
  RunInGoroutine([] {
    std::vector<std::mutex> mus(50);
    for (int round = 0; round < 3; ++round) {
      for (std::mutex& mu : mus) mu.lock();
      for (std::mutex& mu : mus) mu.unlock();
      Gosched();
    }
  });
}

// Parkour's own are no std::mutex.
TEST(HeldLocks, SyncMutexMay) {
  ProcsScope procs(1);
  sync::Mutex mu;
  RunInGoroutine([&] {
    std::lock_guard lock(mu);
    Migrate();
  });
}

}  // namespace
}  // namespace parkour::truths
