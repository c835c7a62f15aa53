// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// map.h: a hash map that many goroutines use at once.
//
//   sync::Map<std::string, int> visits;
//   visits.Store("/", 1);
//   if (std::optional<int> n = visits.Load("/")) Use(*n);
//   auto [n, loaded] = visits.LoadOrStore("/about", 1);
//   visits.Range([](const std::string& page, int n) { Print(page, n); });
//
// 32 shards, chosen by the key's hash, each a std::unordered_map under an
// RWMutex of its own: operations on different keys seldom meet, readers of one
// shard run together. (Go's is a hash trie whose readers take no lock; that
// needs a garbage collector to free what a reader may still look at.)
//
// Values are returned by copy, so keep large ones, and those that cannot be
// copied, as std::shared_ptr. A Map is 4 KiB in size.
//
// Requires:   Hash, Eq and the operations of K and V do not call the same Map.
// Guarantees: each operation on a key is one step, and so is Clear; Range is
//             not. Destructors of what leaves the map, and Range's function,
//             run with no lock held.
// Memory:     a write happens before any operation that observes it.
// Blocking:   may park the goroutine for as long as another is in the shard.
// See:        Go: src/sync/hashtriemap.go

#ifndef PARKOUR_SYNC_MAP_H_
#define PARKOUR_SYNC_MAP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "parkour/sync/rwmutex.h"
#include "parkour/sync/scoped_lock.h"

namespace parkour::sync {

template <typename K, typename V, typename Hash = std::hash<K>,
          typename Eq = std::equal_to<K>>
class Map {
 public:
  struct LoadOrStoreResult {
    V value;
    bool loaded;  // it was there; false: it was stored
  };

  Map() = default;
  Map(const Map&) = delete;
  Map& operator=(const Map&) = delete;

  // The value of `key`; nothing if there is none.
  std::optional<V> Load(const K& key) const {
    Shard& s = ShardOf(key);
    ReaderLock lock(&s.mu);
    const auto it = s.entries.find(key);
    if (it == s.entries.end()) return std::nullopt;
    return it->second;
  }

  // Sets the value of `key`.
  void Store(K key, V value) { Swap(std::move(key), std::move(value)); }

  // The value of `key` if there is one; otherwise stores `value` and returns
  // it.
  LoadOrStoreResult LoadOrStore(K key, V value) {
    Shard& s = ShardOf(key);
    {
      // Mostly it is there, and then readers need not stop.
      ReaderLock lock(&s.mu);
      const auto it = s.entries.find(key);
      if (it != s.entries.end()) return {it->second, true};
    }
    WriterLock lock(&s.mu);
    const auto [it, stored] =
        s.entries.try_emplace(std::move(key), std::move(value));
    return {it->second, !stored};
  }

  // Removes `key`; its value, if there was one.
  std::optional<V> LoadAndDelete(const K& key) {
    if (Node node = Extract(key, [](const V&) { return true; })) {
      return std::move(node.mapped());
    }
    return std::nullopt;
  }

  void Delete(const K& key) {
    Extract(key, [](const V&) { return true; });
  }

  // Sets the value of `key`; the one before, if there was one.
  std::optional<V> Swap(K key, V value) {
    Shard& s = ShardOf(key);
    WriterLock lock(&s.mu);
    const auto [it, stored] =
        s.entries.try_emplace(std::move(key), std::move(value));
    if (stored) return std::nullopt;
    // Not stored: then `value` has not been moved from.
    return std::exchange(it->second, std::move(value));
  }

  // Sets the value of `key` to `value` if it is there and equal to `old`.
  bool CompareAndSwap(const K& key, const V& old, V value) {
    Shard& s = ShardOf(key);
    WriterLock lock(&s.mu);
    const auto it = s.entries.find(key);
    if (it == s.entries.end() || !(it->second == old)) return false;
    using std::swap;
    swap(it->second, value);  // the old one goes with the argument, later
    return true;
  }

  // Removes `key` if its value is equal to `old`.
  bool CompareAndDelete(const K& key, const V& old) {
    return !Extract(key, [&old](const V& v) { return v == old; }).empty();
  }

  // Calls f(key, value) for each, until f returns false; f may return void, and
  // may use the Map. No key comes twice. What is stored or deleted meanwhile
  // may come or not, with any value it had in the course of the Range. Copies
  // the entries of one shard at a time.
  template <typename F>
  void Range(F&& f) const {
    for (const Shard& shard : shards_) {
      for (const std::pair<K, V>& entry : Copy(shard)) {
        if constexpr (std::is_void_v<
                          std::invoke_result_t<F&, const K&, const V&>>) {
          std::invoke(f, entry.first, entry.second);
        } else if (!std::invoke(f, entry.first, entry.second)) {
          return;
        }
      }
    }
  }

  // Removes everything, in one step: takes all the locks, in their order.
  void Clear() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    std::array<Entries, kShards> old;  // destroyed when the locks are free
    for (Shard& s : shards_) s.mu.Lock();
    for (size_t i = 0; i < kShards; ++i) old[i].swap(shards_[i].entries);
    for (Shard& s : shards_) s.mu.Unlock();
  }

 private:
  static constexpr int kShardBits = 5;
  static constexpr size_t kShards = size_t{1} << kShardBits;

  using Entries = std::unordered_map<K, V, Hash, Eq>;
  using Node = typename Entries::node_type;

  struct alignas(64) Shard {
    mutable RWMutex mu;
    Entries entries ABSL_GUARDED_BY(mu);
  };

  // The upper bits of a product, so that a weak hash (that of an int is the
  // int) spreads over the shards and, in each, over the buckets.
  Shard& ShardOf(const K& key) const {
    const uint64_t hash = uint64_t{Hash()(key)} * 0x9E3779B97F4A7C15u;
    return shards_[hash >> (64 - kShardBits)];
  }

  // Takes the entry of `key` out of the map if its value passes; it is
  // destroyed with the node, by the caller, with no lock held.
  template <typename Pred>
  Node Extract(const K& key, Pred pred) {
    Shard& s = ShardOf(key);
    WriterLock lock(&s.mu);
    const auto it = s.entries.find(key);
    if (it == s.entries.end() || !pred(std::as_const(it->second))) return {};
    return s.entries.extract(it);
  }

  static std::vector<std::pair<K, V>> Copy(const Shard& shard) {
    ReaderLock lock(&shard.mu);
    return {shard.entries.begin(), shard.entries.end()};
  }

  mutable std::array<Shard, kShards> shards_;
};

}  // namespace parkour::sync

#endif  // PARKOUR_SYNC_MAP_H_
