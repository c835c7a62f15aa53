// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/internal/sync/hashtriemap_test.go, by meaning: Map is no trie, but
// the hash is given in the same three ways, and the same is asked of it.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "parkour/runtime/test_util.h"
#include "parkour/sync/map.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::tests {
namespace {

using runtime::testing::Scaled;

using GoodHash = std::hash<std::string>;
struct BadHash {
  size_t operator()(const std::string&) const { return 0; }
};
struct TruncHash {
  size_t operator()(const std::string& s) const { return GoodHash()(s) & 15; }
};

template <typename Hash>
using MapOf = sync::Map<std::string, int, Hash>;

std::vector<std::string> Keys(int n) {
  std::vector<std::string> keys;
  for (int i = 0; i < n; ++i) keys.push_back(std::to_string(i));
  return keys;
}

template <typename M>
std::map<std::string, int> Contents(const M& m) {
  std::map<std::string, int> all;
  m.Range([&all](const std::string& k, int v) {
    EXPECT_TRUE(all.emplace(k, v).second) << "Range visited twice: " << k;
  });
  return all;
}

template <typename M>
void LoadEmpty(const std::vector<std::string>& keys) {
  M m;
  for (const std::string& k : keys) {
    EXPECT_EQ(m.Load(k), std::nullopt);
    EXPECT_EQ(m.LoadAndDelete(k), std::nullopt);
    EXPECT_FALSE(m.CompareAndSwap(k, 0, 1));
    EXPECT_FALSE(m.CompareAndDelete(k, 0));
  }
  EXPECT_TRUE(Contents(m).empty());
}

template <typename M>
void LoadOrStore(const std::vector<std::string>& keys) {
  M m;
  int i = 0;
  std::map<std::string, int> want;
  for (const std::string& k : keys) {
    EXPECT_EQ(m.Load(k), std::nullopt);
    auto [v, loaded] = m.LoadOrStore(k, i);
    EXPECT_EQ(v, i);
    EXPECT_FALSE(loaded);
    EXPECT_EQ(m.Load(k), i);
    auto [again, loaded_again] = m.LoadOrStore(k, -1);
    EXPECT_EQ(again, i);
    EXPECT_TRUE(loaded_again);
    want[k] = i++;
  }
  for (const auto& [k, v] : want) EXPECT_EQ(m.Load(k), v);
  EXPECT_EQ(Contents(m), want);
}

// Everything goes by one way of deleting; what is not equal stays.
template <typename M>
void DeleteAll(const std::vector<std::string>& keys) {
  for (int way = 0; way < 4; ++way) {
    M m;
    for (int round = 0; round < 3; ++round) {
      int i = 0;
      for (const std::string& k : keys) m.Store(k, i++);
      EXPECT_EQ(Contents(m).size(), keys.size());
      i = 0;
      for (const std::string& k : keys) {
        EXPECT_FALSE(m.CompareAndDelete(k, -1));
        EXPECT_EQ(m.Load(k), i);
        if (way == 0) {
          EXPECT_TRUE(m.CompareAndDelete(k, i));
        } else if (way == 1) {
          EXPECT_EQ(m.LoadAndDelete(k), i);
        } else if (way == 2) {
          m.Delete(k);
        }
        EXPECT_EQ(m.Load(k).has_value(), way == 3);
        ++i;
      }
      if (way == 3) m.Clear();
      EXPECT_TRUE(Contents(m).empty());
    }
  }
}

template <typename M>
void SwapAll(const std::vector<std::string>& keys) {
  M m;
  for (int round = 0; round < 3; ++round) {
    for (const std::string& k : keys) {
      EXPECT_EQ(m.Swap(k, round),
                round == 0 ? std::nullopt : std::optional(round + 99));
      EXPECT_FALSE(m.CompareAndSwap(k, -1, 7));
      EXPECT_TRUE(m.CompareAndSwap(k, round, round + 100));
      EXPECT_FALSE(m.CompareAndSwap(k, round, round + 100));
      EXPECT_EQ(m.Load(k), round + 100);
    }
    EXPECT_EQ(Contents(m).size(), keys.size());
  }
}

// Each goroutine has keys of its own, and finds them as it left them.
template <typename M>
void UnsharedKeys(const std::vector<std::string>& keys) {
  M m;
  sync::WaitGroup wg;
  for (int id = 0; id < 8; ++id) {
    wg.Go([&, id] {
      const std::string mine = "-" + std::to_string(id);
      for (int round = 0; round < 3; ++round) {
        for (const std::string& key : keys) {
          const std::string k = key + mine;
          EXPECT_EQ(m.Load(k), std::nullopt);
          EXPECT_FALSE(m.LoadOrStore(k, id).loaded);
          EXPECT_TRUE(m.CompareAndSwap(k, id, id + 1));
          EXPECT_EQ(m.Swap(k, id), id + 1);
        }
        for (const std::string& key : keys) {
          const std::string k = key + mine;
          EXPECT_EQ(m.Load(k), id);
          EXPECT_TRUE(m.CompareAndDelete(k, id));
          EXPECT_EQ(m.Load(k), std::nullopt);
        }
      }
    });
  }
  wg.Wait();
  EXPECT_TRUE(Contents(m).empty());
}

// All have the same keys: of those who store, swap or delete one, exactly one
// succeeds.
template <typename M>
void SharedKeys(const std::vector<std::string>& keys) {
  M m;
  const auto n = static_cast<int>(keys.size());
  base::Atomic<int> stored{0};
  base::Atomic<int> swapped{0};
  base::Atomic<int> deleted{0};
  auto together = [](auto f) {
    sync::WaitGroup wg;
    for (int id = 0; id < 8; ++id) wg.Go(f);
    wg.Wait();
  };
  together([&] {
    for (const auto& k : keys) stored.fetch_add(!m.LoadOrStore(k, 1).loaded);
  });
  EXPECT_EQ(stored.load(), n);
  together([&] {
    for (const auto& k : keys) swapped.fetch_add(m.CompareAndSwap(k, 1, 2));
  });
  EXPECT_EQ(swapped.load(), n);
  together([&] {
    for (const auto& k : keys) deleted.fetch_add(m.CompareAndDelete(k, 2));
  });
  EXPECT_EQ(deleted.load(), n);
  EXPECT_TRUE(Contents(m).empty());
}

template <typename Hash>
void TestMap(int n) {
  using M = MapOf<Hash>;
  const std::vector<std::string> keys = Keys(n);
  LoadEmpty<M>(keys);
  LoadOrStore<M>(keys);
  DeleteAll<M>(keys);
  SwapAll<M>(keys);
  UnsharedKeys<M>(Keys(n / 4));
  SharedKeys<M>(keys);
}

TEST(HashTrieMap, TestHashTrieMap) { TestMap<GoodHash>(Scaled(4000)); }

TEST(HashTrieMap, TestHashTrieMapBadHash) { TestMap<BadHash>(200); }

TEST(HashTrieMap, TestHashTrieMapTruncHash) {
  TestMap<TruncHash>(Scaled(1000));
}

}  // namespace
}  // namespace parkour::tests
