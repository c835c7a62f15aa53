// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/lock.h"

#include <cstdint>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/clock.h"
#include "parkour/base/sanitizer.h"
#include "parkour/base/thread.h"

namespace parkour::base {
namespace {

constexpr int kRounds = PARKOUR_TSAN ? 5000 : 100000;

TEST(Lock, ExcludesUnderContention) {
  Mutex mu(LockRank::kLeaf);
  int64_t n = 0;  // guarded by mu
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kRounds; ++j) {
        MutexLock lock(&mu);
        ++n;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(n, 4 * kRounds);
}

// Long critical sections send the others to the futex.
TEST(Lock, WakesSleepers) {
  Mutex mu(LockRank::kLeaf);
  int n = 0;  // guarded by mu
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 200; ++j) {
        MutexLock lock(&mu);
        const int before = n;
        OsYield();
        n = before + 1;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(n, 800);
}

TEST(Lock, TryLock) {
  Mutex mu(LockRank::kLeaf);
  const auto try_once = [&mu] {
    if (!mu.TryLock()) return false;
    mu.Unlock();
    return true;
  };
  EXPECT_TRUE(try_once());
  {
    MutexLock lock(&mu);
    bool other = true;
    std::thread([&] { other = try_once(); }).join();
    EXPECT_FALSE(other);
  }
  EXPECT_TRUE(try_once());
}

TEST(Lock, TryLockExcludesLock) {
  Mutex mu(LockRank::kLeaf);
  int64_t n = 0;  // guarded by mu
  Atomic<int64_t> taken{0};
  std::thread tries([&] {
    for (int i = 0; i < kRounds; ++i) {
      if (!mu.TryLock()) continue;
      ++n;
      mu.Unlock();
      taken.fetch_add(1);
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    MutexLock lock(&mu);
    ++n;
  }
  tries.join();
  EXPECT_EQ(n, kRounds + taken.load());
}

TEST(Note, RemembersAWakeUpBeforeTheSleep) {
  Note note;
  note.Wakeup();
  note.Sleep();
  note.Sleep();  // still woken until Clear
  EXPECT_TRUE(note.SleepFor(0));
  note.Clear();
  EXPECT_FALSE(note.SleepFor(0));
}

TEST(Note, SleepForIsNeverEarly) {
  Note note;
  for (int64_t ns : {int64_t{1}, int64_t{1000}, int64_t{2000000}}) {
    const int64_t start = nanotime();
    EXPECT_FALSE(note.SleepFor(ns));
    EXPECT_GE(nanotime() - start, ns);
  }
}

TEST(Note, SleepForReturnsWhenWoken) {
  Note note;
  std::thread waker([&] { note.Wakeup(); });
  EXPECT_TRUE(note.SleepFor(INT64_MAX));
  waker.join();
}

// A lost wake-up would hang.
TEST(Note, PingPong) {
  Note ping;
  Note pong;
  constexpr int kTurns = kRounds / 10;
  int shared = 0;
  std::thread other([&] {
    for (int i = 0; i < kTurns; ++i) {
      ping.Sleep();
      ping.Clear();
      ++shared;
      pong.Wakeup();
    }
  });
  for (int i = 0; i < kTurns; ++i) {
    ++shared;
    ping.Wakeup();
    pong.Sleep();
    pong.Clear();
  }
  other.join();
  EXPECT_EQ(shared, 2 * kTurns);
}

TEST(Note, TimeoutRacesWithWakeup) {
  constexpr int kTurns = kRounds / 20;
  for (int i = 0; i < kTurns / 50; ++i) {
    Note note;
    std::thread waker([&] { note.Wakeup(); });
    // Whatever it says, the wake-up arrives.
    note.SleepFor(1000 * (i % 64));
    note.Sleep();
    waker.join();
  }
}

TEST(NoteDeathTest, OneWakerOnly) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  Note note;
  note.Wakeup();
  EXPECT_EXIT(note.Wakeup(), ::testing::ExitedWithCode(2),
              "fatal error: .*check failed: old == 0");
}

TEST(Futex, ReturnsAtOnceWhenTheWordDiffers) {
  Atomic<uint32_t> word{7};
  FutexWait(&word, 6, -1);  // would hang
  const int64_t start = nanotime();
  FutexWait(&word, 7, 1000000);
  EXPECT_GE(nanotime() - start, 1000000);
}

}  // namespace
}  // namespace parkour::base
