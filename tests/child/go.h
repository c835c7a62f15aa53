// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// go.h: Go's own tools, for tests that let them judge what we write.
//
//   const std::string go = FindGo(23);
//   if (go.empty()) GTEST_SKIP() << "no Go of 1.23 or newer";
//   Outcome parsed = RunGo({go, "tool", "trace", "-d=parsed", file});

#ifndef PARKOUR_TESTS_CHILD_GO_H_
#define PARKOUR_TESTS_CHILD_GO_H_

#include <string>
#include <vector>

#include "parkour/tests/child/child.h"

namespace parkour::tests {

// $GO, or go on the PATH, if it is Go 1.`minor` or newer; otherwise "".
std::string FindGo(int minor);

// Runs `argv`, whose first is the program, for two minutes at most. It keeps
// its caches in gtest's temporary folder, and asks nobody for another Go.
Outcome RunGo(const std::vector<std::string>& argv);

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_CHILD_GO_H_
