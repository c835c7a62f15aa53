// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// stack_stats.h: how much stack goroutines have and use, and giving the rest
// back.
//
//   runtime::StackStats stats = runtime::ReadStackStats();
//   std::printf("%ld stacks, the deepest used %zu of %zu bytes\n", stats.live,
//               stats.deepest.used, stats.deepest.size);
//   for (const runtime::StackUse& use : runtime::DeepestStacks(10)) {
//     std::printf("goroutine %lu: %zu\n", use.goid, use.used);
//   }
//   runtime::FreeOSMemory();                 // now, not in a few seconds
//
// Memory comes back by itself: a free stack that nobody needed for 5 to 10
// seconds is given back to the system, and a goroutine that has been parked for
// 5 seconds gives up what lies below its stack pointer. The scavenger, a part
// of the sysmon thread, takes at most 1 % of a CPU for it, 10 % while the
// program is idle.
//
// "Used" is read off the pages that have memory, in steps of 4 KiB. Stacks are
// used again: what a stack shows may come from an earlier goroutine on it.
// Goroutines that came within 10 % of their guard are counted, and the first of
// each creation site is logged as a warning.
//
// Blocking: no goroutine parks; each call costs about a microsecond per stack
//           of the program and lets other goroutines run meanwhile.
// Thread-safety: all functions, from any thread.
// See:      Go: runtime/debug (FreeOSMemory), runtime.ReadMemStats

#ifndef PARKOUR_RUNTIME_STACK_STATS_H_
#define PARKOUR_RUNTIME_STACK_STATS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace parkour::runtime {

// One goroutine's stack.
struct StackUse {
  uint64_t goid = 0;
  std::string name;        // GoOptions::name
  std::string created_by;  // the function that called go()
  size_t size = 0;         // usable bytes
  size_t used = 0;         // at the deepest
};

struct StackStats {
  int64_t live = 0;             // of goroutines that exist
  int64_t free = 0;             // kept for the next goroutines, with memory
  int64_t cold = 0;             // without memory
  uint64_t reserved_bytes = 0;  // address space, guards included
  uint64_t resident_bytes = 0;  // of it with memory
  int64_t unguarded = 0;        // stacks without a guard page
  StackUse deepest;             // of those that live

  // Since the start of the program.
  uint64_t near_overflows = 0;    // came within 10 % of their guard
  uint64_t freed_stacks = 0;      // given back after their goroutine
  uint64_t trimmed_stacks = 0;    // of parked goroutines, given back in part
  uint64_t released_bytes = 0;    // by both, and of newborns (newborn.h)
  absl::Duration scavenger_time;  // how long sysmon worked on it
};

StackStats ReadStackStats();

// The n goroutines that used most, the deepest first.
std::vector<StackUse> DeepestStacks(size_t n);

// Gives back at once what the scavenger would in time: free stacks, the unused
// part of every parked goroutine's, and the free pages of the C library's heap.
// Go: debug.FreeOSMemory.
void FreeOSMemory();

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_STACK_STATS_H_
