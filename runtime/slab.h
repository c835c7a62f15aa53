// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// slab.h: the mappings that stacks are cut from, and the shelves of free ones;
// for stack.cc, which hands stacks out, scavenge.cc, which gives their memory
// back, and stack_stats.cc, which looks at them.
//
// A slot's life:
//
//   unused ---slotalloc--> made <--> free on a shelf: hot, cool or expired
//                           ^                |
//                           |                | scavenger: memory given back
//                       stackalloc           v
//                           +-------------- cold
//
// Shelves: a dead G comes to the hot one and leaves from it, last in first
// out, so that its pages are in the cache. At each turn of the scavenger what
// is hot becomes cool and what is still cool expires: it was not needed for a
// whole turn. Allocation takes hot, cool, expired, cold, unused, in this order.
//
// Newborns (newborn.h), which are smaller than pages, have slabs of their own
// and one class of shelves. A cold one may still have its memory, until the 64
// on the same pages are cold.
//
// Thread-safety: as noted; `made` and cold slots' descriptors may be read by
//                anyone who finds them made: a cold one reads as an idle G.

#ifndef PARKOUR_RUNTIME_SLAB_H_
#define PARKOUR_RUNTIME_SLAB_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "parkour/base/atomic.h"
#include "parkour/base/lock.h"
#include "parkour/runtime/g.h"
#include "parkour/runtime/shelf.h"

namespace parkour::runtime {

enum class SlotState : uint8_t {
  kUnused,
  kMade,
  kCold,           // reads as zero; its guard stands
  kColdUnguarded,  // has none
};

// One mapping. Published in `slabs` when complete.
struct Slab {
  uintptr_t base;
  size_t slot_size;
  size_t slots;
  // Guarded by stacks_mu, from here on.
  size_t used = 0;       // slots handed out so far
  size_t ncold = 0;      // of these, cold ones
  size_t cold_from = 0;  // none is cold below this index
  Slab* next_cold = nullptr;
  // Written under stacks_mu, but unused -> made by who makes it.
  std::unique_ptr<base::Atomic<SlotState>[]> state;
};

inline constexpr size_t kMaxSlabs = 1 << 16;
inline constexpr int kStackClasses = 31;  // by the logarithm of the slot size
inline constexpr int kNewbornClass = 0;
inline constexpr size_t kFirstSlabSlots = 64;
inline constexpr size_t kSmallestStackSlot = size_t{64} << 10;

struct StackClass {
  Shelf hot;
  Shelf cool;
  Shelf expired;
  Slab* cold = nullptr;     // slabs with cold slots, by next_cold
  Slab* filling = nullptr;  // the slab with unused slots, if any
  size_t next_slots = kFirstSlabSlots;
  size_t made = 0;  // slots ever handed out
};

extern base::Mutex stacks_mu;
extern StackClass stack_classes[kStackClasses] ABSL_GUARDED_BY(stacks_mu);

// Append-only: readers take nslabs first. 512 KiB of addresses, of which only
// what is used costs memory.
extern base::Atomic<Slab*> slabs[kMaxSlabs];
extern base::Atomic<size_t> nslabs;  // writers hold stacks_mu

// The descriptor's place in a slot: below a gap of so many different sizes.
inline constexpr size_t kSlotColours = 16;
inline constexpr size_t kSlotCacheLine = 64;
G* SlotG(const Slab* slab, size_t index);

// Its slots are no stacks.
inline bool holdsNewborns(const Slab* slab) {
  return slab->slot_size < kSmallestStackSlot;
}

// Stacks without a guard: a warning that came up on a g0, where nobody's logger
// may run.
inline constexpr char kGuardsOff[] =
    "stack guards are off for further goroutines: this kernel has no "
    "MADV_GUARD_INSTALL (Linux 6.13) and vm.max_map_count is used up; raise it "
    "with sysctl vm.max_map_count";
extern base::Atomic<bool> guards_off_unsaid;

// The slab that holds `addr`, or null. Async-signal-safe.
Slab* SlabOf(uintptr_t addr);

// Takes a dead G that is on no shelf and whose memory is given back: its slot
// is cold from here on.
void stackcold(Slab* slab, size_t index, bool guarded)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(stacks_mu);

// The same for a newborn; returns how many bytes were given back with it.
size_t newborncold(G* gp);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_SLAB_H_
