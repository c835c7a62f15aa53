// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// limits.h: how many threads, how much stack.
//
//   runtime::SetMaxThreads(500);              // the 501st ends the program
//   runtime::SetMaxStack(size_t{64} << 10);   // a million small goroutines
//
// Thread-safety: all functions, from any thread. They start the runtime.
// Blocking:      SetMaxStack stops all goroutines for a moment.
// See:           Go: runtime/debug (SetMaxThreads, SetMaxStack)

#ifndef PARKOUR_RUNTIME_LIMITS_H_
#define PARKOUR_RUNTIME_LIMITS_H_

#include <cstddef>

namespace parkour::runtime {

// How many threads there may be: those that run goroutines or sleep until there
// is work, those blocked in calls, and sysmon. A program that needs more ends:
// "runtime: program exceeds 500-thread limit", "fatal error: thread
// exhaustion". Returns the limit before; at first 10,000. `threads` below what
// there are ends the program at once. Go: debug.SetMaxThreads.
int SetMaxThreads(int threads);

// The most address space that the stack of a goroutine started from now on may
// have; what GoOptions::stack_size asks beyond it, and the default, are cut to
// it. Bytes, rounded up to a power of two between 64 KiB and 1 GiB. Returns the
// limit before; at first 1 GiB. Go: debug.SetMaxStack, whose stacks grow up to
// it.
size_t SetMaxStack(size_t bytes);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_LIMITS_H_
