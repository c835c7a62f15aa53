// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// scavenger.h: when stack memory is given back, and how fast.
//
//   Every 5 s, while anything happens in the program:
//     a turn of the free stacks, then those that expired are given back
//     what the poller has not needed for a turn
//     a walk over all goroutines, which trims those parked for 5 s
//   1 ms of work, then a rest: of 99 ms, or of 9 ms while the program is idle
//
// In the first round in which nothing ran the C library's heap follows: what
// connections and closures were made of. It is locked while it is searched for
// free pages, so a program at work is left alone.
//
// After three rounds in which nothing ran there is nothing left to give back,
// and no reason to look again.
//
// Thread-safety: sysmon's alone.
// See:      Go: mgcscavenge.go (the pacing of bgscavenge, 1 % of a CPU)

#ifndef PARKOUR_SYSMON_SCAVENGER_H_
#define PARKOUR_SYSMON_SCAVENGER_H_

#include <cstdint>

#include "parkour/runtime/scavenge.h"

namespace parkour::sysmon {

class Scavenger {
 public:
  // Does what is due. `activity`: a number that changes when anything runs;
  // `idle`: no P runs anything.
  void Step(int64_t now, uint64_t activity, bool idle);

  // When Step has something to do; 0: not before something runs.
  int64_t Due() const {
    const bool rests = phase_ == Phase::kRest && quiet_rounds_ >= kQuietRounds;
    return rests ? 0 : next_;
  }

 private:
  static constexpr int kQuietRounds = 3;

  enum class Phase { kRest, kFree, kPoller, kTrim, kHeap };

  void BeginRound(int64_t now, uint64_t activity, bool idle)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(runtime::scavenge_mu);
  // False when the round is over.
  bool Work() ABSL_EXCLUSIVE_LOCKS_REQUIRED(runtime::scavenge_mu);

  Phase phase_ = Phase::kRest;
  int64_t next_ = 0;
  int64_t round_began_ = 0;
  uint64_t last_activity_ = 0;
  uint64_t trimmed_after_ = 0;  // released bytes when the heap was last trimmed
  int quiet_rounds_ = 0;
  runtime::StackCursor at_;
};

}  // namespace parkour::sysmon

#endif  // PARKOUR_SYSMON_SCAVENGER_H_
