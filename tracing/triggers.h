// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// triggers.h: when the flight recorder is written without the program's asking:
// on SIGUSR2, and, where PARKOUR_FLIGHT names a folder, at a deadlock and when
// a goroutine has run for too long. Each file is announced on standard error:
//
//   parkour: 81234 bytes in ./parkour-4711-1-sigusr2.trace: go tool trace FILE,
//   or parktrace html FILE
//
// At most one file in ten seconds for stalls: they come in swarms.

#ifndef PARKOUR_TRACING_TRIGGERS_H_
#define PARKOUR_TRACING_TRIGGERS_H_

namespace parkour::trace {

// Once, after RecordFromEnvironment. `watched`: there is a watcher, without
// which only deadlocks are looked for.
void InstallTriggers(bool watched);

}  // namespace parkour::trace

#endif  // PARKOUR_TRACING_TRIGGERS_H_
