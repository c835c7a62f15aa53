// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// environment.h: tracing that is asked for from outside the program.
//
//   PARKOUR_TRACE=FILE    a trace of the whole run; %p in it is the process id
//   PARKOUR_FLIGHT=SIZE[,dir=FOLDER][,stall=DURATION]
//       SIZE: the flight recorder's memory: 8M, 512K, bytes; 0 and off: none
//       dir: where it is written at a deadlock, on SIGUSR2 and on stalls
//       stall: when a goroutine has run for so long: 100ms, 1s

#ifndef PARKOUR_TRACING_ENVIRONMENT_H_
#define PARKOUR_TRACING_ENVIRONMENT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace parkour::trace {

struct FlightOptions {
  size_t bytes = size_t{8} << 20;
  std::string dir{};       // empty: the working directory, and on SIGUSR2 only
  absl::Duration stall{};  // 0: not looked for
};

// kInvalidArgument, naming the part that is not understood.
absl::StatusOr<FlightOptions> ParseFlight(std::string_view text);

// Once, before anything runs.
void RecordFromEnvironment();

// What RecordFromEnvironment has read.
const FlightOptions& EnvironmentFlight();

// Once, when the runtime has started; and before it ends. What fails is logged.
void StartFromEnvironment();
void StopFromEnvironment();

}  // namespace parkour::trace

#endif  // PARKOUR_TRACING_ENVIRONMENT_H_
