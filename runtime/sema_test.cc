// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/sema.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/rand.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::runtime {
namespace {

using Word = base::Atomic<uint32_t>;
using testing::Eventually;
using testing::Scaled;

void Acquire(Word* w, bool lifo = false) {
  semacquire(w, WaitReason::kSemacquire, lifo);
}

bool Waiting(int64_t n) {
  return Eventually([n] { return SemaWaiters() == n; });
}

TEST(Sema, CountsDownWithoutWaiting) {
  Word w{3};
  Acquire(&w);
  Acquire(&w);
  EXPECT_EQ(w.load(), 1u);
  semrelease(&w);
  EXPECT_EQ(w.load(), 2u);
  EXPECT_EQ(SemaWaiters(), 0);
}

TEST(Sema, FirstComeFirstServed) {
  Word w{0};
  constexpr int kWaiters = 50;
  base::Atomic<int> order{0};
  std::vector<int> place(kWaiters, -1);
  sync::WaitGroup wg;
  for (int i = 0; i < kWaiters; ++i) {
    wg.Go([&, i] {
      Acquire(&w);
      place[i] = order.fetch_add(1);
    });
    ASSERT_TRUE(Waiting(i + 1));
  }
  for (int i = 0; i < kWaiters; ++i) {
    semrelease(&w);
    ASSERT_TRUE(Eventually([&] { return order.load() == i + 1; }));
  }
  wg.Wait();
  for (int i = 0; i < kWaiters; ++i) EXPECT_EQ(place[i], i);
  EXPECT_EQ(w.load(), 0u);
  EXPECT_EQ(SemaWaiters(), 0);
}

TEST(Sema, LifoQueuesUpInFront) {
  Word w{0};
  base::Atomic<int> order{0};
  int place[4] = {-1, -1, -1, -1};
  sync::WaitGroup wg;
  for (int i = 0; i < 4; ++i) {
    wg.Go([&, i] {
      Acquire(&w, /*lifo=*/i >= 2);
      place[i] = order.fetch_add(1);
    });
    ASSERT_TRUE(Waiting(i + 1));
  }
  for (int i = 0; i < 4; ++i) {
    semrelease(&w);
    ASSERT_TRUE(Eventually([&] { return order.load() == i + 1; }));
  }
  wg.Wait();
  EXPECT_EQ(place[3], 0);
  EXPECT_EQ(place[2], 1);
  EXPECT_EQ(place[0], 2);
  EXPECT_EQ(place[1], 3);
}

// With one P: hand-off runs the waiter before the releaser goes on.
TEST(Sema, Handoff) {
  testing::ProcsScope procs(1);
  for (bool handoff : {false, true}) {
    Word w{0};
    std::string log;
    sync::WaitGroup wg;
    testing::RunInGoroutine([&] {
      wg.Go([&] {
        Acquire(&w);
        log += 'w';
      });
      while (SemaWaiters() == 0) Gosched();
      semrelease(&w, handoff);
      log += 'r';
      wg.Wait();
    });
    EXPECT_EQ(log, handoff ? "wr" : "rw");
    EXPECT_EQ(w.load(), 0u);
  }
}

// What was handed over nobody else can take.
TEST(Sema, HandoffCannotBeStolen) {
  testing::ProcsScope procs(2);
  Word w{0};
  base::Atomic<int> stolen{0};
  const int rounds = Scaled(2000);
  for (int i = 0; i < rounds; ++i) {
    sync::WaitGroup one;
    one.Go([&] { Acquire(&w); });
    ASSERT_TRUE(Waiting(1));
    semrelease(&w, /*handoff=*/true);
    uint32_t v = w.load();
    if (v > 0 && w.compare_exchange_strong(v, v - 1)) {
      stolen.fetch_add(1);
      semrelease(&w);
    }
    one.Wait();
  }
  EXPECT_EQ(stolen.load(), 0);
  EXPECT_EQ(w.load(), 0u);
}

// Addresses that share a bucket do not get each other's counts.
TEST(Sema, ManyAddresses) {
  constexpr int kWords = 20000;  // five to a bucket
  const int n = Scaled(kWords);
  std::vector<Word> words(n);
  base::Atomic<int> wrong{0};
  std::vector<base::Atomic<bool>> released(n);
  sync::WaitGroup wg;
  for (int i = 0; i < n; ++i) {
    wg.Go([&, i] {
      Acquire(&words[i]);
      if (!released[i].load()) wrong.fetch_add(1);
    });
  }
  ASSERT_TRUE(Waiting(n));
  for (int i = 0; i < n; ++i) {
    const int at = static_cast<int>(i * 7919L % n);
    if (released[at].exchange(true)) continue;
    semrelease(&words[at]);
  }
  for (int i = 0; i < n; ++i) {
    if (!released[i].exchange(true)) semrelease(&words[i]);
  }
  wg.Wait();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(SemaWaiters(), 0);
}

// A lost wake-up would hang; a wake-up too many would show in `inside`.
TEST(SemaStress, NoWakeUpIsLost) {
  testing::ProcsScope procs(4);
  for (uint32_t permits : {1u, 3u}) {
    Word w{permits};
    base::Atomic<int> inside{0};
    base::Atomic<int> too_many{0};
    const auto work = [&](int seed) {
      base::Rand rand(seed);
      for (int j = 0; j < Scaled(3000); ++j) {
        Acquire(&w, rand.Below(2) == 0);
        if (inside.fetch_add(1) >= static_cast<int>(permits)) {
          too_many.fetch_add(1);
        }
        if (rand.Below(16) == 0) Gosched();
        inside.fetch_sub(1);
        semrelease(&w, rand.Below(4) == 0);
      }
    };
    sync::WaitGroup wg;
    std::vector<std::thread> threads;
    for (int i = 0; i < 12; ++i) wg.Go([&, i] { work(i + 1); });
    for (int i = 0; i < 2; ++i) threads.emplace_back([&, i] { work(i + 50); });
    for (auto& t : threads) t.join();
    wg.Wait();
    EXPECT_EQ(too_many.load(), 0);
    EXPECT_EQ(w.load(), permits);
    EXPECT_EQ(SemaWaiters(), 0);
  }
}

// The word dies with the waiter that was let in.
TEST(SemaStress, WordFreedByItsWaiter) {
  testing::ProcsScope procs(4);
  sync::WaitGroup wg;
  for (int i = 0; i < 8; ++i) {
    wg.Go([] {
      for (int j = 0; j < Scaled(3000); ++j) {
        auto w = std::make_unique<Word>(0);
        go([raw = w.get(), handoff = j % 2 == 0] { semrelease(raw, handoff); });
        Acquire(w.get());
      }
    });
  }
  wg.Wait();
  EXPECT_EQ(SemaWaiters(), 0);
}

}  // namespace
}  // namespace parkour::runtime
