// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/sync/map_test.go, src/sync/map_reference_test.go

#include "parkour/sync/map.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "parkour/base/rand.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::tests {
namespace {

using runtime::testing::Eventually;
using runtime::testing::Scaled;

// The obvious map, to compare with; `M` is any map of these operations.
class RWMutexMap {
 public:
  std::optional<int> Load(int k) {
    sync::ReaderLock lock(&mu_);
    return Find(k);
  }
  void Store(int k, int v) {
    sync::WriterLock lock(&mu_);
    m_[k] = v;
  }
  std::pair<int, bool> LoadOrStore(int k, int v) {
    sync::WriterLock lock(&mu_);
    const auto [it, stored] = m_.try_emplace(k, v);
    return {it->second, !stored};
  }
  std::optional<int> LoadAndDelete(int k) {
    sync::WriterLock lock(&mu_);
    const std::optional<int> v = Find(k);
    m_.erase(k);
    return v;
  }
  void Delete(int k) { LoadAndDelete(k); }
  std::optional<int> Swap(int k, int v) {
    sync::WriterLock lock(&mu_);
    const std::optional<int> old = Find(k);
    m_[k] = v;
    return old;
  }
  bool CompareAndSwap(int k, int old, int v) {
    sync::WriterLock lock(&mu_);
    if (Find(k) != old) return false;
    m_[k] = v;
    return true;
  }
  bool CompareAndDelete(int k, int old) {
    sync::WriterLock lock(&mu_);
    if (Find(k) != old) return false;
    m_.erase(k);
    return true;
  }
  template <typename F>
  void Range(F f) {
    std::map<int, int> copy;
    {
      sync::ReaderLock lock(&mu_);
      copy = m_;
    }
    for (const auto& [k, v] : copy) f(k, v);
  }
  void Clear() {
    sync::WriterLock lock(&mu_);
    m_.clear();
  }

 private:
  std::optional<int> Find(int k) {
    const auto it = m_.find(k);
    if (it == m_.end()) return std::nullopt;
    return it->second;
  }

  sync::RWMutex mu_;
  std::map<int, int> m_;
};

// Every change makes a new map.
class DeepCopyMap {
 public:
  std::optional<int> Load(int k) {
    const auto it = m_->find(k);
    if (it == m_->end()) return std::nullopt;
    return it->second;
  }
  void Store(int k, int v) { Swap(k, v); }
  std::pair<int, bool> LoadOrStore(int k, int v) {
    if (const std::optional<int> there = Load(k)) return {*there, true};
    Swap(k, v);
    return {v, false};
  }
  std::optional<int> LoadAndDelete(int k) {
    const std::optional<int> old = Load(k);
    Change([k](Entries* m) { m->erase(k); });
    return old;
  }
  void Delete(int k) { LoadAndDelete(k); }
  std::optional<int> Swap(int k, int v) {
    const std::optional<int> old = Load(k);
    Change([k, v](Entries* m) { (*m)[k] = v; });
    return old;
  }
  bool CompareAndSwap(int k, int old, int v) {
    if (Load(k) != old) return false;
    Swap(k, v);
    return true;
  }
  bool CompareAndDelete(int k, int old) {
    return Load(k) == old && LoadAndDelete(k).has_value();
  }
  template <typename F>
  void Range(F f) {
    const auto clean = m_;
    for (const auto& [k, v] : *clean) f(k, v);
  }
  void Clear() { m_ = std::make_shared<const Entries>(); }

 private:
  using Entries = std::map<int, int>;
  template <typename F>
  void Change(F f) {
    auto dirty = std::make_shared<Entries>(*m_);
    f(dirty.get());
    m_ = std::move(dirty);
  }
  std::shared_ptr<const Entries> m_ = std::make_shared<const Entries>();
};

// What one call returned, and whether it said so with a value.
using Answer = std::tuple<int, bool>;

Answer Of(const std::optional<int>& v) {
  return {v.value_or(0), v.has_value()};
}

struct Call {
  uint32_t op;
  int k;
  int old;
  int v;

