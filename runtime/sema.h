// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sema.h: semaphores on any 32-bit word; under all of room sync and under the
// descriptors' locks. The waiters stand in a table by address, not in the
// word's owner.
//
//   base::Atomic<uint32_t> sema{0};
//   semacquire(&sema, WaitReason::kSemacquire);   // waits until > 0, takes 1
//   semrelease(&sema);                            // adds 1, wakes one
//
// Why a table: a mutex may be destroyed by the goroutine that was just let in,
// while the one that let it in is still on its way out. semrelease touches the
// word once and from then on only the table.
//
// Dance (semaphore):  acquire: (a1) nwait++ under the bucket's lock
//                              (a2) try to decrement the word; else enqueue
//                     release: (r1) increment the word
//                              (r2) read nwait; 0: nobody to wake
// Both pairs are sequentially consistent: if (r2) reads 0, (a1) comes later,
// and then (a2) sees the increment. Otherwise the releaser takes the lock and
// finds the waiter in the queue, or it is gone with the count.
//
// Requires:  the word stays valid while somebody waits on it.
// Memory:    a semrelease happens before the semacquire that takes its count.
// Blocking:  semacquire parks; semrelease with handoff yields.
// See:       Go: src/runtime/sema.go; tests/model/sema_model_test.cc

#ifndef PARKOUR_RUNTIME_SEMA_H_
#define PARKOUR_RUNTIME_SEMA_H_

#include <cstdint>

#include "parkour/base/atomic.h"
#include "parkour/runtime/waitreason.h"

namespace parkour::runtime {

class LockHolder;

// What the word belongs to, for dumps; the word itself if it is not told.
struct Awaited {
  const void* object = nullptr;
  const LockHolder* holder = nullptr;
};

// lifo: queue up in front (a mutex waiter that was woken and lost the race).
void semacquire(base::Atomic<uint32_t>* addr, WaitReason reason,
                bool lifo = false, const Awaited& awaited = {});

// handoff: give the count to the first waiter directly and let it run now.
void semrelease(base::Atomic<uint32_t>* addr, bool handoff = false);

// How many wait in the whole table; for tests and leak checks.
int64_t SemaWaiters();

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_SEMA_H_
