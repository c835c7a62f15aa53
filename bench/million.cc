// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Very many goroutines parked on a channel at once, then all woken. Prints what
// one of them costs: "create_ns=... rss_b=... pte_b=... wake_ns=...".

#include <cstdint>
#include <cstdio>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "parkour/bench/flags.h"
#include "parkour/bench/proc.h"
#include "parkour/parkour.h"

namespace parkour::bench {
namespace {

double NsEach(absl::Time begin, int64_t n) {
  return absl::ToDoubleNanoseconds(absl::Now() - begin) /
         static_cast<double>(n);
}

double BytesEach(int64_t kb, int64_t n) {
  return static_cast<double>(kb) * 1024 / static_cast<double>(n);
}

void ParkAndWake(int64_t n) {
  Chan<Unit> gate = MakeChan<Unit>();
  sync::WaitGroup arrived, done;
  const int64_t rss = StatusKb("VmRSS"), pte = StatusKb("VmPTE");
  arrived.Add(static_cast<int>(n));
  done.Add(static_cast<int>(n));
  const absl::Time creating = absl::Now();
  for (int64_t i = 0; i < n; ++i) {
    go([&] {
      arrived.Done();
      gate.Recv();
      done.Done();
    });
  }
  arrived.Wait();
  const double create_ns = NsEach(creating, n);
  const double rss_b = BytesEach(StatusKb("VmRSS") - rss, n);
  const double pte_b = BytesEach(StatusKb("VmPTE") - pte, n);

  const absl::Time waking = absl::Now();
  gate.Close();
  done.Wait();
  std::printf("create_ns=%.1f rss_b=%.1f pte_b=%.1f wake_ns=%.1f\n", create_ns,
              rss_b, pte_b, NsEach(waking, n));
}

}  // namespace
}  // namespace parkour::bench

int main(int argc, char** argv) {
  using namespace parkour;
  bench::Flags flags(argc, argv);
  const int64_t procs =
      flags.Int("procs", 0, "GOMAXPROCS; 0: as the environment says");
  const int64_t goroutines = flags.Int("goroutines", 1000000, "at once");
  flags.Finish();
  return parkour::Main(argc, argv, [&] {
    runtime::GOMAXPROCS(static_cast<int>(procs));
    bench::ParkAndWake(goroutines);
  });
}
