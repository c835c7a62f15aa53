// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// lockrank.h: the order in which the runtime's locks may be taken, as data,
// and its checker. A thread may take a lock only if its rank is higher than
// the rank of every lock it holds; two locks of kHchan (Select) or of kTimers
// (GOMAXPROCS) may be held together if the second lies at the higher address.
//
// Requires:   debug or sanitizer build; otherwise every call here is empty.
// See:        Go: src/runtime/lockrank.go

#ifndef PARKOUR_BASE_LOCKRANK_H_
#define PARKOUR_BASE_LOCKRANK_H_

namespace parkour::base {

enum class LockRank : unsigned char {
  kStart,      // runtime start-up and GOMAXPROCS: one at a time
  kTimerChan,  // a timer with a channel, while it sends
  kHchan,      // a channel; several at once, by address
  kPollDesc,   // one descriptor's deadlines and registration
  kSema,       // one bucket of the semaphore table
  kTimers,     // one P's timer heap
  kScavenge,   // giving stack memory back: one at a time
  kRetake,     // taking a P from user code
  kSched,      // the scheduler's global state
  kStacks,     // stack slabs and dead goroutines
  kLeaf,       // takes nothing else
  kTrace,      // event buffers: events happen anywhere
};

#ifdef NDEBUG
inline void LockRankAcquire(const void*, LockRank) {}
inline void LockRankRelease(const void*) {}
#else
void LockRankAcquire(const void* lock, LockRank rank);
void LockRankRelease(const void* lock);
#endif

}  // namespace parkour::base

#endif  // PARKOUR_BASE_LOCKRANK_H_
