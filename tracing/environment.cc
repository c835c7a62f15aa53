// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tracing/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "parkour/runtime/log.h"
#include "parkour/trace/recorder.h"
#include "parkour/tracing/snapshot.h"
#include "parkour/tracing/trace.h"

namespace parkour::trace {
namespace {

constexpr size_t kMinFlightBytes = size_t{64} << 10;
constexpr size_t kMaxFlightBytes = size_t{1} << 30;

absl::string_view View(std::string_view s) { return {s.data(), s.size()}; }

void Warn(absl::string_view what, const absl::Status& error) {
  runtime::LogWarning(absl::StrCat(what, ": ", error.message()));
}

FlightOptions& Flight() {
  static FlightOptions& options = *new FlightOptions;  // outlives the program
  return options;
}

bool ParseSize(std::string_view text, size_t* bytes) {
  size_t unit = 1;
  if (text.ends_with('K')) unit = size_t{1} << 10;
  if (text.ends_with('M')) unit = size_t{1} << 20;
  if (unit != 1) text.remove_suffix(1);
  uint64_t n = 0;
  const bool digits = absl::c_all_of(text, absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(View(text), &n) ||
      n > kMaxFlightBytes / unit) {
    return false;
  }
  // Less than some blocks would be none.
  *bytes = n == 0 ? 0 : std::max(n * unit, kMinFlightBytes);
  return true;
}

bool ParsePart(std::string_view part, FlightOptions* options) {
  if (part.starts_with("dir=") && part.size() > 4) {
    options->dir = std::string(part.substr(4));
    return true;
  }
  if (part.starts_with("stall=")) {
    return absl::ParseDuration(View(part.substr(6)), &options->stall) &&
           options->stall > absl::ZeroDuration();
  }
  if (part == "off") {
    options->bytes = 0;
    return true;
  }
  return ParseSize(part, &options->bytes);
}

}  // namespace

absl::StatusOr<FlightOptions> ParseFlight(std::string_view text) {
  FlightOptions options;
  for (const absl::string_view part : absl::StrSplit(View(text), ',')) {
    if (!ParsePart({part.data(), part.size()}, &options)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", part,
                       "\" is not understood: SIZE, off, "
                       "dir=FOLDER, stall=DURATION"));
    }
  }
  return options;
}

void RecordFromEnvironment() {
  StartClock();
  if (const char* text = std::getenv("PARKOUR_FLIGHT"); text && *text) {
    if (const absl::StatusOr<FlightOptions> options = ParseFlight(text);
        options.ok()) {
      Flight() = *options;
    } else {
      Warn("PARKOUR_FLIGHT", options.status());
    }
  }
  SetCapacity(Flight().bytes);
}

const FlightOptions& EnvironmentFlight() { return Flight(); }

void StartFromEnvironment() {
  const char* const path = std::getenv("PARKOUR_TRACE");
  if (path == nullptr || *path == '\0') return;
  const std::string name =
      absl::StrReplaceAll(path, {{"%p", absl::StrCat(getpid())}});
  if (const absl::Status error = Start(name); !error.ok()) {
    Warn("PARKOUR_TRACE", error);
    return;
  }
}

void StopFromEnvironment() {
  if (const absl::Status error = Stop(); !error.ok()) {
    Warn("PARKOUR_TRACE", error);
  }
}

}  // namespace parkour::trace
