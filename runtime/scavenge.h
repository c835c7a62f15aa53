// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// scavenge.h: giving stack memory back to the system. The steps; sysmon's
// scavenger calls them at its pace, FreeOSMemory all at once.
//
//   scavengeTurn();                                  // ages the free stacks
//   while (scavengeFree(64)) ...                     // those that expired
//   StackCursor at;
//   while (scavengePoller(64)) ...                   // what sockets left
//   while (scavengeParked(&at, 64, parked_before)) ...  // live goroutines
//
// A free stack that nobody needed for a whole turn is given back entirely, its
// descriptor included. A goroutine that has been parked for long keeps what is
// above its stack pointer; the pages below hold nothing but what earlier calls
// left there.
//
// What a stack has needed is read off its pages: the lowest one that has
// memory. A stack that served several goroutines shows the deepest of them,
// until its memory is given back.
//
// Blocking: never parks. Each step costs about a microsecond a stack, plus what
//           the kernel needs to free the pages.
// Thread-safety: one scavenger at a time: hold scavenge_mu.
// See:      Go: mgcscavenge.go, mgcstack (shrinkstack), which copy stacks

#ifndef PARKOUR_RUNTIME_SCAVENGE_H_
#define PARKOUR_RUNTIME_SCAVENGE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/base/thread_annotations.h"
#include "parkour/base/lock.h"
#include "parkour/runtime/g.h"
#include "parkour/runtime/slab.h"

namespace parkour::runtime {

extern base::Mutex scavenge_mu;

// One turn: what was cool expires, what was hot cools. Stacks that idle Ps keep
// for themselves come to the common shelf.
void scavengeTurn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(scavenge_mu);

// Gives back up to n expired stacks, fewer if they have much memory. False:
// there are none left.
bool scavengeFree(size_t n) ABSL_EXCLUSIVE_LOCKS_REQUIRED(scavenge_mu);

// Has the poller give back up to n pages that it has not needed for a turn.
// False: it has none left.
bool scavengePoller(size_t n) ABSL_EXCLUSIVE_LOCKS_REQUIRED(scavenge_mu);

// A place in the walk over all slots.
struct StackCursor {
  size_t slab = 0;
  size_t slot = 0;
};

// Looks at the next n slots: notes how deep their goroutines went, warns of
// those that came near their guard, and trims the stacks of those that have
// been parked since `parked_before` (of nanotime) or longer. Fewer if there
// is much to give back. False at the end. REQUIRES: between incidlelocked(-1)
// and (+1).
bool scavengeParked(StackCursor* at, size_t n, int64_t parked_before)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(scavenge_mu);

// As `parked_before`: whoever is parked.
inline constexpr int64_t kEverybody = std::numeric_limits<int64_t>::max();

// A warning that came up meanwhile, once; empty: none. For the log, as soon as
// scavenge_mu is released.
std::string scavengeWarning() ABSL_EXCLUSIVE_LOCKS_REQUIRED(scavenge_mu);

// Bytes of gp's stack in use at its deepest, as far as its pages tell, and the
// bytes that have memory now.
struct StackDepth {
  size_t used;
  size_t resident;
};
StackDepth MeasureStack(const G* gp);

// So much of a stack in use is near its guard.
inline bool NearOverflow(const G* gp, size_t used) {
  return used >= (gp->stack_hi - gp->stack_lo) / 10 * 9;
}

struct ScavengeCounts {
  uint64_t turns;
  uint64_t freed_stacks;
  uint64_t trimmed_stacks;
  uint64_t released_bytes;
  uint64_t near_overflows;
  int64_t busy_ns;
};
ScavengeCounts ReadScavengeCounts();

// sysmon's scavenger tells how long it has worked.
void CountScavengerTime(int64_t ns);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_SCAVENGE_H_
