// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// enter.h: crossing the line between user code and runtime code.
//
//   void Unlock() {
//     RuntimeScope in;          // from here on nobody takes this M's P
//     ... goready(waiter); ...
//   }
//
// Go stops a goroutine that computes too long with a signal. A C++ program
// cannot be stopped at any instruction (malloc's locks, thread_locals in
// registers), so Parkour turns it round: while user code runs, its M holds its
// P only as long as nobody asks for it. Every stretch of user code is treated
// the way Go treats a system call. Runtime code, which touches the P, is
// bracketed by the two calls here, and in it the P is safe.
//
// Dance (entry). The M and a retaker (handoff.cc) use two words:
//
//     M enters                       retaker, holding the retake lock
//     in_runtime = 1                 attention |= kAttnRetake
//     --- barrier ---                --- barrier ---
//     read attention                 read in_runtime
//
// It is Dekker's handshake: at least one side sees the other's store.
//   * The retaker reads 0: the M's store comes later, so the M will read
//     kAttnRetake, go to enterSlow and wait there for the retake lock. When it
//     has it, the decision stands: kAttnLostP is set, or everything is as it
//     was.
//   * The retaker reads 1: it gives up. If the M saw kAttnRetake it waits for
//     the lock and then finds that nothing happened.
// A P is never used by both: the retaker touches the P only after reading 0,
// and then the M touches it only after having held the retake lock.
// The barriers are not alike. The M crosses this line at every channel
// operation, the retaker a hundred times a second at most: the M's barrier is
// for the compiler only, and the retaker's is membarrier(2), which makes every
// running thread of the process execute one. Where the kernel refuses
// membarrier both use a full fence. What the M did inside becomes visible to
// the retaker by the release store of 0 on leaving and its acquire load.
//
// Requires:   scopes nest strictly; gopark only at depth 1.
// Blocking:   entering may park the goroutine (its P is gone, or its time slice
//             is over), so every runtime call may continue on another thread.
// See:        tests/model/entry_model_test.cc; Go: proc.go (acquirem,
//             reentersyscall, exitsyscall)

#ifndef PARKOUR_RUNTIME_ENTER_H_
#define PARKOUR_RUNTIME_ENTER_H_

#include "parkour/base/atomic.h"
#include "parkour/base/lock.h"
#include "parkour/runtime/m.h"
#include "parkour/runtime/sched.h"

namespace parkour::runtime {

// A proxy M for a plain thread that calls the runtime for the first time;
// starts the runtime if nobody has.
M* needm();

// The M has attention; returns the M on which the goroutine goes on.
M* enterSlow(M* m);

// The M's side of the dance's barrier.
inline void entryBarrier() {
  if (__builtin_expect(base::has_membarrier.load(base::kRelaxed), 1)) {
    base::FenceCompiler();
  } else {
    base::FenceSeqCst();
  }
}

// Returns when no retaker is deciding about this M.
// REQUIRES: in_runtime is not 0, and the barrier has passed.
void awaitRetaker(M* m);

// Returns the current M, which stays the current one until the goroutine parks.
inline M* enterRuntime() {
  M* m = getm();
  if (__builtin_expect(m == nullptr, 0)) m = needm();
  const uint32_t depth = m->in_runtime.load(base::kRelaxed);
  m->in_runtime.store(depth + 1, base::kRelaxed);
  if (depth == 0) {
    entryBarrier();
    if (__builtin_expect(m->attention.load(base::kAcquire) != 0, 0)) {
      m = enterSlow(m);
    }
  }
  return m;
}

inline void leaveRuntime() {
  M* m = getm();
  m->in_runtime.store(m->in_runtime.load(base::kRelaxed) - 1, base::kRelease);
}

class RuntimeScope {
 public:
  RuntimeScope() { enterRuntime(); }
  ~RuntimeScope() { leaveRuntime(); }
  RuntimeScope(const RuntimeScope&) = delete;
  RuntimeScope& operator=(const RuntimeScope&) = delete;
};

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_ENTER_H_
