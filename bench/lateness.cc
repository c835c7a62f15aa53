// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bench/lateness.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include "parkour/base/clock.h"

namespace parkour::bench {

int64_t SleepNs(int64_t i, int64_t k) {
  // SplitMix64's finalizer.
  uint64_t x = (static_cast<uint64_t>(i) << 20) + static_cast<uint64_t>(k);
  x = (x + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return 1000000 + static_cast<int64_t>((x ^ (x >> 31)) % 99000000);
}

Lateness::Lateness(int64_t sleepers, int64_t times)
    : times_(times),
      late_ns_(static_cast<size_t>(sleepers * times)),
      began_(base::nanotime()),
      cpu_(base::ProcessCpuTime()) {}

void Lateness::Woken(int64_t i, int64_t k, int64_t due) {
  late_ns_[static_cast<size_t>(i * times_ + k)] = base::nanotime() - due;
}

void Lateness::Print() {
  const int64_t wall = base::nanotime() - began_;
  const int64_t cpu = base::ProcessCpuTime() - cpu_;
  std::sort(late_ns_.begin(), late_ns_.end());
  const auto at = [this](size_t percent) {
    return static_cast<double>(late_ns_[late_ns_.size() * percent / 100]) / 1e3;
  };
  const auto early =
      std::lower_bound(late_ns_.begin(), late_ns_.end(), 0) - late_ns_.begin();
  std::printf("wall_ms=%.1f cpu_ms=%.1f p50_us=%.1f p99_us=%.1f early=%td\n",
              static_cast<double>(wall) / 1e6, static_cast<double>(cpu) / 1e6,
              at(50), at(99), early);
}

}  // namespace parkour::bench
