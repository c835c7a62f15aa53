// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Tells how many rounds of Burn are a millisecond of CPU time here. The figure
// goes to all programs of a run, whatever they are written in.

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

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

double RoundsPerMillisecond() {
  std::vector<double> samples;
  for (int i = 0; i < kSamples; ++i) {
    const double begin = CpuMilliseconds();
    Burn(kRounds);
    samples.push_back(kRounds / (CpuMilliseconds() - begin));
  }
  std::sort(samples.begin(), samples.end());
  return samples[kSamples / 2];
}

}  // namespace
}  // namespace parkour::bench

int main() {
  std::printf("rounds_per_ms=%.0f\n", parkour::bench::RoundsPerMillisecond());
}
