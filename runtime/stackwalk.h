// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// stackwalk.h: return addresses of a goroutine by frame pointers: some ten
// nanoseconds, so that traces and profiles can afford it at every event.
//
//   uintptr_t pcs[32];
//   const int n = walkOwn(gp, pcs, 32);    // of the caller's own stack
//   const int m = walkParked(gp, pcs, 32);
//
// Return addresses, innermost first: look up pc - 1. Every frame pointer is
// bounded by the stack and above the last, so that code without them (it needs
// -fno-omit-frame-pointer) ends a walk early instead of the process.
//
// Blocking: no; no allocation, no lock.
// See:      Go: src/runtime/tracestack.go (fpTracebackPCs)

#ifndef PARKOUR_RUNTIME_STACKWALK_H_
#define PARKOUR_RUNTIME_STACKWALK_H_

#include <cstdint>

#include "parkour/base/sanitizer.h"
#include "parkour/runtime/g.h"

namespace parkour::runtime {

// Calls visit(pc, fp) for each frame from the one at `fp` outwards, within
// [lo, hi): a return address and where it was found, until visit returns false.
template <typename Visit>
PARKOUR_NO_SANITIZE inline void visitFrames(uintptr_t fp, uintptr_t lo,
                                            uintptr_t hi, Visit visit) {
  while (fp >= lo && fp + 16 <= hi && fp % 8 == 0) {
    const auto* const frame = reinterpret_cast<const uintptr_t*>(fp);
    if (frame[1] == 0 || !visit(frame[1], fp)) break;
    if (frame[0] <= fp) break;
    fp = frame[0];
  }
}

// From the frame at `fp` outwards, within [lo, hi). Returns how many.
inline int walkFrames(uintptr_t fp, uintptr_t lo, uintptr_t hi, uintptr_t* pcs,
                      int max) {
  int n = 0;
  visitFrames(fp, lo, hi, [&](uintptr_t pc, uintptr_t) {
    if (n == max) return false;
    pcs[n++] = pc;
    return true;
  });
  return n;
}

// The calling goroutine's, without the function that calls this. A plain
// thread's or g0's: 0 frames.
// REQUIRES: gp is the calling thread's current goroutine.
__attribute__((always_inline)) inline int walkOwn(const G* gp, uintptr_t* pcs,
                                                  int max) {
  if (gp == nullptr || gp->proxy) return 0;
  return walkFrames(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)),
                    gp->stack_lo, gp->stack_hi, pcs, max);
}

// A goroutine's that is parked or waits for a processor.
// REQUIRES: it stays so.
inline int walkParked(const G* gp, uintptr_t* pcs, int max) {
  const auto fp = reinterpret_cast<uintptr_t>(gp->sched.fp);
  // The first frame is that of the function that switched; its own place in
  // the code lies in the saved registers.
  if (fp < gp->stack_lo || fp >= gp->stack_hi || max == 0) return 0;
  int n = 0;
  if (const uintptr_t pc = gobufPc(gp->sched)) pcs[n++] = pc;
  return n + walkFrames(fp, gp->stack_lo, gp->stack_hi, pcs + n, max - n);
}

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_STACKWALK_H_
