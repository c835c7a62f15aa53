// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// measure.h: small workloads under Google Benchmark.
//
//   constexpr Small kAll[] = {{"switch", Switch}, {"spawn", Spawn}};
//   return Measure(kAll, "switch", 0.5, 0);
//
// A workload does n of something and returns; what it sets up first is part of
// the time, and shared by all n. Measure prints what one of them costs:
// "ns=12.3 n=4000000".
//
// Google Benchmark finds n, on the goroutine that calls Measure. It reads the
// clocks of the process and of the wall, not the thread's: the goroutine may
// change its thread meanwhile.

#ifndef PARKOUR_BENCH_MEASURE_H_
#define PARKOUR_BENCH_MEASURE_H_

#include <cstdint>
#include <span>
#include <string>

namespace parkour::bench {

struct Small {
  const char* name;
  void (*run)(int64_t n);
};

// Runs one of them for about so many seconds, or n times at once if n > 0: then
// nothing has run before. Returns an exit status, 2 with a message if there is
// no such workload.
int Measure(std::span<const Small> all, const std::string& workload,
            double seconds, int64_t n);

}  // namespace parkour::bench

#endif  // PARKOUR_BENCH_MEASURE_H_
