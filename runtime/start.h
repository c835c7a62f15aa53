// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// start.h: the runtime starts, once a process, at its first use.
//
// The runtime knows neither the poller nor sysmon. Room boot does, and defines
// BootRuntime, which runs in the middle of the start; without boot in the
// program (unit tests of this room) the runtime runs timers and goroutines,
// and nothing else.
//
// See: Go: proc.go (schedinit)

#ifndef PARKOUR_RUNTIME_START_H_
#define PARKOUR_RUNTIME_START_H_

#include <cstdint>

namespace parkour::runtime {

// Starts the runtime unless it runs. Ends the process in the child of a fork:
// its threads are gone.
void ensureStarted();

// nanotime of the start.
int64_t startTime();

// Main has returned: no goroutine runs any more, and none ever will.
bool worldEnded();

// Defined in room boot. Before any goroutine: installs the poller and starts
// sysmon.
[[gnu::weak]] void BootRuntime();

// The same. Right after the start, in the thread that caused it: what uses
// goroutines and the world itself.
[[gnu::weak]] void AfterBoot();

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_START_H_
