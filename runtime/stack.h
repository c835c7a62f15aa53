// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// stack.h: goroutine stacks, cut from large slabs, each with a guard below it
// and its goroutine's descriptor at its top.
//
//   slot_lo                                                        slot_hi
//   | guard | stack, grows down  ...  <- G.stack_hi | G | colour gap |
//
// One slab is one mmap of many equal slots (powers of two; 256 KiB unless
// GoOptions asks otherwise), so a million stacks are about a thousand mappings.
// Only touched pages cost memory. The descriptor shares the page of the first
// frames: a parked goroutine is one page, and freeing a slot's memory frees
// its descriptor too. A slot that was never used, or whose memory was given
// back, reads as zero, and a zero G is an idle one: the walk over all slots is
// the list of all goroutines.
//
// Colour: descriptors at the same offset of every page would compete for the
// same few sets of the L1 cache; the gap at the top varies from slot to slot.
//
// Guards: MADV_GUARD_INSTALL (Linux 6.13) marks the pages without splitting
// the mapping. On older kernels mprotect does, at two mappings a stack, until
// 40 % of vm.max_map_count is used; beyond that stacks have no guard, which is
// said once in the log and counted.
//
// Requires:   frames that probe their pages (-fstack-clash-protection): a
//             frame larger than the guard would step over it.
// Guarantees: slabs are never unmapped, so a stale G* always points to a G.
// Blocking:   never parks; may block in mmap and madvise.
// Thread-safety: all functions are safe from any thread.
// See:        Go: src/runtime/stack.go (what replaces it: no copying, no GC)

#ifndef PARKOUR_RUNTIME_STACK_H_
#define PARKOUR_RUNTIME_STACK_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "parkour/runtime/g.h"
#include "parkour/runtime/slab.h"

namespace parkour::runtime {

// Bytes of address space, guard and descriptor included. Sanitizers' frames
// are several times larger; their stacks are too.
size_t DefaultStackSize();
// Asks for another; with the world stopped, or at the start.
void SetDefaultStackSize(size_t stack_size);

inline constexpr size_t kMinStackSize = kSmallestStackSlot;
inline constexpr size_t kMaxStackSize = size_t{1} << 30;
inline constexpr size_t kPageSize = 4096;
inline constexpr size_t kStackGuardSize = size_t{16} << 10;

// The slot size that `stack_size` is rounded up to: a power of two.
size_t StackSlotSize(size_t stack_size);

// A dead G on a stack of at least `stack_size` bytes: one that was freed, else
// a new one. ResourceExhausted, naming the limit, when no slab can be had.
absl::StatusOr<G*> stackalloc(size_t stack_size);

// A dead G in a slot of `slot_size`: a power of two, or a newborn's.
absl::StatusOr<G*> slotalloc(size_t slot_size);

// Makes some dead Gs with default stacks, or newborns, whose first pages have
// their memory, and puts them onto *list: a system call for the pages of many
// is cheaper than a fault for each, as is one for all guards. None, if there
// are few yet: then one is made when it is needed, by slotalloc.
void stackmake(GList* list);
void newbornmake(GList* list);

// Takes back a dead G and its stack, or a newborn.
void stackfree(G* gp);

// Moves freed Gs with default stacks to *list until it has n, at one lock's
// cost; the same for newborns; and a list of either back. Equal: all are
// newborns, or have stacks of one size.
void stacktake(GList* list, size_t n);
void newborntake(GList* list, size_t n);
void stackgive(GList* list);
void stackgiveEqual(GList* list);

// Puts a dead G or newborn onto a P's own shelf; one that is full gives half of
// it back. Go: proc.go (gfput).
inline constexpr size_t kShelfFull = 64;
inline constexpr size_t kShelfHalf = 32;
inline void shelve(GList* shelf, G* gp) {
  shelf->Push(gp);
  if (shelf->size() < kShelfFull) return;
  GList list;
  while (shelf->size() > kShelfHalf) list.Push(shelf->Pop());
  stackgiveEqual(&list);
}

// How stacks are guarded; tests force the ways of older kernels.
enum class GuardKind { kMadvise, kMprotect, kNone };
void ForceGuardKind(GuardKind kind);

struct StackCounts {
  uint64_t slots;       // ever handed out
  uint64_t slabs;       // mappings
  uint64_t unguarded;   // slots without a guard
  uint64_t mprotected;  // slots guarded at the cost of a mapping
};
StackCounts ReadStackCounts();

// Calls fn(gp, arg) for every slot ever handed out, dead ones and newborns
// included.
// The Gs may run meanwhile: read only their atomics.
void ForEachG(void (*fn)(G* gp, void* arg), void* arg);

// The slot whose guard holds `addr`, or null. Async-signal-safe.
G* StackOfGuardAddress(uintptr_t addr);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_STACK_H_
