// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// table.h: all metrics, and how each is read.

#ifndef PARKOUR_METRICS_TABLE_H_
#define PARKOUR_METRICS_TABLE_H_

#include <cstdint>
#include <optional>
#include <span>

#include "parkour/metrics/metrics.h"
#include "parkour/runtime/scavenge.h"
#include "parkour/runtime/stack_stats.h"
#include "parkour/runtime/timehistogram.h"

namespace parkour::runtime::metrics {

// CPU time in nanoseconds; idle + user + scavenge is all there was.
struct CpuClasses {
  int64_t idle;
  int64_t user;
  int64_t scavenge;
};

// What several metrics read, taken once, at the first use, so that they agree
// with each other.
class Snapshot {
 public:
  const CpuClasses& Cpu();
  const StackStats& Stacks();
  const ScavengeCounts& Scavenger();

 private:
  std::optional<CpuClasses> cpu_;
  std::optional<StackStats> stacks_;
  std::optional<ScavengeCounts> scavenger_;
};

struct Metric {
  Description description;
  Value (*read)(Snapshot* snapshot);
  // A histogram's sum, in seconds.
  double (*sum)() = nullptr;
};

// By name.
std::span<const Metric> Table();

}  // namespace parkour::runtime::metrics

#endif  // PARKOUR_METRICS_TABLE_H_
