// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/counts.h"

#include "parkour/base/clock.h"
#include "parkour/base/lock.h"
#include "parkour/runtime/latency.h"

namespace parkour::runtime {

constinit Counts counts;

namespace {

base::Mutex procs_mu{base::LockRank::kLeaf};
int32_t procs ABSL_GUARDED_BY(procs_mu) = 0;
int64_t since ABSL_GUARDED_BY(procs_mu) = 0;
int64_t before ABSL_GUARDED_BY(procs_mu) = 0;  // up to `since`
int64_t cpu_at_start ABSL_GUARDED_BY(procs_mu) = 0;

int64_t timeUntil(int64_t now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(procs_mu) {
  return before + procs * (now - since);
}

}  // namespace

void noteProcs(int32_t n) {
  base::MutexLock lock(&procs_mu);
  const int64_t now = base::nanotime();
  if (since == 0) cpu_at_start = base::ProcessCpuTime();
  before = timeUntil(now);
  since = now;
  procs = n;
}

void trackReadySlow(G* gp) {
  const int64_t now = base::nanotime();
  if (gp->tracking_stamp < 0) {
    const int64_t waited = now + gp->tracking_stamp;
    counts.mutex_wait_ns.fetch_add(waited * kSamplePeriod, base::kRelaxed);
  }
  gp->tracking_stamp = now;
}

int64_t procsTime() {
  base::MutexLock lock(&procs_mu);
  return timeUntil(base::nanotime());
}

int64_t cpuTime() {
  base::MutexLock lock(&procs_mu);
  return base::ProcessCpuTime() - cpu_at_start;
}

}  // namespace parkour::runtime
