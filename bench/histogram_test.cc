// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bench/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace parkour::bench {
namespace {

constexpr double kPercents[] = {0, 1, 10, 50, 90, 99, 99.9, 100};

// What Percentile approximates, from all the values.
uint64_t Exact(const std::vector<uint64_t>& sorted, double percent) {
  const double rank = std::ceil(percent / 100 * sorted.size());
  return sorted[static_cast<size_t>(std::max(rank, 1.0)) - 1];
}

void ExpectClose(uint64_t got, uint64_t want) {
  EXPECT_LE(std::abs(static_cast<double>(got) - static_cast<double>(want)),
            0.005 * static_cast<double>(want))
      << got << " instead of " << want;
}

TEST(HistogramTest, Empty) {
  Histogram h;
  EXPECT_EQ(h.count(), 0u);
  EXPECT_EQ(h.max(), 0u);
  for (double p : kPercents) EXPECT_EQ(h.Percentile(p), 0u);
}

TEST(HistogramTest, SmallValuesAreExact) {
  Histogram h;
  for (uint64_t v = 0; v < 256; ++v) h.Add(v);
  EXPECT_EQ(h.count(), 256u);
  EXPECT_EQ(h.max(), 255u);
  for (uint64_t v = 0; v < 256; ++v) {
    EXPECT_EQ(h.Percentile(100.0 * static_cast<double>(v + 1) / 256), v);
  }
}

// One value alone is every percentile; here those around every power of two,
// where buckets change their width.
TEST(HistogramTest, EveryMagnitude) {
  for (int bit = 0; bit < 64; ++bit) {
    const uint64_t power = uint64_t{1} << bit;
    for (uint64_t v : {power - 1, power, power + 1, power + power / 3}) {
      Histogram h;
      h.Add(v);
      EXPECT_EQ(h.max(), v);
      ExpectClose(h.Percentile(50), v);
      EXPECT_LE(h.Percentile(100), v);
    }
  }
  Histogram h;
  h.Add(std::numeric_limits<uint64_t>::max());
  ExpectClose(h.Percentile(50), std::numeric_limits<uint64_t>::max());
}

TEST(HistogramTest, PercentilesOfALongTail) {
  Histogram h;
  std::vector<uint64_t> values;
  uint64_t x = 88172645463325252;
  for (int i = 0; i < 100000; ++i) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    // From 0 to 2^40, each power of two as likely as the others.
    values.push_back((x >> 24) >> (x % 41));
    h.Add(values.back());
  }
  std::sort(values.begin(), values.end());
  EXPECT_EQ(h.count(), values.size());
  EXPECT_EQ(h.max(), values.back());
  for (double p : kPercents) ExpectClose(h.Percentile(p), Exact(values, p));
}

TEST(HistogramTest, Merge) {
  Histogram a, b, both;
  for (uint64_t i = 1; i <= 1000; ++i) {
    (i % 3 == 0 ? a : b).Add(i * i);
    both.Add(i * i);
  }
  a.Merge(b);
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.max(), both.max());
  for (double p : kPercents) EXPECT_EQ(a.Percentile(p), both.Percentile(p));
}

}  // namespace
}  // namespace parkour::bench
