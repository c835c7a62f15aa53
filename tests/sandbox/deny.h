// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// deny.h: this process from here on without some system calls.

#ifndef PARKOUR_TESTS_SANDBOX_DENY_H_
#define PARKOUR_TESTS_SANDBOX_DENY_H_

#include <vector>

namespace parkour::tests {

// Every thread of the process gets `error` from the calls with these numbers
// (SYS_...), for good. False where the kernel does not filter.
bool DenySystemCalls(const std::vector<int>& numbers, int error);

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_SANDBOX_DENY_H_
