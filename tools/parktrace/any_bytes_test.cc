// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Whatever a file has inside, nothing crashes, under sanitizers too: traces
// with some bytes changed, through all that parktrace does with them.

#include <random>
#include <string>

#include "gtest/gtest.h"
#include "parkour/tools/parktrace/chrome.h"
#include "parkour/tools/parktrace/html.h"
#include "parkour/tools/parktrace/perfetto.h"
#include "parkour/tools/parktrace/simulation.h"
#include "parkour/tools/parktrace/summary.h"

namespace parkour {
namespace parktrace {
namespace {

struct Outcome {
  int unreadable = 0;
  int broken = 0;
  int shown = 0;
};

void Try(const std::string& bytes, bool convert, Outcome* outcome) {
  absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
  if (!file.ok()) {
    EXPECT_FALSE(file.status().message().empty());
    ++outcome->unreadable;
    return;
  }
  Order(*file, {true});
  Ordered ordered = Order(*file, {false});
  if (!ordered.status.ok()) ++outcome->broken;
  if (ordered.events.empty()) return;
  ++outcome->shown;
  Timeline timeline = MakeTimeline(file->symbols, ordered.events);
  for (const Goroutine& g : timeline.goroutines) EXPECT_LE(g.begin, g.end);
  if (!convert) return;
  EXPECT_FALSE(Summary(file->symbols, timeline, {}).empty());
  EXPECT_FALSE(SummaryJson(file->symbols, timeline).empty());
  EXPECT_FALSE(Chrome(file->symbols, timeline).empty());
  EXPECT_FALSE(Perfetto(file->symbols, timeline).empty());
  EXPECT_TRUE(Html(file->symbols, timeline, "x").ok());
}

TEST(AnyBytes, AreAnswered) {
  std::mt19937 random(42);
  Outcome outcome;
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    const std::string good = SimulateTrace({250, 2, 12, seed});
    Try(good, true, &outcome);
    for (int i = 0; i < 400; ++i) {
      std::string bad = good;
      for (int n = static_cast<int>(random() % 4); n >= 0; --n) {
        size_t at = 16 + random() % (bad.size() - 16);
        switch (random() % 4) {
          case 0:
            bad[at] = static_cast<char>(random());
            break;
          case 1:
            // Small numbers are more often something.
            bad[at] = static_cast<char>(random() % 50);
            break;
          case 2:
            bad.erase(at, 1 + random() % 8);
            break;
          default:
            bad.insert(at, 1, static_cast<char>(random() % 4));
        }
      }
      Try(bad, i % 8 == 0, &outcome);
    }
  }
  // The changes were neither harmless nor hopeless.
  EXPECT_GT(outcome.unreadable, 100);
  EXPECT_GT(outcome.broken, 100);
  EXPECT_GT(outcome.shown, 100);
}

}  // namespace
}  // namespace parktrace
}  // namespace parkour
