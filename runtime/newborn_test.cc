// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/newborn.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "parkour/base/sanitizer.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/scavenge.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/stack_stats.h"
#include "parkour/runtime/test_util.h"

namespace parkour::runtime {
namespace {

using testing::GoroutinesBackTo;
using testing::ProcsScope;
using testing::RunInGoroutine;
using testing::Scaled;

// Newborns among all Gs that have been started and have not run.
int Unborn() {
  int n = 0;
  ForEachG(
      [](G* gp, void* arg) {
        const bool unborn = gp->is_newborn && readgstatus(gp) == kGrunnable;
        *static_cast<int*>(arg) += unborn;
      },
      &n);
  return n;
}

// Where its closure is when it runs: below the descriptor it runs with, or, if
// that is not so, anywhere else.
bool OnOwnStack(const void* p) {
  RuntimeScope in;
  const G* const gp = getg();
  const auto at = reinterpret_cast<uintptr_t>(p);
  return at >= gp->stack_lo && at < gp->slot_lo + gp->slot_size;
}

// Counts what is made, moved and destroyed.
struct Tally {
  std::atomic<int> alive{0};
  std::atomic<int> moves{0};
};

template <size_t kBytes, bool kNoexcept = true, size_t kAlign = 8>
struct alignas(kAlign) Captured {
  explicit Captured(Tally* tally) : tally(tally) { ++tally->alive; }
  Captured(Captured&& other) noexcept(kNoexcept) : tally(other.tally) {
    ++tally->alive;
    ++tally->moves;
  }
  ~Captured() { --tally->alive; }

