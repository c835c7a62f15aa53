// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The limit of the timers: a heap, and a thread that sleeps until the first of
// them is due. Nobody runs but this loop.

#include <time.h>

#include <cstdint>
#include <queue>
#include <vector>

#include "parkour/base/clock.h"
#include "parkour/bench/flags.h"
#include "parkour/bench/lateness.h"

namespace parkour::bench {
namespace {

struct Timer {
  int64_t due, sleeper, time;
  bool operator<(const Timer& o) const { return due > o.due; }  // first is top
};

void SleepUntil(int64_t due) {
  const timespec until{due / 1000000000, due % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) !=
         0) {
  }
}

void SleepMuch(int64_t sleepers, int64_t times) {
  Lateness lateness(sleepers, times);
  std::priority_queue<Timer> heap;
  for (int64_t i = 0; i < sleepers; ++i) {
    heap.push({base::nanotime() + SleepNs(i, 0), i, 0});
  }
  while (!heap.empty()) {
    Timer t = heap.top();
    if (base::nanotime() < t.due) SleepUntil(t.due);
    heap.pop();
    lateness.Woken(t.sleeper, t.time, t.due);
    if (++t.time == times) continue;
    t.due = base::nanotime() + SleepNs(t.sleeper, t.time);
    heap.push(t);
  }
  lateness.Print();
}

}  // namespace
}  // namespace parkour::bench

int main(int argc, char** argv) {
  using namespace parkour::bench;
  Flags flags(argc, argv);
  const int64_t sleepers = flags.Int("goroutines", 10000, "at once");
  const int64_t times = flags.Int("times", 10, "that each of them sleeps");
  flags.Finish();
  SleepMuch(sleepers, times);
}
