// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace parkour::bench {
namespace {

// A value of more bits than these is shifted down to so many, the first of
// which is always set: 128 buckets for each power of two.
constexpr int kBits = 8;
constexpr size_t kPerPowerOfTwo = size_t{1} << (kBits - 1);
constexpr size_t kBuckets = kPerPowerOfTwo * (64 - kBits + 2);

}  // namespace

Histogram::Histogram() : buckets_(kBuckets) {}

size_t Histogram::BucketOf(uint64_t value) {
  const int shift =
      std::max(static_cast<int>(std::bit_width(value)) - kBits, 0);
  return kPerPowerOfTwo * shift + (value >> shift);
}

uint64_t Histogram::MiddleOf(size_t bucket) {
  if (bucket < 2 * kPerPowerOfTwo) return bucket;
  const size_t shift = bucket / kPerPowerOfTwo - 1;
  const uint64_t first = (bucket - kPerPowerOfTwo * shift) << shift;
  return first + (uint64_t{1} << shift) / 2;
}

void Histogram::Add(uint64_t value) {
  ++buckets_[BucketOf(value)];
  ++count_;
  max_ = std::max(max_, value);
}

void Histogram::Merge(const Histogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

uint64_t Histogram::Percentile(double percent) const {
  const double exact = std::ceil(percent / 100 * static_cast<double>(count_));
  const uint64_t rank = std::max<uint64_t>(static_cast<uint64_t>(exact), 1);
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(MiddleOf(i), max_);
  }
  return max_;
}

}  // namespace parkour::bench
