// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sync/pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::sync {
namespace {

using runtime::testing::Scaled;

// Counts itself, and notices two users.
struct Thing {
  explicit Thing(base::Atomic<int>* live) : live(live) { live->fetch_add(1); }
  ~Thing() { live->fetch_sub(1); }
  Thing(const Thing&) = delete;
  Thing& operator=(const Thing&) = delete;

  base::Atomic<int>* const live;
  base::Atomic<int> users{0};
  int uses = 0;  // by its one user
};

TEST(Pool, WithoutNewAnEmptyOneGivesNull) {
  Pool<std::string> pool;
  EXPECT_EQ(pool.Get(), nullptr);
  pool.Put(nullptr);
  EXPECT_EQ(pool.Get(), nullptr);
  pool.Put(std::make_unique<std::string>("x"));
  EXPECT_EQ(*pool.Get(), "x");
  EXPECT_EQ(pool.Get(), nullptr);
}

TEST(Pool, GivesBackTheVeryObject) {
  Pool<std::string> pool([] { return std::make_unique<std::string>("new"); });
  std::unique_ptr<std::string> first = pool.Get();
  EXPECT_EQ(*first, "new");
  const std::string* const address = first.get();
  *first = "used";
  pool.Put(std::move(first));
  std::unique_ptr<std::string> again = pool.Get();
  EXPECT_EQ(again.get(), address);
  EXPECT_EQ(*again, "used");
  EXPECT_EQ(*pool.Get(), "new");
}

// Put by goroutines on all Ps and by a thread; found by one.
TEST(Pool, FindsWhatOthersHavePut) {
  constexpr int kPutters = 8;
  constexpr int kEach = 50;
  base::Atomic<int> live{0};
  Pool<Thing> pool;
  auto put = [&] {
    for (int i = 0; i < kEach; ++i) {
      pool.Put(std::make_unique<Thing>(&live));
      runtime::Gosched();
    }
  };
  WaitGroup wg;
  for (int i = 0; i < kPutters; ++i) wg.Go(put);
  std::thread thread(put);
  thread.join();
  wg.Wait();
  std::set<std::unique_ptr<Thing>> got;
  while (std::unique_ptr<Thing> thing = pool.Get()) {
    got.insert(std::move(thing));
  }
  EXPECT_EQ(got.size(), size_t{(kPutters + 1) * kEach});
  EXPECT_EQ(live.load(), (kPutters + 1) * kEach);
}

TEST(Pool, TwoTrimsDestroyWhatNobodyTook) {
  base::Atomic<int> live{0};
  Pool<Thing> pool;
  for (int i = 0; i < 10; ++i) pool.Put(std::make_unique<Thing>(&live));
  pool.Trim();
  EXPECT_EQ(live.load(), 10);
  EXPECT_NE(pool.Get(), nullptr);  // and destroyed by us
  EXPECT_EQ(live.load(), 9);
  // What comes back is young again.
  pool.Put(pool.Get());
  pool.Trim();
  EXPECT_EQ(live.load(), 1);
  pool.Trim();
  EXPECT_EQ(live.load(), 0);
  EXPECT_EQ(pool.Get(), nullptr);
}

TEST(Pool, DestroysAllWithItself) {
  base::Atomic<int> live{0};
  {
    Pool<Thing> pool;
    for (int i = 0; i < 10; ++i) pool.Put(std::make_unique<Thing>(&live));
    pool.Trim();
    for (int i = 0; i < 10; ++i) pool.Put(std::make_unique<Thing>(&live));
    EXPECT_EQ(live.load(), 20);
  }
  EXPECT_EQ(live.load(), 0);
  Pool<Thing> never_used;
}

// At an interval of nothing every look at the clock is a Trim: what is put and
// never taken does not pile up.
TEST(Pool, TrimsItself) {
  constexpr int kPuts = 10000;
  base::Atomic<int> live{0};
  Pool<Thing> pool;
  pool.SetTrimInterval(absl::ZeroDuration());
  for (int i = 0; i < kPuts; ++i) pool.Put(std::make_unique<Thing>(&live));
  EXPECT_LT(live.load(), kPuts / 4);

  Pool<Thing> keeps;
  keeps.SetTrimInterval(absl::InfiniteDuration());
  const int before = live.load();
  for (int i = 0; i < kPuts; ++i) keeps.Put(std::make_unique<Thing>(&live));
  EXPECT_EQ(live.load(), before + kPuts);
}

// T's destructor may use the pool, from inside of Trim too.
TEST(Pool, DestructorsRunWithNoLockHeld) {
  struct Nested {
    explicit Nested(Pool<Nested>* pool) : pool(pool) {}
    ~Nested() {
      if (pool != nullptr) pool->Put(std::make_unique<Nested>(nullptr));
    }
    Pool<Nested>* const pool;
  };
  Pool<Nested> pool;
  for (int i = 0; i < 10; ++i) pool.Put(std::make_unique<Nested>(&pool));
  pool.Trim();
  pool.Trim();
  for (int i = 0; i < 10; ++i) EXPECT_NE(pool.Get(), nullptr);
}

TEST(Pool, NoObjectHasTwoUsers) {
  const int rounds = Scaled(20000);
  base::Atomic<int> live{0};
  base::Atomic<int> shared{0};
  {
    Pool<Thing> pool([&] { return std::make_unique<Thing>(&live); });
    auto work = [&](int seed) {
      for (int i = 0; i < rounds; ++i) {
        std::unique_ptr<Thing> thing = pool.Get();
        if (thing->users.exchange(1) != 0) shared.fetch_add(1);
        ++thing->uses;  // a data race, if it has two
        if (i % 64 == seed) runtime::Gosched();
        if (i % 1024 == seed) pool.Trim();
        thing->users.store(0);
        pool.Put(std::move(thing));
      }
    };
    WaitGroup wg;
    for (int i = 0; i < 6; ++i) wg.Go(work, i);
    std::vector<std::thread> threads;
    for (int i = 6; i < 8; ++i) threads.emplace_back(work, i);
    for (std::thread& t : threads) t.join();
    wg.Wait();
  }
  EXPECT_EQ(shared.load(), 0);
  EXPECT_EQ(live.load(), 0);
}

}  // namespace
}  // namespace parkour::sync
