// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// simulation.h: traces of a scheduler that does not exist, for tests.
//
// A server's goroutines, by chance: they are created and end, block, wake each
// other, yield, and lose their processors in syscalls. Right by construction,
// and the same for the same options.

#ifndef PARKOUR_TOOLS_PARKTRACE_SIMULATION_H_
#define PARKOUR_TOOLS_PARKTRACE_SIMULATION_H_

#include <cstdint>
#include <string>

namespace parkour {
namespace parktrace {

struct SimulationOptions {
  int events = 10000;  // at least
  int procs = 4;
  int goroutines = 60;  // alive at a time, about
  uint32_t seed = 1;
};

// The bytes of a file.
std::string SimulateTrace(const SimulationOptions& options);

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_SIMULATION_H_
