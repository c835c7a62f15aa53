// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/trace/stack_table.h"

#include <algorithm>

#include "parkour/base/atomic.h"
#include "parkour/base/sys.h"

namespace parkour::trace {
namespace {

constexpr uint32_t kBuckets = 1 << 14;
constexpr uint32_t kProbes = 16;
constexpr size_t kArenaBytes = size_t{4} << 20;

struct Entry {
  uint64_t hash;
  uint64_t n;
  uintptr_t pcs[1];  // n of them
};

base::Atomic<Entry*> buckets[kBuckets] = {};
base::Atomic<char*> arena{nullptr};
base::Atomic<size_t> used{0};

// One multiplication for each, and the mixing at the end: this is done at every
// park. A multiplication by an odd number forgets nothing.
uint64_t Hash(const uintptr_t* pcs, int n) {
  uint64_t h = 0x9e3779b97f4a7c15u + static_cast<uint64_t>(n);
  for (int i = 0; i < n; ++i) h = (h ^ pcs[i]) * 0xff51afd7ed558ccdu;
  h ^= h >> 32;
  h *= 0xc4ceb9fe1a85ec53u;
  return h ^ h >> 29;
}

char* Arena() {
  char* a = arena.load(base::kAcquire);
  if (a != nullptr) return a;
  int error;
  a = static_cast<char*>(base::sys::Reserve(kArenaBytes, &error));
  if (a == nullptr) return nullptr;
  char* none = nullptr;
  if (arena.compare_exchange_strong(none, a, base::kAcqRel)) return a;
  base::sys::Unmap(a, kArenaBytes);
  return none;
}

Entry* NewEntry(uint64_t hash, const uintptr_t* pcs, int n) {
  char* const a = Arena();
  if (a == nullptr) return nullptr;
  const size_t size = sizeof(Entry) + (n - 1) * sizeof(uintptr_t);
  if (used.load(base::kRelaxed) + size > kArenaBytes) return nullptr;
  const size_t at = used.fetch_add(size, base::kRelaxed);
  if (at + size > kArenaBytes) return nullptr;
  auto* const e = reinterpret_cast<Entry*>(a + at);
  e->hash = hash;
  e->n = static_cast<uint64_t>(n);
  std::copy_n(pcs, n, e->pcs);
  return e;
}

// Two of a table's few thousand stacks whose 64 bits are equal will not be met.
bool Same(const Entry* e, uint64_t hash) { return e->hash == hash; }

}  // namespace

uint32_t InternStack(const uintptr_t* pcs, int n) {
  if (n <= 0) return 0;
  const uint64_t hash = Hash(pcs, n);
  Entry* mine = nullptr;
  for (uint32_t i = 0; i < kProbes; ++i) {
    const uint32_t at = static_cast<uint32_t>(hash + i) % kBuckets;
    Entry* e = buckets[at].load(base::kAcquire);
    if (e == nullptr) {
      if (mine == nullptr) mine = NewEntry(hash, pcs, n);
      if (mine == nullptr) return 0;
      if (buckets[at].compare_exchange_strong(e, mine, base::kAcqRel)) {
        return at + 1;
      }
    }
    if (Same(e, hash)) return at + 1;
  }
  return 0;
}

std::span<const uintptr_t> StackOf(uint32_t id) {
  if (id == 0 || id > kBuckets) return {};
  const Entry* const e = buckets[id - 1].load(base::kAcquire);
  if (e == nullptr) return {};
  return {e->pcs, e->n};
}

}  // namespace parkour::trace
