// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// proftable.h: how often and how long, by stack. Insert-only and bounded:
// 4,096 stacks of 32 frames on the average; what comes later is one entry,
// marked as lost. An empty table is memory that was never touched.
//
// Thread-safety: all functions; a lock is held for about 50 ns.
// See:           Go: src/runtime/mprof.go (bucket, stkbucket)

#ifndef PARKOUR_RUNTIME_PROFTABLE_H_
#define PARKOUR_RUNTIME_PROFTABLE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "parkour/base/lock.h"
#include "parkour/runtime/mprof.h"

namespace parkour::runtime {

class ProfTable {
 public:
  constexpr ProfTable() = default;

  void Add(const uintptr_t* pcs, int n, double count, double ns) {
    base::MutexLock lock(&mu_);
    Record* const r = Find(pcs, static_cast<uint32_t>(n));
    r->count += count;
    r->ns += ns;
  }

  // Copies in batches, so that nobody waits for long: an entry is as it was at
  // some moment of the call.
  std::vector<WaitRecord> Read() const {
    constexpr uint32_t kBatch = 64;
    std::vector<WaitRecord> all;
    for (uint32_t i = 0;;) {
      base::MutexLock lock(&mu_);
      if (i == 0) Append(lost_, &all);
      for (const uint32_t end = std::min(size_, i + kBatch); i < end; ++i) {
        Append(records_[i], &all);
      }
      if (i == size_) return all;
    }
  }

 private:
  static constexpr uint32_t kRecords = 4096;
  static constexpr uint32_t kIndex = 2 * kRecords;
  static constexpr uint32_t kPcs = kRecords * 32;

  struct Record {
    uint64_t hash;
    uint32_t pcs;  // where they begin in pcs_
    uint32_t n;
    double count;
    double ns;
  };

  static uint64_t Hash(const uintptr_t* pcs, uint32_t n) {
    uint64_t h = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < n; ++i) {
      h = (h ^ pcs[i]) * 0x9E3779B97F4A7C15u;
      h ^= h >> 32;
    }
    return h;
  }

  Record* Find(const uintptr_t* pcs, uint32_t n)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const uint64_t hash = Hash(pcs, n);
    uint32_t at = static_cast<uint32_t>(hash % kIndex);
    for (; index_[at] != 0; at = (at + 1) % kIndex) {
      Record& r = records_[index_[at] - 1];
      if (r.hash == hash && r.n == n &&
          std::equal(pcs, pcs + n, pcs_ + r.pcs)) {
        return &r;
      }
    }
    if (size_ == kRecords || kPcs - npcs_ < n) return &lost_;
    Record& r = records_[size_];
    r = {hash, npcs_, n, 0, 0};
    std::copy(pcs, pcs + n, pcs_ + npcs_);
    npcs_ += n;
    index_[at] = ++size_;
    return &r;
  }

  void Append(const Record& r, std::vector<WaitRecord>* all) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (r.count == 0) return;
    all->push_back({r.count,
                    r.ns,
                    {pcs_ + r.pcs, pcs_ + r.pcs + r.n},
                    /*lost=*/&r == &lost_});
  }

  mutable base::Mutex mu_{base::LockRank::kLeaf};
  uint32_t size_ ABSL_GUARDED_BY(mu_) = 0;
  uint32_t npcs_ ABSL_GUARDED_BY(mu_) = 0;
  Record lost_ ABSL_GUARDED_BY(mu_) = {};
  // Open addressing; 0: free, else 1 + the place in records_.
  uint32_t index_[kIndex] ABSL_GUARDED_BY(mu_) = {};
  Record records_[kRecords] ABSL_GUARDED_BY(mu_) = {};
  uintptr_t pcs_[kPcs] ABSL_GUARDED_BY(mu_) = {};
};

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_PROFTABLE_H_
