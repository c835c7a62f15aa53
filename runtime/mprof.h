// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// mprof.h: the block and the mutex profile: which stacks wait for others, and
// which make others wait, how often and how long.
//
//   const int64_t began = waitBegins();         // 0: nobody asked
//   ... s.releasetime = began; gopark(...); ...  // the waker: noteRelease(s)
//   if (began != 0) blockevent(s.releasetime - began);
//
// A wait counts from the call to the wake-up, not to the moment at which the
// goroutine runs again: that is the scheduler's part (/sched/latencies).
//
// Stacks lie in a table that only grows, up to a bound; what no longer fits is
// counted together as lost. The stacks of plain threads are not known: they
// are counted together, too, under an empty one.
//
// Blocking: never parks. Nobody asked: one load and one branch for each wait.
// See:      pprof/pprof.h; Go: src/runtime/mprof.go (blockevent, mutexevent,
//           blocksampled, saveblockevent)

#ifndef PARKOUR_RUNTIME_MPROF_H_
#define PARKOUR_RUNTIME_MPROF_H_

#include <cstdint>
#include <vector>

#include "parkour/base/atomic.h"
#include "parkour/base/clock.h"
#include "parkour/runtime/sudog.h"

namespace parkour::runtime {

// Some profile is wanted: of waits, or of those that cause them.
extern base::Atomic<bool> profilingWaits;

// When the wait that follows begins; 0: nobody wants to know.
inline int64_t waitBegins() {
  if (__builtin_expect(!profilingWaits.load(base::kRelaxed), 1)) return 0;
  return base::nanotime();
}

// By the waker, before goready.
inline void noteRelease(Sudog* s) {
  if (__builtin_expect(s->releasetime != 0, 0)) {
    s->releasetime = base::nanotime();
  }
}

// The calling goroutine was blocked for so long.
// REQUIRES: inside a RuntimeScope, no lock held; mutexevent, too.
void blockevent(int64_t ns);
// The calling goroutine has kept others waiting for so long, all together.
void mutexevent(int64_t ns);

// Go: runtime.SetBlockProfileRate, runtime.SetMutexProfileFraction.
void setBlockProfileRate(int64_t ns);
int64_t setMutexProfileFraction(int64_t fraction);

inline constexpr int kMaxProfileStack = 128;

struct WaitRecord {
  double count = 0;
  double ns = 0;
  std::vector<uintptr_t> pcs;  // return addresses, innermost first
  bool lost = false;           // of all stacks for which there was no room
};

// What was gathered so far, in no order.
std::vector<WaitRecord> blockProfile();
std::vector<WaitRecord> mutexProfile();

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_MPROF_H_
