// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// environment.h: tracing that is asked for from outside the program.
//
//   PARKOUR_TRACE=FILE    a trace of the whole run
//   PARKOUR_FLIGHT=SIZE   the flight recorder's memory: 8M, 512K, bytes; 0 and
//                         off: none

#ifndef PARKOUR_TRACING_ENVIRONMENT_H_
#define PARKOUR_TRACING_ENVIRONMENT_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace parkour::trace {

// Once, before anything runs.
void RecordFromEnvironment();

// Once, when the runtime has started; and before it ends. What fails is logged.
void StartFromEnvironment();
void StopFromEnvironment();

// "8M", "512K", "4096", "off"; nullopt for anything else.
std::optional<size_t> ParseSize(std::string_view text);

}  // namespace parkour::trace

#endif  // PARKOUR_TRACING_ENVIRONMENT_H_
