// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// proc.h: what /proc tells this process about itself.

#ifndef PARKOUR_BENCH_PROC_H_
#define PARKOUR_BENCH_PROC_H_

#include <cstdint>
#include <string>

namespace parkour::bench {

// A number of /proc/self/status in kB, such as "VmRSS"; -1 if it is not there.
int64_t StatusKb(const std::string& name);

// Returns at the end of the standard input; the thread sleeps until then.
void WaitForEndOfInput();

}  // namespace parkour::bench

#endif  // PARKOUR_BENCH_PROC_H_
