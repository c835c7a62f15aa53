// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Very many goroutines that sleep for 1 to 100 ms, some times each: how late
// they wake up, and what it costs (lateness.h).

#include <cstdint>

#include "absl/time/time.h"
#include "parkour/base/clock.h"
#include "parkour/bench/flags.h"
#include "parkour/bench/lateness.h"
#include "parkour/parkour.h"

namespace parkour::bench {
namespace {

void SleepMuch(int64_t goroutines, int64_t times) {
  Lateness lateness(goroutines, times);
  sync::WaitGroup done;
  for (int64_t i = 0; i < goroutines; ++i) {
    done.Go([&lateness, i, times] {
      for (int64_t k = 0; k < times; ++k) {
        const int64_t ns = SleepNs(i, k);
        const int64_t due = base::nanotime() + ns;
        time::Sleep(absl::Nanoseconds(ns));
        lateness.Woken(i, k, due);
      }
    });
  }
  done.Wait();
  lateness.Print();
}

}  // namespace
}  // namespace parkour::bench

int main(int argc, char** argv) {
  using namespace parkour;
  bench::Flags flags(argc, argv);
  const int64_t procs =
      flags.Int("procs", 0, "GOMAXPROCS; 0: as the environment says");
  const int64_t goroutines = flags.Int("goroutines", 10000, "at once");
  const int64_t times = flags.Int("times", 10, "that each of them sleeps");
  flags.Finish();
  return parkour::Main(argc, argv, [&] {
    runtime::GOMAXPROCS(static_cast<int>(procs));
    bench::SleepMuch(goroutines, times);
  });
}
