// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// cases.h: the ways to die, and to live on, that crash_test watches. Each case
// is a whole program's main function; crash_child runs the one it is told to.
// What is expected of each stands in crash_test.cc.

#ifndef PARKOUR_TESTS_CRASH_CASES_H_
#define PARKOUR_TESTS_CRASH_CASES_H_

#include <span>
#include <utility>

#include "parkour/parkour.h"

namespace parkour::tests {

struct Case {
  const char* name;
  int (*main)();
};

std::span<const Case> Deadlocks();
std::span<const Case> Panics();
std::span<const Case> Faults();
std::span<const Case> Misuses();
std::span<const Case> Exits();

template <typename F>
int RunMain(F&& fn) {
  return parkour::Main(0, nullptr, std::forward<F>(fn));
}

// For functions whose names are looked for in the stacks: they are not inlined,
// and their last call is no jump. Not for anonymous namespaces.
#define PARKOUR_TESTS_FRAME [[gnu::noinline]]
inline void KeepFrame() { asm volatile(""); }

// Blocks the thread, not only the goroutine, until the test sends a line.
void AwaitTest();

// Tells the test something; one line on standard output.
void Say(const char* text);

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_CRASH_CASES_H_
