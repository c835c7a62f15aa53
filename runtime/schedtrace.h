// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// schedtrace.h: the state of the scheduler, printed every N milliseconds:
// GODEBUG=schedtrace=N, and with scheddetail=1 every P, M and goroutine.
//
// The lines are Go's to the letter, so that programs that plot them go on
// working. What does not exist here prints Go's value for "nothing":
// mallocing, throwing, dying and gfreecnt are 0, preemptoff is empty. `locks`
// is M::in_runtime, the same idea: while it is not 0 the P stays. sysmon
// counts among the threads and has no line; Go's has an M.
//
// Blocking: the header, the Ps and the Ms are read under sched.lock; the
//           goroutines, which may be a million, are not.
// See:      docs/DEBUGGING.md; Go: src/runtime/proc.go (schedtrace)

#ifndef PARKOUR_RUNTIME_SCHEDTRACE_H_
#define PARKOUR_RUNTIME_SCHEDTRACE_H_

#include <cstdint>

namespace parkour::runtime {

// Reads the environment. Before sysmon's thread runs.
void schedtraceInit();

// Asked for: then sysmon never sleeps for good.
bool schedtraceOn();

// Prints, to stderr, if it is time to. sysmon's.
void schedtraceTick(int64_t now);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_SCHEDTRACE_H_