  template <typename M>
  Answer Apply(M* m) const {
    switch (op) {
      case 0:
        return Of(m->Load(k));
      case 1:
        m->Store(k, v);
        return {};
      case 2: {
        auto [value, loaded] = m->LoadOrStore(k, v);
        return {value, loaded};
      }
      case 3:
        return Of(m->LoadAndDelete(k));
      case 4:
        m->Delete(k);
        return {};
      case 5:
        return Of(m->Swap(k, v));
      case 6:
        return {0, m->CompareAndSwap(k, old, v)};
      case 7:
        return {0, m->CompareAndDelete(k, old)};
      default:
        m->Clear();
        return {};
    }
  }
};

// All answers, and what is in the map in the end.
template <typename M>
auto ApplyCalls(const std::vector<Call>& calls) {
  M m;
  std::vector<Answer> answers;
  for (const Call& call : calls) answers.push_back(call.Apply(&m));
  std::map<int, int> left;
  m.Range([&left](int k, int v) { left[k] = v; });
  return std::pair(answers, left);
}

template <typename Reference>
void Matches(uint64_t seed) {
  base::Rand rand(seed);
  for (int round = 0; round < Scaled(300); ++round) {
    std::vector<Call> calls(rand.Below(200));
    for (Call& call : calls) {
      call = {rand.Below(33) == 0 ? 8 : rand.Below(8),
              static_cast<int>(rand.Below(5)), static_cast<int>(rand.Below(3)),
              static_cast<int>(rand.Below(3))};
    }
    ASSERT_EQ((ApplyCalls<sync::Map<int, int>>(calls)),
              ApplyCalls<Reference>(calls));
  }
}

TEST(Map, TestMapMatchesRWMutex) { Matches<RWMutexMap>(1); }

TEST(Map, TestMapMatchesDeepCopy) { Matches<DeepCopyMap>(2); }

TEST(Map, TestConcurrentRange) {
  constexpr int64_t kMapSize = 1 << 10;
  sync::Map<int64_t, int64_t> m;
  for (int64_t n = 1; n <= kMapSize; ++n) m.Store(n, n);

  base::Atomic<bool> done{false};
  sync::WaitGroup wg;
  for (int64_t g = 4; g > 0; --g) {
    wg.Go([&, g] {
      for (int64_t i = 0; !done.load(); ++i) {
        for (int64_t n = 1; n < kMapSize; ++n) {
          if (n % 8 == g) {
            m.Store(n, n * i * g);
          } else {
            m.Load(n);
          }
          if (n % 64 == 0) runtime::Gosched();
        }
      }
    });
  }
  for (int n = Scaled(16); n > 0; --n) {
    std::set<int64_t> seen;
    m.Range([&](int64_t k, int64_t v) {
      EXPECT_EQ(v % k, 0) << "a value that was never stored for " << k;
      EXPECT_TRUE(seen.insert(k).second) << "Range visited " << k << " twice";
      return true;
    });
    EXPECT_EQ(seen.size(), size_t{kMapSize});
  }
  done.store(true);
  wg.Wait();
}

// Go asks its collector whether a deleted key is kept alive; here the last
// reference goes with the delete.
TEST(Map, TestIssue40999) {
  struct Key {
    std::shared_ptr<int> held;
    bool operator==(const Key&) const = default;
    struct Hash {
      size_t operator()(const Key& k) const {
        return std::hash<std::shared_ptr<int>>()(k.held);
      }
    };
  };
  sync::Map<Key, int, Key::Hash> m;
  // Something else is in the map all the time.
  m.Store(Key{}, 0);
  m.Load(Key{});
  for (int i = 0; i < 100; ++i) {
    Key key{std::make_shared<int>(i)};
    const std::weak_ptr<int> alive = key.held;
    m.Store(key, 0);
    m.Delete(key);
    key = Key{};
    EXPECT_TRUE(alive.expired());
  }
}

TEST(Map, TestMapRangeNestedCall) {
  sync::Map<int, std::string> m;
  int key = 0;
  for (const char* v : {"hello", "world", "Go"}) m.Store(key++, v);
  m.Range([&m](int outer_key, const std::string&) {
    m.Range([&m](int k, const std::string& v) {
      // Nobody deletes k at the moment.
      EXPECT_EQ(m.Load(k), v);
      // 42 is never there when a callback begins.
      EXPECT_FALSE(m.LoadOrStore(42, "dummy").loaded);
      m.Store(42, "sync.Map");
      EXPECT_EQ(m.LoadAndDelete(42), "sync.Map");
      return true;
    });
    m.Delete(outer_key);
    return true;
  });
  int length = 0;
  m.Range([&length](int, const std::string&) { ++length; });
  EXPECT_EQ(length, 0);
}

TEST(Map, TestCompareAndSwap_NonExistingKey) {
  sync::Map<const void*, std::optional<int>> m;
  EXPECT_FALSE(m.CompareAndSwap(&m, std::nullopt, 42))
      << "swapped a key that is not there";
  EXPECT_FALSE(m.Load(&m).has_value());
}

TEST(Map, TestConcurrentClear) {
  const int n = Scaled(2000);
  sync::Map<int, int> m;
  sync::WaitGroup wg;
  for (int i = 0; i < 10; ++i) {
    wg.Go([&, i] {
      for (int k = 0; k < n; ++k) m.Store(i * n + k, k);
    });
    wg.Go([&] {
      for (int k = 0; k < Scaled(200); ++k) {
        m.Clear();
        runtime::Gosched();
      }
    });
  }
  wg.Wait();
  m.Clear();
  m.Range(
      [](int k, int) { ADD_FAILURE() << "after Clear, map contains " << k; });
}

}  // namespace
}  // namespace parkour::tests
