// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// histogram.h: how often which latency occurred, in a fixed amount of memory.
//
//   Histogram h;
//   h.Add(1234);                       // e.g. nanoseconds
//   uint64_t p99 = h.Percentile(99);
//
// Below 256 every value has a bucket of its own. Above, each power of two is
// divided into 128 equal buckets, so that a bucket's middle is within 0.4 % of
// every value in it. Adding is a few instructions and touches one counter.
//
// Thread-safety: one thread at a time; give each its own and Merge them.

#ifndef PARKOUR_BENCH_HISTOGRAM_H_
#define PARKOUR_BENCH_HISTOGRAM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace parkour::bench {

class Histogram {
 public:
  Histogram();

  void Add(uint64_t value);
  void Merge(const Histogram& other);

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }  // exact; 0 if empty

  // The smallest value that at least `percent` of all are not above, to within
  // the width of its bucket; 0 if empty.
  // REQUIRES: 0 <= percent <= 100.
  uint64_t Percentile(double percent) const;

 private:
  static size_t BucketOf(uint64_t value);
  static uint64_t MiddleOf(size_t bucket);

  std::vector<uint64_t> buckets_;
  uint64_t count_ = 0;
  uint64_t max_ = 0;
};

}  // namespace parkour::bench

#endif  // PARKOUR_BENCH_HISTOGRAM_H_
