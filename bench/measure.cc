// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bench/measure.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <vector>

namespace parkour::bench {
namespace {

class Printer : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      std::printf(
          "ns=%.3f n=%lld\n",
          run.real_accumulated_time * 1e9 / static_cast<double>(run.iterations),
          static_cast<long long>(run.iterations));
    }
    std::fflush(stdout);
  }
};

}  // namespace

int Measure(std::span<const Small> all, const std::string& workload,
            double seconds, int64_t n) {
  for (const Small& small : all) {
    if (workload != small.name) continue;
    benchmark::internal::Benchmark* const b = benchmark::RegisterBenchmark(
        small.name, [&small](benchmark::State& state) {
          while (state.KeepRunningBatch(state.max_iterations)) {
            small.run(state.max_iterations);
          }
        });
    b->UseRealTime()->MeasureProcessCPUTime();
    if (n > 0) {
      b->Iterations(n);
    } else {
      b->MinTime(seconds);
    }
    Printer printer;
    benchmark::RunSpecifiedBenchmarks(&printer, "all");
    return 0;
  }
  std::fprintf(stderr, "-workload: one of");
  for (const Small& small : all) std::fprintf(stderr, " %s", small.name);
  std::fprintf(stderr, "\n");
  return 2;
}

}  // namespace parkour::bench
