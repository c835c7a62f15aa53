// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sysmon/scavenger.h"

#include <algorithm>
#include <string>

#include "parkour/base/clock.h"
#include "parkour/base/sys.h"
#include "parkour/runtime/log.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/stack.h"

namespace parkour::sysmon {
namespace {

constexpr int64_t kMs = 1000000;
constexpr int64_t kPeriod = 5000 * kMs;
// At a stretch: sysmon has Ps to look after.
constexpr int64_t kStretch = kMs;
constexpr int64_t kBusyRest = 99;
constexpr int64_t kIdleRest = 9;
constexpr size_t kBatch = 16;
constexpr uint64_t kWorthTrimming = uint64_t{1} << 20;

}  // namespace

void Scavenger::Step(int64_t now, uint64_t activity, bool idle) {
  if (next_ == 0) next_ = now + kPeriod;  // the program has only just begun
  if (Due() == 0 && activity != last_activity_) {
    quiet_rounds_ = 0;
    next_ = now + kPeriod;
  }
  if (now < next_ || Due() == 0) return;
  // FreeOSMemory is at it.
  if (!runtime::scavenge_mu.TryLock()) {
    next_ = now + kMs;
    return;
  }
  if (phase_ == Phase::kRest) BeginRound(now, activity, idle);
  const int64_t begin = base::nanotime();
  int64_t worked = 0;
  bool more = true;
  runtime::incidlelocked(-1);
  while (more && worked < kStretch) {
    more = Work();
    worked = base::nanotime() - begin;
  }
  runtime::incidlelocked(+1);
  const std::string warning = runtime::scavengeWarning();
  runtime::scavenge_mu.Unlock();
  if (!warning.empty()) runtime::LogWarning(warning);
  runtime::CountScavengerTime(worked);
  next_ = now + worked + worked * (idle ? kIdleRest : kBusyRest);
  if (more) return;
  phase_ = Phase::kRest;
  next_ = std::max(next_, round_began_ + kPeriod);
}

void Scavenger::BeginRound(int64_t now, uint64_t activity, bool idle) {
  const bool quiet = idle && activity == last_activity_;
  quiet_rounds_ = quiet ? quiet_rounds_ + 1 : 0;
  last_activity_ = activity;
  round_began_ = now;
  at_ = {};
  phase_ = Phase::kFree;
  runtime::scavengeTurn();
}

bool Scavenger::Work() {
  if (phase_ == Phase::kFree) {
    if (!runtime::scavengeFree(kBatch)) phase_ = Phase::kPoller;
    return true;
  }
  if (phase_ == Phase::kPoller) {
    if (!runtime::scavengePoller(kBatch)) phase_ = Phase::kTrim;
    return true;
  }
  if (phase_ == Phase::kTrim) {
    if (runtime::scavengeParked(&at_, kBatch, round_began_ - kPeriod)) {
      return true;
    }
    phase_ = Phase::kHeap;
  }
  // Goroutines that ended have left something on the heap, too.
  const runtime::ScavengeCounts counts = runtime::ReadScavengeCounts();
  const uint64_t released =
      counts.released_bytes + counts.freed_stacks * runtime::kPageSize;
  if (quiet_rounds_ > 0 && released - trimmed_after_ >= kWorthTrimming) {
    trimmed_after_ = released;
    base::sys::TrimHeap();
  }
  return false;
}

}  // namespace parkour::sysmon
