// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// fault.h: a goroutine that overflows its stack hits the guard below it; the
// SIGSEGV is caught on the M's alternate stack and reported by name:
//
//   runtime: goroutine 18 stack exceeds 262144-byte limit
//   fatal error: stack overflow
//
// Any other SIGSEGV or SIGBUS goes where it would have gone without us, after
// one line that names the goroutine.
//
// See: Go: stack.go (newstack's overflow), signal_unix.go

#ifndef PARKOUR_RUNTIME_FAULT_H_
#define PARKOUR_RUNTIME_FAULT_H_

#include "parkour/runtime/m.h"

namespace parkour::runtime {

// Once, at start.
void InstallFaultHandler();

// Per thread: where the handler runs. A thread that already has an alternate
// stack keeps it.
void InstallAltStack(M* m);
void RemoveAltStack(M* m);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_FAULT_H_
