// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// One small workload (small.h), timed: "ns=12.3 n=4000000".

#include <cstdint>
#include <string>

#include "parkour/bench/flags.h"
#include "parkour/bench/measure.h"
#include "parkour/bench/small.h"
#include "parkour/parkour.h"

int main(int argc, char** argv) {
  using namespace parkour;
  bench::Flags flags(argc, argv);
  const int64_t procs =
      flags.Int("procs", 0, "GOMAXPROCS; 0: as the environment says");
  const std::string workload = flags.String("workload", "", "see small.h");
  const double seconds = flags.Float("seconds", 0.5, "it runs about so long");
  const int64_t n = flags.Int("n", 0, "instead: so many, all at once");
  flags.Finish();
  return parkour::Main(argc, argv, [&] {
    runtime::GOMAXPROCS(static_cast<int>(procs));
    return bench::Measure(bench::AllSmall(), workload, seconds, n);
  });
}
