// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Execution traces: whatever a file has inside, it is understood or refused.

#include <string>

#include "parkour/tests/fuzz/target.h"
#include "parkour/tools/parktrace/chrome.h"
#include "parkour/tools/parktrace/order.h"
#include "parkour/tools/parktrace/perfetto.h"
#include "parkour/tools/parktrace/summary.h"
#include "parkour/tools/parktrace/text.h"
#include "parkour/tools/parktrace/timeline.h"
#include "parkour/tools/parktrace/trace_file.h"

namespace parkour::tests {

const char kFuzzCorpus[] = "trace";
const char kFuzzTokens[] = "";

void FuzzOne(std::string_view input) {
  const std::string bytes(input);
  const absl::StatusOr<parktrace::TraceFile> file =
      parktrace::ReadTraceFile(bytes);
  if (!file.ok()) {
    return Require(!file.status().message().empty(), "an error has words");
  }
  parktrace::Order(*file, {true});
  parktrace::Ordered ordered = parktrace::Order(*file, {false});
  if (ordered.events.empty()) return;
  const parktrace::Timeline timeline =
      parktrace::MakeTimeline(file->symbols, ordered.events);
  for (const parktrace::Goroutine& g : timeline.goroutines) {
    Require(g.begin <= g.end, "a goroutine begins before it ends");
  }
  Require(!parktrace::SummaryJson(file->symbols, timeline).empty(), "JSON");
  Require(!parktrace::Chrome(file->symbols, timeline).empty(), "Chrome's");
  Require(!parktrace::Perfetto(file->symbols, timeline).empty(), "Perfetto's");
}

}  // namespace parkour::tests
