// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// counts.h: what the runtime counts of itself, for room metrics. What happens
// often is counted by each P for itself (p.h); here is the rest.
//
// Thread-safety: atomics; nobody decides anything by them.

#ifndef PARKOUR_RUNTIME_COUNTS_H_
#define PARKOUR_RUNTIME_COUNTS_H_

#include <cstdint>

#include "parkour/base/atomic.h"
#include "parkour/runtime/timehistogram.h"

namespace parkour::runtime {

struct Counts {
  // Polls that found something, and what they found. One each per system call.
  base::Atomic<uint64_t> netpoll_wakeups{0};
  base::Atomic<uint64_t> netpoll_events{0};
  // Lists of goroutines that became ready together.
  base::Atomic<uint64_t> injected_lists{0};
  base::Atomic<uint64_t> injected_goroutines{0};
  // Ps taken by sysmon, from system calls and from user code.
  base::Atomic<uint64_t> retakes_syscall{0};
  base::Atomic<uint64_t> retakes_user{0};
  // Of goroutines blocked on a lock; estimated, see latency.h.
  base::Atomic<int64_t> mutex_wait_ns{0};
  // Until all Ps stood still; until they ran again.
  TimeHistogram pauses_stopping;
  TimeHistogram pauses_total;
};

extern Counts counts;

// One more; relaxed.
inline void count(base::Atomic<uint64_t>* n, uint64_t delta = 1) {
  n->fetch_add(delta, base::kRelaxed);
}

// From now on there are n Ps.
void noteProcs(int32_t n);
// The time that all Ps have existed, added up; and the CPU time that the
// process has used since the first of them.
int64_t procsTime();
int64_t cpuTime();

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_COUNTS_H_
