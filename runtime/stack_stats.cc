// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/stack_stats.h"

#include <algorithm>
#include <limits>

#include "parkour/base/sys.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/scavenge.h"
#include "parkour/runtime/slab.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/syscall.h"
#include "parkour/runtime/traceback.h"

namespace parkour::runtime {
namespace {

constexpr size_t kBatch = 256;
// A free stack is given back when it is still there after so many turns.
constexpr int kTurns = 3;

// Calls fn(gp, alive) for every stack, in batches during which the scavenger
// stands still, so that no stack turns cold under our eyes.
template <typename Fn>
void forEachStack(Fn fn) {
  for (size_t i = 0; i < nslabs.load(base::kAcquire); ++i) {
    const Slab* const slab = slabs[i].load(base::kAcquire);
    for (size_t j = 0; j < slab->slots;) {
      base::MutexLock lock(&scavenge_mu);
      for (const size_t end = std::min(slab->slots, j + kBatch); j < end; ++j) {
        if (slab->state[j].load(base::kAcquire) != SlotState::kMade) continue;
        G* const gp = SlotG(slab, j);
        const GStatus status = readgstatus(gp);
        fn(gp, status != kGidle && status != kGdead);
      }
    }
  }
}

struct Depth {
  G* gp;
  uint64_t goid;
  size_t used;
};

StackUse Describe(const Depth& depth) {
  StackUse use;
  use.goid = depth.goid;
  use.used = depth.used;
  use.size = depth.gp->stack_hi - depth.gp->stack_lo;
  // The goroutine may have ended; its successor's name must not be ours.
  char name[GName::kMax + 1];
  depth.gp->name.Read(name);
  std::string created_by = FunctionName(depth.gp->gopc.load(base::kRelaxed));
  if (depth.gp->goid.load(base::kRelaxed) == depth.goid) {
    use.name = name;
    use.created_by = std::move(created_by);
  }
  return use;
}

void freeAll() {
  for (int i = 0; i < kTurns; ++i) {
    {
      base::MutexLock lock(&scavenge_mu);
      scavengeTurn();
    }
    for (bool more = true; more;) {
      base::MutexLock lock(&scavenge_mu);
      more = scavengeFree(kBatch);
    }
  }
  StackCursor at;
  for (bool more = true; more;) {
    base::MutexLock lock(&scavenge_mu);
    more = scavengeParked(&at, kBatch, std::numeric_limits<int64_t>::max());
  }
  base::sys::TrimHeap();
}

}  // namespace

StackStats ReadStackStats() {
  ensureStarted();
  StackStats stats;
  Depth deepest{nullptr, 0, 0};
  uint64_t made = 0;
  Blocking([&] {
    forEachStack([&](G* gp, bool alive) {
      const StackDepth depth = MeasureStack(gp);
      ++made;
      ++(alive ? stats.live : stats.free);
      stats.resident_bytes += depth.resident;
      if (!alive || depth.used <= deepest.used) return;
      deepest = {gp, gp->goid.load(base::kRelaxed), depth.used};
    });
  });
  for (size_t i = 0; i < nslabs.load(base::kAcquire); ++i) {
    const Slab* const slab = slabs[i].load(base::kAcquire);
    stats.reserved_bytes += slab->slots * slab->slot_size;
  }
  const StackCounts stacks = ReadStackCounts();
  stats.cold =
      static_cast<int64_t>(stacks.slots - std::min(made, stacks.slots));
  stats.unguarded = static_cast<int64_t>(stacks.unguarded);
  if (deepest.gp != nullptr) stats.deepest = Describe(deepest);
  const ScavengeCounts counts = ReadScavengeCounts();
  stats.near_overflows = counts.near_overflows;
  stats.freed_stacks = counts.freed_stacks;
  stats.trimmed_stacks = counts.trimmed_stacks;
  stats.released_bytes = counts.released_bytes;
  stats.scavenger_time = absl::Nanoseconds(counts.busy_ns);
  return stats;
}

std::vector<StackUse> DeepestStacks(size_t n) {
  ensureStarted();
  std::vector<Depth> all;
  Blocking([&] {
    forEachStack([&](G* gp, bool alive) {
      if (!alive) return;
      all.push_back({gp, gp->goid.load(base::kRelaxed), MeasureStack(gp).used});
    });
  });
  n = std::min(n, all.size());
  std::partial_sort(
      all.begin(), all.begin() + static_cast<ptrdiff_t>(n), all.end(),
      [](const Depth& a, const Depth& b) { return a.used > b.used; });
  std::vector<StackUse> result;
  for (size_t i = 0; i < n; ++i) result.push_back(Describe(all[i]));
  return result;
}

void FreeOSMemory() {
  {
    RuntimeScope in;
    if (P* p = getm()->p) stackgive(&p->gfree);
  }
  Blocking(freeAll);
}

}  // namespace parkour::runtime
