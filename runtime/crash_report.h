// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// crash_report.h: goroutines in the reports of base/check.h.
//
// See: Go: panic.go (printpanics, dopanic_m), signal_unix.go (dieFromSignal)

#ifndef PARKOUR_RUNTIME_CRASH_REPORT_H_
#define PARKOUR_RUNTIME_CRASH_REPORT_H_

namespace parkour::runtime {

// Makes crash reports of base/check.h show goroutines, and an exception that
// escapes a goroutine a panic. Once, at start.
void InstallCrashReport();

// Ends the process by the signal's default action; may write a core.
// Async-signal-safe.
[[noreturn]] void dieFromSignal(int signal);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_CRASH_REPORT_H_
