// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/stack_stats.h"

#include <algorithm>
#include <string>
#include <utility>

#include "parkour/base/sys.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/log.h"
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

// Calls fn(slab, index, alive) for every stack, in batches during which the
// scavenger stands still, so that no stack turns cold under our eyes.
template <typename Fn>
void forEachStack(Fn fn) {
  for (size_t i = 0; i < nslabs.load(base::kAcquire); ++i) {
    const Slab* const slab = slabs[i].load(base::kAcquire);
    if (holdsNewborns(slab)) continue;
    for (size_t j = 0; j < slab->slots;) {
      base::MutexLock lock(&scavenge_mu);
      for (const size_t end = std::min(slab->slots, j + kBatch); j < end; ++j) {
        if (slab->state[j].load(base::kAcquire) != SlotState::kMade) continue;
        const GStatus status = readgstatus(SlotG(slab, j));
        fn(slab, j, status != kGidle && status != kGdead);
      }
    }
  }
}

struct Depth {
  const Slab* slab;
  size_t index;
  uint64_t goid;
  size_t used;
};

// The goroutine may have ended since: then there is no more to say of it.
StackUse Describe(const Depth& depth) {
  StackUse use;
  use.goid = depth.goid;
  use.used = depth.used;
  // No stack turns cold under this lock.
  base::MutexLock lock(&scavenge_mu);
  if (depth.slab->state[depth.index].load(base::kAcquire) != SlotState::kMade) {
    return use;
  }
  const G* const gp = SlotG(depth.slab, depth.index);
  use.size = gp->stack_hi - gp->stack_lo;
  char name[GName::kMax + 1];
  gp->name.Read(name);
  std::string created_by = FunctionName(gp->gopc.load(base::kRelaxed));
  // Its successor's name must not be its own.
  if (gp->goid.load(base::kRelaxed) == depth.goid) {
    use.name = name;
    use.created_by = std::move(created_by);
  }
  return use;
}

// One step under the lock; the warning that came up, if any.
template <typename Step>
std::string locked(Step step) {
  base::MutexLock lock(&scavenge_mu);
  step();
  return scavengeWarning();
}

// Returns the first warning.
std::string freeAll() {
  std::string warning;
  const auto run = [&](auto step) {
    std::string text = locked(step);
    if (warning.empty()) warning = std::move(text);
  };
  bool more;
  for (int i = 0; i < kTurns; ++i) {
    run([]() ABSL_NO_THREAD_SAFETY_ANALYSIS { scavengeTurn(); });
    do {
      run([&]()
              ABSL_NO_THREAD_SAFETY_ANALYSIS { more = scavengeFree(kBatch); });
    } while (more);
    do {
      run([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
        more = scavengePoller(kBatch);
      });
    } while (more);
  }
  StackCursor at;
  do {
    incidlelocked(-1);
    run([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      more = scavengeParked(&at, kBatch, kEverybody);
    });
    incidlelocked(+1);
  } while (more);
  base::sys::TrimHeap();
  return warning;
}

}  // namespace

StackStats ReadStackStats() {
  ensureStarted();
  StackStats stats;
  Depth deepest{nullptr, 0, 0, 0};
  uint64_t made = 0;
  Blocking([&] {
    forEachStack([&](const Slab* slab, size_t index, bool alive) {
      const G* const gp = SlotG(slab, index);
      const StackDepth depth = MeasureStack(gp);
      ++made;
      ++(alive ? stats.live : stats.free);
      stats.resident_bytes += depth.resident;
      if (!alive || depth.used <= deepest.used) return;
      deepest = {slab, index, gp->goid.load(base::kRelaxed), depth.used};
    });
  });
  for (size_t i = 0; i < nslabs.load(base::kAcquire); ++i) {
    const Slab* const slab = slabs[i].load(base::kAcquire);
    if (holdsNewborns(slab)) continue;
    stats.reserved_bytes += slab->slots * slab->slot_size;
  }
  const StackCounts stacks = ReadStackCounts();
  stats.cold =
      static_cast<int64_t>(stacks.slots - std::min(made, stacks.slots));
  stats.unguarded = static_cast<int64_t>(stacks.unguarded);
  if (deepest.slab != nullptr) stats.deepest = Describe(deepest);
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
    forEachStack([&](const Slab* slab, size_t index, bool alive) {
      if (!alive) return;
      const G* const gp = SlotG(slab, index);
      all.push_back(
          {slab, index, gp->goid.load(base::kRelaxed), MeasureStack(gp).used});
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
    if (P* p = getm()->p) {
      stackgive(&p->gfree);
      stackgive(&p->newborns);
    }
  }
  const std::string warning = Blocking(freeAll);
  if (!warning.empty()) LogWarning(warning);
}

}  // namespace parkour::runtime
