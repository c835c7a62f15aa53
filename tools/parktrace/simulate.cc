// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// simulate EVENTS GOROUTINES PROCS: writes a trace to the standard output.

#include <cstdlib>
#include <iostream>

#include "parkour/tools/parktrace/simulation.h"

int main(int argc, char** argv) {
  parkour::parktrace::SimulationOptions options;
  if (argc > 1) options.events = std::atoi(argv[1]);
  if (argc > 2) options.goroutines = std::atoi(argv[2]);
  if (argc > 3) options.procs = std::atoi(argv[3]);
  std::cout << parkour::parktrace::SimulateTrace(options);
}
