// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Tells how many rounds of Burn are a millisecond of CPU time here. The figure
// goes to all programs of a run, whatever they are written in.

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "parkour/bench/burn.h"

namespace parkour::bench {
namespace {

constexpr int64_t kRounds = 5'000'000;
constexpr int kSamples = 15;

double CpuMilliseconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 +
         static_cast<double>(t.tv_nsec) / 1e6;
}

// The best of some: what disturbs, slows down.
double RoundsPerMillisecond() {
  double best = 0;
  for (int i = 0; i < kSamples; ++i) {
    const double begin = CpuMilliseconds();
    Burn(kRounds);
    best = std::max(best, kRounds / (CpuMilliseconds() - begin));
  }
  return best;
}

}  // namespace
}  // namespace parkour::bench

int main() {
  std::printf("rounds_per_ms=%.0f\n", parkour::bench::RoundsPerMillisecond());
}
