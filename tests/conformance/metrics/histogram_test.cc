// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/histogram_test.go, by meaning.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "parkour/metrics/metrics.h"
#include "parkour/runtime/timehistogram.h"

namespace parkour::tests {
namespace {

using runtime::TimeHistogram;

constexpr size_t kLast = TimeHistogram::kTotal - 1;

// The number of values in each bucket is the bucket's own number.
TEST(Histogram, TestTimeHistogram) {
  static TimeHistogram h;
  for (size_t i = 1; i < kLast; ++i) {
    for (size_t n = 1; n < i; ++n) {
      h.Record(static_cast<int64_t>(TimeHistogram::Bound(i)));
    }
  }
  h.Record(-1);
  h.Record(std::numeric_limits<int64_t>::max());
  h.RecordShared(int64_t{1} << 47);
  for (size_t i = 1; i < kLast; ++i) EXPECT_EQ(h.Count(i), i - 1) << i;
  EXPECT_EQ(h.Count(0), 1u);
  EXPECT_EQ(h.Count(kLast), 2u);
}

// Each bucket ends where the next one begins.
TEST(Histogram, BucketsTouch) {
  for (size_t i = 2; i <= kLast; ++i) {
    const auto bound = static_cast<int64_t>(TimeHistogram::Bound(i));
    EXPECT_EQ(TimeHistogram::Index(bound), i);
    EXPECT_EQ(TimeHistogram::Index(bound - 1), i - 1);
  }
  EXPECT_EQ(TimeHistogram::Index(0), 1u);
  EXPECT_EQ(TimeHistogram::Index(-1), 0u);
  EXPECT_EQ(TimeHistogram::Index(std::numeric_limits<int64_t>::min()), 0u);
}

TEST(Histogram, TestTimeHistogramMetricsBuckets) {
  std::vector<runtime::metrics::Sample> samples(1);
  samples[0].name = "/sched/latencies:seconds";
  runtime::metrics::Read(samples);
  const std::vector<double>& b = samples[0].value.Histogram().buckets;
  ASSERT_EQ(b.size(), 163u);
  EXPECT_EQ(samples[0].value.Histogram().counts.size(), 162u);
  const std::pair<size_t, uint64_t> some[] = {
      {1, 0},          {2, 0x40},          {3, 0x80},
      {4, 0xc0},       {5, 0x100},         {6, 0x140},
      {7, 0x180},      {8, 0x1c0},         {9, 0x200},
      {10, 0x280},     {11, 0x300},        {12, 0x380},
      {13, 0x400},     {15, 0x600},        {81, 0x8000000},
      {82, 0xa000000}, {108, 0x380000000}, {161, uint64_t{1} << 47}};
  for (const auto& [i, ns] : some) {
    EXPECT_EQ(b[i], static_cast<double>(ns) / 1e9) << i;
  }
  EXPECT_EQ(b[0], -INFINITY);
  EXPECT_EQ(b[162], INFINITY);
}

}  // namespace
}  // namespace parkour::tests