  Tally* tally;
  std::array<char, kBytes> bytes{};
};

template <typename Value>
void RunsWith(Value&& value, Tally* tally) {
  std::atomic<int> seen{0};
  RunInGoroutine([&] {
    const int64_t before = NumGoroutine();
    go([captured = std::forward<Value>(value), &seen, tally] {
      EXPECT_EQ(captured.tally, tally);
      // The caller's, and the one here.
      seen = tally->alive.load();
    });
    EXPECT_EQ(seen, 0) << "it ran at once";
    EXPECT_TRUE(GoroutinesBackTo(before));
  });
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(tally->alive, 1);
}

TEST(Newborn, ClosuresOfAllKinds) {
  ProcsScope one(1);
  Tally tally;
  RunsWith(Captured<8>(&tally), &tally);
  EXPECT_EQ(tally.alive, 0);
  RunsWith(Captured<200>(&tally), &tally);
  RunsWith(Captured<8000>(&tally), &tally);
  RunsWith(Captured<8, /*kNoexcept=*/false>(&tally), &tally);
  RunsWith(Captured<8, true, 64>(&tally), &tally);
  EXPECT_EQ(tally.alive, 0);
}

TEST(Newborn, WhatCannotBeMovedSafelyHasItsStackAtOnce) {
  static_assert(internal::kMovesToStack<std::tuple<Captured<8>>>);
  static_assert(!internal::kMovesToStack<std::tuple<Captured<200>>>);
  static_assert(!internal::kMovesToStack<std::tuple<Captured<8, false>>>);
  static_assert(!internal::kMovesToStack<std::tuple<Captured<8, true, 64>>>);
  static_assert(internal::kIsBytes<int*, long>);
  static_assert(!internal::kIsBytes<std::shared_ptr<int>>);
  struct MoveCounts {
    MoveCounts(const MoveCounts&) = default;
    MoveCounts(MoveCounts&&) noexcept {}
  };
  static_assert(!internal::kIsBytes<MoveCounts>);
  ProcsScope one(1);
  RunInGoroutine([] {
    Tally tally;
    go([] {});
    EXPECT_EQ(Unborn(), 1);
    go([captured = Captured<8>(&tally)] {});
    EXPECT_EQ(Unborn(), 2);
    go([captured = Captured<8, false>(&tally)] {});
    go({.stack_size = size_t{64} << 10}, [] {});
    go({.name = "named"}, [] {});
    EXPECT_TRUE(TryGo({}, [] {}).ok());
    EXPECT_EQ(Unborn(), 2);
    EXPECT_TRUE(GoroutinesBackTo(1));
    EXPECT_EQ(Unborn(), 0);
    EXPECT_EQ(tally.alive, 0);
  });
}

TEST(Newborn, ClosuresLieOnTheStackWhenTheyRun) {
  RunInGoroutine([] {
    std::atomic<int> there{0};
    int64_t bytes[4] = {1, 2, 3, 4};
    auto shared = std::make_shared<int>(5);
    go([bytes, &there] { there += OnOwnStack(bytes) && bytes[3] == 4; });
    go([shared, &there] { there += OnOwnStack(&shared) && *shared == 5; });
    go([](auto text, std::atomic<int>* n) { *n += OnOwnStack(&text); },
       std::string("text"), &there);
    EXPECT_TRUE(GoroutinesBackTo(1));
#if !PARKOUR_ASAN  // which has other places for locals
    EXPECT_EQ(there, 3);
#endif
    EXPECT_EQ(shared.use_count(), 1);
  });
}

TEST(Newborn, GoexitDestroysTheClosure) {
  RunInGoroutine([] {
    Tally tally;
    for (int i = 0; i < 100; ++i) {
      go([captured = Captured<8>(&tally)] { Goexit(); });
      go([captured = Captured<200>(&tally)] { Goexit(); });
      go([] { Goexit(); });
    }
    EXPECT_TRUE(GoroutinesBackTo(1));
    EXPECT_EQ(tally.alive, 0);
  });
}

// Its exceptions are its own: nothing of the last goroutine on a stack is left.
TEST(Newborn, OneAfterTheOtherOnOneStack) {
  ProcsScope one(1);
  RunInGoroutine([] {
    std::vector<uintptr_t> frames;
    std::vector<uint64_t> ids;
    for (int i = 0; i < 100; ++i) {
      go([&] {
        EXPECT_EQ(std::uncaught_exceptions(), 0);
        EXPECT_EQ(std::current_exception(), nullptr);
        frames.push_back(
            reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
        {
          RuntimeScope in;
          ids.push_back(getg()->goid.load(base::kRelaxed));
        }
        try {
          throw 1;
        } catch (int) {
          if (ids.size() % 2 == 0) Goexit();
        }
      });
    }
    EXPECT_TRUE(GoroutinesBackTo(1));
    ASSERT_EQ(frames.size(), 100u);
    for (size_t i = 1; i < ids.size(); ++i) EXPECT_NE(ids[i], ids[i - 1]);
#if !PARKOUR_TSAN && !PARKOUR_ASAN
    // The first to run is the last that was started: it had the P's next place.
    for (size_t i = 1; i < 100; ++i) EXPECT_EQ(frames[i], frames[0]);
#endif
  });
}

// A hundred thousand that do not wait need few stacks; what they lay in comes
// back.
TEST(Newborn, NeedNoStackAndComeBack) {
  ProcsScope one(1);
  ASSERT_TRUE(GoroutinesBackTo(0));
  FreeOSMemory();
  const uint64_t slots = ReadStackCounts().slots;
  constexpr int kMany = 100000;
  int ran = 0;
  RunInGoroutine([&] {
    for (int i = 0; i < kMany; ++i) go([&ran] { ++ran; });
    EXPECT_EQ(Unborn(), kMany);
    EXPECT_EQ(NumGoroutine(), kMany + 1);
    EXPECT_TRUE(GoroutinesBackTo(1));
  });
  EXPECT_EQ(ran, kMany);
  EXPECT_LE(ReadStackCounts().slots, slots + 100);
  const uint64_t before = ReadScavengeCounts().released_bytes;
  FreeOSMemory();
  EXPECT_GE(ReadScavengeCounts().released_bytes,
            before + kMany * sizeof(Newborn) * 9 / 10);
  EXPECT_EQ(Unborn(), 0);
  // And again, in what was given back.
  RunInGoroutine([&] {
    for (int i = 0; i < kMany; ++i) go([&ran] { --ran; });
    EXPECT_TRUE(GoroutinesBackTo(1));
  });
  EXPECT_EQ(ran, 0);
}

TEST(Newborn, FromPlainThreads) {
  Tally tally;
  std::atomic<int> ran{0};
  constexpr int kThreads = 4, kEach = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        go([captured = Captured<8>(&tally), &ran] { ++ran; });
        go([&ran] { ++ran; });
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_TRUE(GoroutinesBackTo(0));
  EXPECT_EQ(ran, 2 * kThreads * kEach);
  EXPECT_EQ(tally.alive, 0);
}

// Whoever existed when a walk over all Gs began is met, also one that is born
// meanwhile.
TEST(Newborn, AWalkMeetsEverybody) {
  const int n = Scaled(4000);
  Chan<Unit> hold = MakeChan<Unit>();
  std::atomic<int> started{0};
  std::thread walker([&] {
    for (int known = 0; known < n;) {
      known = started.load();
      std::set<uint64_t> met;
      ForEachG(
          [](G* gp, void* arg) {
            const GStatus status = readgstatus(gp);
            if (status == kGidle || status == kGdead) return;
            static_cast<std::set<uint64_t>*>(arg)->insert(
                gp->goid.load(base::kRelaxed));
          },
          &met);
      EXPECT_GE(met.size(), static_cast<size_t>(known));
    }
  });
  ProcsScope procs(3);
  RunInGoroutine([&] {
    for (int i = 0; i < n; ++i) {
      go([hold] { hold.Recv(); });
      ++started;
      if (i % 64 == 0) Gosched();
    }
  });
  walker.join();
  hold.Close();
  EXPECT_TRUE(GoroutinesBackTo(0));
}

// Those that are queued go from P to P, while Ps come and go, stacks are given
// back and goroutines that wait are between them.
TEST(Newborn, Stress) {
  const int rounds = PARKOUR_ASAN || PARKOUR_TSAN ? 20 : 200;
  Tally tally;
  std::atomic<int64_t> sum{0};
  int64_t expected = 0;
  for (int round = 0; round < rounds; ++round) {
    ProcsScope procs(1 + round % 4);
    for (int64_t i = 0; i < 300; ++i) {
      expected += 3 * i;
      go([&sum, i] { sum += i; });
      go([&sum, captured = Captured<8>(&tally), i] {
        Gosched();
        go([&sum, i] { sum += i; });
        if (i % 3 == 0) Gosched();
        sum += i;
        if (i % 5 == 0) Goexit();
      });
    }
    if (round % 8 == 0) FreeOSMemory();
    ASSERT_TRUE(GoroutinesBackTo(0));
    ASSERT_EQ(sum, expected) << round;
  }
  EXPECT_EQ(tally.alive, 0);
}

}  // namespace
}  // namespace parkour::runtime
