// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// lateness.h: what the programs that measure timers share: how long each sleep
// lasts, and what came of all of them.
//
//   Lateness lateness(sleepers, times);
//   ... of each sleeper i, `times` times:
//   const int64_t due = base::nanotime() + SleepNs(i, k);
//   ... sleeps ...
//   lateness.Woken(i, k, due);
//   lateness.Print();
//
// Thread-safety: Woken, of different sleepers or times, from any thread.

#ifndef PARKOUR_BENCH_LATENESS_H_
#define PARKOUR_BENCH_LATENESS_H_

#include <cstdint>
#include <vector>

namespace parkour::bench {

// How long the i-th sleeper's k-th sleep lasts: 1 to 100 ms, evenly spread, and
// the same numbers in all languages.
int64_t SleepNs(int64_t i, int64_t k);

class Lateness {
 public:
  // What is measured begins here.
  Lateness(int64_t sleepers, int64_t times);

  void Woken(int64_t i, int64_t k, int64_t due);

  // The end of it. "wall_ms=... cpu_ms=... p50_us=... p99_us=... early=...".
  void Print();

 private:
  const int64_t times_;
  std::vector<int64_t> late_ns_;
  int64_t began_, cpu_;
};

}  // namespace parkour::bench

#endif  // PARKOUR_BENCH_LATENESS_H_
