// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/sync/pool_test.go. Trim stands in for the garbage collector.

#include "parkour/sync/pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "parkour/chan/chan.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::tests {
namespace {

using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;
using Strings = sync::Pool<std::string>;

std::unique_ptr<std::string> Str(const char* text) {
  return std::make_unique<std::string>(text);
}

// What Get gives, "nil" for null.
std::string Got(Strings* p) {
  const std::unique_ptr<std::string> s = p->Get();
  return s == nullptr ? "nil" : *s;
}

// On one P, as Go's test pins itself to one.
TEST(Pool, TestPool) {
  ProcsScope scope(1);
  RunInGoroutine([] {
    Strings p;
    EXPECT_EQ(Got(&p), "nil");
    p.Put(Str("a"));
    p.Put(Str("b"));
    EXPECT_EQ(Got(&p), "a");
    EXPECT_EQ(Got(&p), "b");
    EXPECT_EQ(Got(&p), "nil");

    for (int i = 0; i < 100; ++i) p.Put(Str("c"));
    p.Trim();
    EXPECT_EQ(Got(&p), "c") << "after one collection";
    p.Trim();
    EXPECT_EQ(Got(&p), "nil") << "after the second";
  });
}

TEST(Pool, TestPoolNew) {
  ProcsScope scope(1);
  RunInGoroutine([] {
    int i = 0;
    sync::Pool<int> p([&i] { return std::make_unique<int>(++i); });
    EXPECT_EQ(*p.Get(), 1);
    EXPECT_EQ(*p.Get(), 2);
    p.Put(std::make_unique<int>(42));
    EXPECT_EQ(*p.Get(), 42);
    EXPECT_EQ(*p.Get(), 3);
  });
}

// Go counts finalizers; here destructors count themselves.
struct Counted {
  explicit Counted(base::Atomic<int>* live) : live(live) { live->fetch_add(1); }
  ~Counted() { live->fetch_sub(1); }
  base::Atomic<int>* const live;
};

// Whether two collections free everything that was put, on top of `drain` gets.
void Releases(bool drain) {
  constexpr int kItems = 100;
  base::Atomic<int> live{0};
  sync::Pool<Counted> p;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kItems; ++i) p.Put(std::make_unique<Counted>(&live));
    if (drain) {
      for (int i = 0; i < kItems; ++i) p.Get();
    }
    p.Trim();
    p.Trim();
    EXPECT_EQ(live.load(), 0);
  }
}

TEST(Pool, TestPoolGC) { Releases(false); }

TEST(Pool, TestPoolRelease) { Releases(true); }

TEST(Pool, TestPoolStress) {
  constexpr int kGoroutines = 10;
  const int rounds = Scaled(100000);
  Strings p;
  Chan<bool> done = MakeChan<bool>();
  for (int i = 0; i < kGoroutines; ++i) {
    go([&, done] {
      auto v = std::make_unique<std::string>();
      for (int k = 0; k < rounds; ++k) {
        if (v == nullptr) v = std::make_unique<std::string>();
        p.Put(std::move(v));
        v = p.Get();
        if (v != nullptr && !v->empty()) {
          ADD_FAILURE() << "expect an empty string, got " << *v;
          break;
        }
        if (k % 1000 == 0) p.Trim();
      }
      done.Send(true);
    });
  }
  for (int i = 0; i < kGoroutines; ++i) done.Recv();
}

// One puts, several take: Go tests its lock-free deque so; Pool has none, but
// the promise is the same: every item arrives exactly once.
void EachOnce(int procs) {
  constexpr int kTakers = 9;
  const int items = Scaled(200000);
  ProcsScope scope(procs);
  sync::Pool<int> p;
  std::vector<base::Atomic<int>> have(static_cast<size_t>(items));
  base::Atomic<int> taken{0};
  base::Atomic<bool> stop{false};
  auto take = [&] {
    const std::unique_ptr<int> item = p.Get();
    if (item == nullptr) return false;
    have[static_cast<size_t>(*item)].fetch_add(1);
    taken.fetch_add(1);
    return true;
  };
  sync::WaitGroup wg;
  for (int i = 0; i < kTakers; ++i) {
    wg.Go([&] {
      int fails = 0;
      while (!stop.load()) {
        if (take()) {
          fails = 0;
        } else if (++fails % 10 == 0) {
          runtime::Gosched();
        }
      }
    });
  }
  sync::WaitGroup putter;
  putter.Go([&] {
    for (int i = 0; i < items; ++i) {
      p.Put(std::make_unique<int>(i));
      // It takes some back itself.
      if (i % 10 == 0) take();
    }
  });
  putter.Wait();
  while (take()) {
  }
  stop.store(true);
  wg.Wait();
  EXPECT_EQ(taken.load(), items);
  int wrong = 0;
  for (const auto& n : have) wrong += n.load() != 1;
  EXPECT_EQ(wrong, 0);
}

TEST(Pool, TestPoolDequeue) { EachOnce(4); }

TEST(Pool, TestPoolChain) { EachOnce(10); }

}  // namespace
}  // namespace parkour::tests
