// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sync/map.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "parkour/base/rand.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::sync {
namespace {

using runtime::testing::Scaled;

template <typename K, typename V>
std::map<K, V> Contents(const Map<K, V>& m) {
  std::map<K, V> all;
  m.Range([&](const K& k, const V& v) {
    EXPECT_TRUE(all.emplace(k, v).second) << "twice";
  });
  return all;
}

TEST(Map, EachOperationAlone) {
  Map<std::string, int> m;
  EXPECT_EQ(m.Load("a"), std::nullopt);
  m.Store("a", 1);
  EXPECT_EQ(m.Load("a"), 1);
  m.Store("a", 2);
  EXPECT_EQ(m.Load("a"), 2);

  auto [there, loaded] = m.LoadOrStore("a", 9);
  EXPECT_EQ(there, 2);
  EXPECT_TRUE(loaded);
  auto [stored, was_there] = m.LoadOrStore("b", 9);
  EXPECT_EQ(stored, 9);
  EXPECT_FALSE(was_there);

  EXPECT_EQ(m.Swap("a", 3), 2);
  EXPECT_EQ(m.Swap("c", 4), std::nullopt);
  EXPECT_EQ(Contents(m),
            (std::map<std::string, int>{{"a", 3}, {"b", 9}, {"c", 4}}));

  EXPECT_FALSE(m.CompareAndSwap("a", 2, 5));
  EXPECT_TRUE(m.CompareAndSwap("a", 3, 5));
  EXPECT_FALSE(m.CompareAndSwap("nothing", 3, 5));
  EXPECT_FALSE(m.CompareAndDelete("a", 3));
  EXPECT_TRUE(m.CompareAndDelete("a", 5));
  EXPECT_FALSE(m.CompareAndDelete("a", 5));

  EXPECT_EQ(m.LoadAndDelete("b"), 9);
  EXPECT_EQ(m.LoadAndDelete("b"), std::nullopt);
  m.Delete("b");
  EXPECT_EQ(Contents(m), (std::map<std::string, int>{{"c", 4}}));
  m.Clear();
  EXPECT_TRUE(Contents(m).empty());
}

TEST(Map, RangeStopsWhenToldTo) {
  Map<int, int> m;
  for (int i = 0; i < 100; ++i) m.Store(i, i);
  int seen = 0;
  m.Range([&](int, int) { return ++seen < 5; });
  EXPECT_EQ(seen, 5);
}

TEST(Map, HoldsWhatIsOnlyMovedAsSharedPtr) {
  Map<int, std::shared_ptr<std::unique_ptr<int>>> m;
  m.Store(1, std::make_shared<std::unique_ptr<int>>(std::make_unique<int>(7)));
  EXPECT_EQ(***m.Load(1), 7);
}

// A destructor that uses the map would wait for ever for a lock that its
// caller holds.
TEST(Map, DestructorsRunWithNoLockHeld) {
  struct Owner {
    explicit Owner(Map<int, std::shared_ptr<Owner>>* m) : m(m) {}
    ~Owner() { m->Swap(2, nullptr); }
    Map<int, std::shared_ptr<Owner>>* const m;
  };
  Map<int, std::shared_ptr<Owner>> m;
  auto make = [&m] { return std::make_shared<Owner>(&m); };
  const std::shared_ptr<Owner> null;
  m.Store(2, make());
  m.Store(2, null);  // destroys the first
  m.Store(2, make());
  m.Delete(2);
  EXPECT_TRUE(m.Load(2).has_value());  // its destructor's
  m.Store(2, make());
  EXPECT_TRUE(m.CompareAndSwap(2, *m.Load(2), null));
  m.Store(2, make());
  EXPECT_TRUE(m.CompareAndDelete(2, *m.Load(2)));
  m.Store(2, make());
  m.Clear();
  EXPECT_EQ(*m.Load(2), null);
}

TEST(Map, AnExceptionLeavesItUsable) {
  struct Fussy {
    explicit Fussy(int n) : n(n) {}
    Fussy(const Fussy& other) : n(other.n) {
      if (n == 13) throw std::runtime_error("thirteen");
    }
    Fussy(Fussy&&) = default;
    Fussy& operator=(Fussy&&) = default;
    int n;
  };
  Map<int, Fussy> m;
  m.Store(1, Fussy(13));
  EXPECT_THROW(m.Load(1), std::runtime_error);
  EXPECT_THROW(m.Range([](int, const Fussy&) {}), std::runtime_error);
  m.Store(1, Fussy(12));
  EXPECT_EQ(m.Load(1)->n, 12);
  EXPECT_THROW(m.Range([](int, const Fussy&) { throw 1; }), int);
  m.Clear();
}

// Each key is counted up by compare-and-swap; no step is lost.
TEST(Map, CountsByCompareAndSwap) {
  constexpr int kKeys = 8;
  const int rounds = Scaled(4000);
  Map<int, int> m;
  auto work = [&](int seed) {
    for (int i = 0; i < rounds; ++i) {
      const int key = (i + seed) % kKeys;
      int n = m.LoadOrStore(key, 0).value;
      while (!m.CompareAndSwap(key, n, n + 1)) n = *m.Load(key);
    }
  };
  WaitGroup wg;
  for (int i = 0; i < 6; ++i) wg.Go(work, i);
  std::vector<std::thread> threads;
  for (int i = 6; i < 8; ++i) threads.emplace_back(work, i);
  for (std::thread& t : threads) t.join();
  wg.Wait();
  int total = 0;
  m.Range([&](int, int n) { total += n; });
  EXPECT_EQ(total, 8 * rounds);
}

// Of those who store and delete one key at once, exactly one gets each value.
TEST(Map, EveryValueIsTakenOnce) {
  const int rounds = Scaled(5000);
  Map<int, int> m;
  base::Atomic<int64_t> put{0};
  base::Atomic<int64_t> taken{0};
  auto work = [&](int seed) {
    for (int i = 1; i <= rounds; ++i) {
      const int value = i * 8 + seed;
      if ((i + seed) % 2 == 0) {
        put.fetch_add(value);
        if (const std::optional<int> old = m.Swap(1, value)) {
          taken.fetch_add(*old);
        }
      } else if (const std::optional<int> old = m.LoadAndDelete(1)) {
        taken.fetch_add(*old);
      }
    }
  };
  WaitGroup wg;
  for (int i = 0; i < 8; ++i) wg.Go(work, i);
  wg.Wait();
  taken.fetch_add(m.LoadAndDelete(1).value_or(0));
  EXPECT_EQ(put.load(), taken.load());
}

// If a survived, the Clear came before its Store; then b, which was there
// before both, must have been gone when it was looked up after the Store.
TEST(Map, ClearIsOneStep) {
  Map<int, int> m;
  base::Rand rand(1);
  for (int round = 0; round < Scaled(3000); ++round) {
    const int a = static_cast<int>(rand.Below(1000));
    const int b = 1000 + static_cast<int>(rand.Below(1000));
    m.Clear();
    m.Store(b, 1);
    bool saw_b = false;
    WaitGroup wg;
    wg.Go([&] { m.Clear(); });
    wg.Go([&] {
      m.Store(a, 1);
      saw_b = m.Load(b).has_value();
    });
    wg.Wait();
    if (m.Load(a)) {
      EXPECT_FALSE(saw_b);
    }
    EXPECT_FALSE(m.Load(b));
  }
}

}  // namespace
}  // namespace parkour::sync
