// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// lock_holder.h: who took a lock, for dumps: "held by goroutine 9, locked at
// Transfer (server.cc:42)".
//
//   lock_.Acquire();
//   holder_.Record();
//
// Who the caller is takes a thread_local to find out, a large part of what an
// uncontended lock costs. Its stack pointer is in a register and says as much:
// stacks are slots of slabs, with the goroutine's descriptor at a known place
// in each. Two stores to a cache line that the lock has just made its own: lost
// in the noise where anything is done under the lock, up to 3 of 17 ns where
// nothing is (the next locked instruction waits for them). So it is done only
// on demand: GODEBUG=lockholders=1, and in debug builds always.
//
// Never cleared: it means something while the lock is held.
//
// Thread-safety: Record by the holder; Read by anyone at any time. A reader may
//                get a mixture of two holders.
// See:           dump_waits.cc

#ifndef PARKOUR_RUNTIME_LOCK_HOLDER_H_
#define PARKOUR_RUNTIME_LOCK_HOLDER_H_

#include <cstdint>

#include "parkour/base/atomic.h"

namespace parkour::runtime {

// Set before the first goroutine.
#ifdef NDEBUG
inline base::Atomic<bool> record_lock_holders{false};
#else
inline base::Atomic<bool> record_lock_holders{true};
#endif

class LockHolder {
 public:
  struct Place {
    uintptr_t sp;  // within the holder's stack; 0: nobody yet
    uintptr_t pc;  // in the function that took it
  };

  [[gnu::always_inline]] void Record() {
    if (__builtin_expect(!record_lock_holders.load(base::kRelaxed), 1)) return;
    uintptr_t sp;
    uintptr_t pc;
    asm volatile("mov %%rsp, %0\n\tlea 0(%%rip), %1" : "=r"(sp), "=r"(pc));
    sp_.store(sp, base::kRelaxed);
    pc_.store(pc, base::kRelaxed);
  }

  Place Read() const {
    return {sp_.load(base::kRelaxed), pc_.load(base::kRelaxed)};
  }

 private:
  base::Atomic<uintptr_t> sp_{0};
  base::Atomic<uintptr_t> pc_{0};
};

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_LOCK_HOLDER_H_
