// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// traceback.h: what is shown of goroutines when the process crashes.
//
//   goroutine 7 [chan receive, 3 minutes, name "parser"]:
//   Worker(int)(...)
//           pc=0x55d0c2a41b7e
//   created by main(...) in goroutine 1
//           pc=0x55d0c2a41c02
//
// The runtime's own frames are left out, except in reports of a bug of its own
// and with GOTRACEBACK=system or crash.
//
// The crashing goroutine is unwound from its registers; parked ones by the
// frame pointers of their saved context (so they need
// -fno-omit-frame-pointer); running ones on other threads are only named.
//
// See: Go: traceback.go (goroutineheader, tracebackothers), panic.go

#ifndef PARKOUR_RUNTIME_TRACEBACK_H_
#define PARKOUR_RUNTIME_TRACEBACK_H_

#include <cstdint>
#include <string>

#include "parkour/runtime/g.h"

namespace parkour::runtime {

// Makes crash reports of base/check.h show goroutines, and an exception that
// escapes a goroutine a panic. Once, at start.
void InstallTraceback();

// The name of the function that pc lies in or returns to; "?" if unknown.
std::string FunctionName(uintptr_t pc);

// "goroutine 7 [chan receive]:" and the stack, to stderr. Async-signal-safe as
// far as the unwinder is.
void PrintGoroutine(G* gp);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_TRACEBACK_H_
