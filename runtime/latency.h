// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// latency.h: how long goroutines wait for a processor, and for locks: a sample
// of one in 64.
//
//   trackStop(gp, reason)   it stops running, to park
//   trackYield(gp)          it stops running, and is runnable
//   trackNew(gp)            it is new, and runnable
//   trackReady(gp)          somebody has made it runnable
//   trackRun(p, gp)         it runs, on p
//
// Every 64th time that a goroutine stops, the next two steps read the clock.
// All other times each step costs a branch on a byte that lies beside the
// status. (Go takes every eighth. Two readings of the clock are half a switch
// of ours: one in eight made a yield slower by a tenth.)
//
// One that is woken while the scavenger holds its stack goes without a sample:
// it may run before trackReady could be called.
//
// Thread-safety: each step by whoever owns the goroutine at it (g.h).
// See:           Go: src/runtime/proc.go (casgstatus: gTrackingPeriod)

#ifndef PARKOUR_RUNTIME_LATENCY_H_
#define PARKOUR_RUNTIME_LATENCY_H_

#include <cstdint>

#include "parkour/base/clock.h"
#include "parkour/runtime/counts.h"
#include "parkour/runtime/g.h"
#include "parkour/runtime/p.h"

namespace parkour::runtime {

inline constexpr uint8_t kSamplePeriod = 64;
static_assert(kSamplePeriod < kTracked);

// Counts one more stop; true: this one is in the sample.
inline bool trackNext(G* gp) {
  gp->tracking = (gp->tracking + 1) % kSamplePeriod;
  if (__builtin_expect(gp->tracking != 0, 1)) return false;
  gp->tracking = kTracked;
  return true;
}

// A wait for a lock is stamped, too, with a negative time.
inline void trackStop(G* gp, WaitReason reason) {
  if (!trackNext(gp)) return;
  gp->tracking_stamp = isMutexWait(reason) ? -base::nanotime() : 0;
}

inline void trackYield(G* gp) {
  if (trackNext(gp)) gp->tracking_stamp = base::nanotime();
}

inline void trackNew(G* gp, uint64_t goid) {
  gp->tracking = goid % kSamplePeriod;
  trackYield(gp);
}

inline void trackRun(P* p, G* gp) {
  if (__builtin_expect(gp->tracking != kTracked, 1)) return;
  gp->tracking = 0;
  const int64_t since = gp->tracking_stamp;
  if (since > 0) p->latencies.Record(base::nanotime() - since);
}

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_LATENCY_H_
