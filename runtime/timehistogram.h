// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// timehistogram.h: how often which duration was seen, in Go's buckets: four of
// 64 ns each below 256 ns, then four for each power of two, up to 2^47 ns.
//
// Thread-safety: any reader; Record by one writer at a time, without a locked
//                instruction, RecordShared by any number.
// See:           Go: src/runtime/histogram.go (timeHistogram,
//                timeHistogramMetricsBuckets)

#ifndef PARKOUR_RUNTIME_TIMEHISTOGRAM_H_
#define PARKOUR_RUNTIME_TIMEHISTOGRAM_H_

#include <bit>
#include <cstddef>
#include <cstdint>

#include "parkour/base/atomic.h"

namespace parkour::runtime {

class TimeHistogram {
 public:
  static constexpr int kMinBits = 9;
  static constexpr int kMaxBits = 48;
  static constexpr int kSubBits = 2;
  static constexpr size_t kSubBuckets = size_t{1} << kSubBits;
  static constexpr size_t kBuckets = (kMaxBits - kMinBits + 1) * kSubBuckets;
  // What was negative stands before them, what was too long behind.
  static constexpr size_t kTotal = kBuckets + 2;

  // Which of kTotal a duration belongs to.
  static constexpr size_t Index(int64_t ns) {
    if (ns < 0) return 0;
    const auto u = static_cast<uint64_t>(ns);
    const int bits = std::bit_width(u);
    const int top = bits < kMinBits ? kMinBits : bits;
    const auto bucket =
        static_cast<size_t>(bits < kMinBits ? 0 : bits - kMinBits + 1);
    if (bucket > kMaxBits - kMinBits) return kTotal - 1;
    const uint64_t sub = (u >> (top - 1 - kSubBits)) % kSubBuckets;
    return 1 + bucket * kSubBuckets + sub;
  }

  // Where bucket i of kTotal begins, i > 0; it ends where the next one begins.
  static constexpr uint64_t Bound(size_t i) {
    const size_t bucket = (i - 1) / kSubBuckets;
    const uint64_t sub = (i - 1) % kSubBuckets;
    if (bucket == 0) return sub << (kMinBits - 1 - kSubBits);
    const auto top = static_cast<int>(bucket) + kMinBits - 1;
    return uint64_t{1} << (top - 1) | sub << (top - 1 - kSubBits);
  }

  void Record(int64_t ns) {
    base::Atomic<uint64_t>& n = counts_[Index(ns)];
    n.store(n.load(base::kRelaxed) + 1, base::kRelaxed);
    sum_.store(sum_.load(base::kRelaxed) + static_cast<uint64_t>(ns),
               base::kRelaxed);
  }

  void RecordShared(int64_t ns) {
    counts_[Index(ns)].fetch_add(1, base::kRelaxed);
    sum_.fetch_add(static_cast<uint64_t>(ns), base::kRelaxed);
  }

  uint64_t Count(size_t i) const { return counts_[i].load(base::kRelaxed); }
  int64_t Sum() const {
    return static_cast<int64_t>(sum_.load(base::kRelaxed));
  }

 private:
  base::Atomic<uint64_t> counts_[kTotal] = {};
  base::Atomic<uint64_t> sum_{0};  // may wrap
};

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_TIMEHISTOGRAM_H_
