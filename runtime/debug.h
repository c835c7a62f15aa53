// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// debug.h: the stacks of goroutines as text.
//
//   std::string mine = runtime::Stack(/*all=*/false);
//   std::string all = runtime::Stack(/*all=*/true);
//
// The text is that of a crash report or of SIGQUIT, and as little promised in
// its details. With `all` no goroutine runs Parkour's code meanwhile; those
// that compute in the program's own are asked for their stacks by SIGURG, each
// for half a second at most, all of them for one and a half.
//
// Guarantees: the caller's goroutine comes first. A plain thread sees its own
//             stack under a number of its own.
// Blocking:   waits for nothing else. Some milliseconds for ten thousand parked
//             goroutines. Safe from any thread, not from a signal handler.
// See:        docs/DEBUGGING.md; Go: runtime.Stack, debug.Stack

#ifndef PARKOUR_RUNTIME_DEBUG_H_
#define PARKOUR_RUNTIME_DEBUG_H_

#include <string>

namespace parkour::runtime {

// The calling goroutine's stack; with `all`, then those of all others.
std::string Stack(bool all);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_DEBUG_H_
