// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// clock.h: the clock door. One clock, monotonic, in nanoseconds; and the
// processor's counter, for traces.
//
// Guarantees: never goes back, is not moved by setting the wall clock.
// Blocking:   no; nanotime takes about 20 ns (vDSO), cputicks 10.

#ifndef PARKOUR_BASE_CLOCK_H_
#define PARKOUR_BASE_CLOCK_H_

#include <cstdint>

namespace parkour::base {

// Nanoseconds since an arbitrary start (CLOCK_MONOTONIC); > 0.
int64_t nanotime();

// From now on nanotime is `ns` further on, on all threads: the fake clock of
// room testing. What sleeps in the kernel meanwhile does not notice.
void SkipTime(int64_t ns);

// The time-stamp counter. All processors of a machine that Linux considers fit
// to keep time by it count together; its frequency is for the caller to find
// out against nanotime.
inline uint64_t cputicks() { return __builtin_ia32_rdtsc(); }

// Nanoseconds of CPU that the thread with this id (ThreadId()) has used; -1 if
// there is none.
int64_t ThreadCpuTime(int tid);

// Nanoseconds of CPU that the whole process has used.
int64_t ProcessCpuTime();

// Now plus `ns`, clamped to the largest time instead of wrapping; ns >= 0.
inline int64_t DeadlineAfter(int64_t now, int64_t ns) {
  return ns > INT64_MAX - now ? INT64_MAX : now + ns;
}

}  // namespace parkour::base

#endif  // PARKOUR_BASE_CLOCK_H_
