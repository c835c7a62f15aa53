// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tracing/environment.h"

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "parkour/runtime/log.h"
#include "parkour/trace/recorder.h"
#include "parkour/tracing/snapshot.h"
#include "parkour/tracing/trace.h"

namespace parkour::trace {
namespace {

constexpr size_t kMaxFlightBytes = size_t{1} << 30;

void Warn(std::string_view what, const absl::Status& error) {
  runtime::LogWarning(absl::StrCat(absl::string_view(what.data(), what.size()),
                                   ": ", error.message()));
}

}  // namespace

std::optional<size_t> ParseSize(std::string_view text) {
  if (text == "off") return 0;
  size_t unit = 1;
  if (text.ends_with('K')) unit = size_t{1} << 10;
  if (text.ends_with('M')) unit = size_t{1} << 20;
  if (unit != 1) text.remove_suffix(1);
  uint64_t n = 0;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &n) ||
      n > kMaxFlightBytes / unit) {
    return std::nullopt;
  }
  return n * unit;
}

void RecordFromEnvironment() {
  StartClock();
  size_t bytes = kDefaultFlightBytes;
  if (const char* text = std::getenv("PARKOUR_FLIGHT")) {
    if (const std::optional<size_t> size = ParseSize(text)) {
      bytes = *size;
    } else {
      runtime::LogWarning(absl::StrCat("PARKOUR_FLIGHT=", text,
                                       " is no size: 8M, 512K, 0 or off"));
    }
  }
  SetCapacity(bytes);
}

void StartFromEnvironment() {
  const char* const path = std::getenv("PARKOUR_TRACE");
  if (path == nullptr || *path == '\0') return;
  if (const absl::Status error = Start(path); !error.ok()) {
    Warn("PARKOUR_TRACE", error);
    return;
  }
  std::atexit(StopFromEnvironment);
}

void StopFromEnvironment() {
  if (const absl::Status error = Stop(); !error.ok()) {
    Warn("PARKOUR_TRACE", error);
  }
}

}  // namespace parkour::trace
