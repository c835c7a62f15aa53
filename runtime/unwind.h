// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// unwind.h: the stack of a goroutine for a dump: complete, also through code
// without frame pointers; a microsecond or more.
//
//   StackTrace trace;
//   unwindParked(gp, &trace);
//   for (const StackFrame& f : trace.frames()) ...
//
// Of a deep stack the innermost and the outermost frames are kept.
//
// Parked goroutines are walked by frame pointers first, which cannot fault
// (stackwalk.h). If that does not arrive at the goroutine's first function,
// something on the way was compiled without them, and the language's unwinder
// takes over. Running code is always the unwinder's: a leaf, or a function that
// has only just begun, has no frame to be found yet.
//
// Blocking: no; no allocation, no lock. May be called in signal handlers.
// See:      Go: src/runtime/traceback.go (unwinder)

#ifndef PARKOUR_RUNTIME_UNWIND_H_
#define PARKOUR_RUNTIME_UNWIND_H_

#include <cstdint>
#include <span>

#include "parkour/runtime/g.h"

namespace parkour::runtime {

struct StackFrame {
  uintptr_t pc;  // inside the call, or the instruction that was interrupted
  uintptr_t sp;  // where the frame begins
};

class StackTrace {
 public:
  static constexpr int kInner = 50;
  static constexpr int kOuter = 50;

  void Add(uintptr_t pc, uintptr_t sp);
  // After the last Add.
  void Finish();

  bool empty() const { return total_ == 0; }
  // Innermost first.
  std::span<const StackFrame> frames() const;
  // How many are missing behind the first kInner.
  int elided() const;

 private:
  StackFrame frames_[kInner + kOuter];
  int total_ = 0;
};

// The calling thread's frames that lie within [lo, hi]: not the handler's on
// its alternate stack, for example.
void unwindSelf(uintptr_t lo, uintptr_t hi, StackTrace* trace);

// REQUIRES: gp is parked or waits for a processor, and stays so.
void unwindParked(const G* gp, StackTrace* trace);

// The same without the requirement, by frame pointers alone: if gp runs
// meanwhile the frames are junk, and nothing else happens.
void unwindMaybeRunning(const G* gp, StackTrace* trace);

// unwind_thread.cc
// Of a goroutine that runs on another thread: asks that thread by SIGURG and
// waits for at most `patience` ns. False: no answer; the program has a handler
// of its own for that signal, or blocks it.
bool unwindThread(const G* gp, int64_t patience, StackTrace* trace);

// gobuf.cc
// The return address in the outermost frame of every goroutine: a walk that has
// come there is complete. 0: none has run yet.
uintptr_t gobufLastReturn();

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_UNWIND_H_
