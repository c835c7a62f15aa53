// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// proc_status.h: what /proc tells about a process. `pid` 0 is our own.

#ifndef PARKOUR_TESTS_CHILD_PROC_STATUS_H_
#define PARKOUR_TESTS_CHILD_PROC_STATUS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace parkour::tests {

// A number of /proc/PID/status, such as "Threads" or "VmRSS" (in kB); -1 if
// the process or the line is not there.
int64_t ProcStatus(pid_t pid, const std::string& name);

// Open descriptors.
int64_t OpenFiles(pid_t pid);

// How often its threads have gone to sleep by themselves, all together: each
// wake-up of an idle thread adds one. Only threads whose name begins so.
int64_t VoluntarySwitches(pid_t pid, const std::string& thread_name = "");

// Whether `tracer` has attached to every thread.
bool TracedBy(pid_t pid, pid_t tracer);

// A number of /proc/meminfo, in kB; -1 if it is not there.
int64_t MemInfo(const std::string& name);

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_CHILD_PROC_STATUS_H_
