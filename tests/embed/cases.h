// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// cases.h: programs that have a life of their own besides Parkour: signal
// handlers, threads, exit handlers, child processes. Each case is a whole
// program's main function; host runs the one it is told to. None calls
// parkour::Main. What is expected of each stands in embed_test.cc.

#ifndef PARKOUR_TESTS_EMBED_CASES_H_
#define PARKOUR_TESTS_EMBED_CASES_H_

#include <span>

#include "parkour/parkour.h"

namespace parkour::tests {

struct HostCase {
  const char* name;
  int (*main)();
};

std::span<const HostCase> Signals();
std::span<const HostCase> Exits();
std::span<const HostCase> Processes();

// Tells the test something; one line on standard output.
void Say(const char* text);

// Starts the runtime, and returns when goroutines have run in it.
void StartRuntime();

// Goroutines of all kinds, for good: some compute, some talk to each other,
// some sleep, wait for a connection, or block their thread. Returns when all
// have begun.
void StartBusyGoroutines();

// A bit of everything, `rounds` times: goroutines, stacks, timers, and echoes
// over connections of the loopback. False if a byte was wrong.
bool Work(int rounds, int goroutines = 500, int connections = 10);

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_EMBED_CASES_H_
