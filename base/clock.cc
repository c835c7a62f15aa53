// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/clock.h"

#include <time.h>

#include "parkour/base/atomic.h"

namespace parkour::base {
namespace {

// Only grows. Relaxed: who skips time has stopped the world.
Atomic<int64_t> skipped{0};

int64_t Read(clockid_t clock) {
  timespec ts;
  if (clock_gettime(clock, &ts) != 0) return -1;
  return int64_t{ts.tv_sec} * 1000000000 + ts.tv_nsec;
}

}  // namespace

int64_t nanotime() { return Read(CLOCK_MONOTONIC) + skipped.load(kRelaxed); }

void SkipTime(int64_t ns) { skipped.fetch_add(ns, kRelaxed); }

// The number that pthread_getcpuclockid makes of the kernel's thread id. A
// pthread_t would not do: the thread may have ended.
int64_t ThreadCpuTime(int tid) {
  constexpr unsigned kThreadsOwn = 4;
  constexpr unsigned kAsScheduled = 2;
  return Read(static_cast<clockid_t>(~static_cast<unsigned>(tid) << 3 |
                                     kThreadsOwn | kAsScheduled));
}

int64_t ProcessCpuTime() { return Read(CLOCK_PROCESS_CPUTIME_ID); }

}  // namespace parkour::base
