// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// snapshot.h: what all goroutines and Ps are doing, for those whose records do
// not tell; and how the counter of time-stamps runs.

#ifndef PARKOUR_TRACING_SNAPSHOT_H_
#define PARKOUR_TRACING_SNAPSHOT_H_

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "parkour/trace/exporter.h"
#include "parkour/trace/replay.h"

namespace parkour::trace {

struct Snapshot {
  std::vector<std::pair<uint64_t, ReplayG>> goroutines;
  std::vector<std::pair<uint16_t, ReplayP>> procs;

  void AddTo(Exporter* exporter) const;
};

// Beyond this many goroutines a look at all their stacks would hold the world
// up for too long.
inline constexpr int64_t kManyGoroutines = 20000;

// REQUIRES: the world is stopped, by the calling thread.
Snapshot TakeSnapshot();

// The same for parked goroutines only. `still`: nobody runs, and their stacks
// can be looked at; else of each only its state, which may be another at the
// next moment.
Snapshot GlanceAtParked(bool still);

// The flight recorder to a file, when everybody sleeps: nothing is stopped, no
// lock is taken that might be held. Returns the number of bytes.
absl::StatusOr<int64_t> WriteStandstill(std::string_view path);

// The world stands still during its life. After Main, or Shutdown, it does so
// anyway.
class WorldStop {
 public:
  WorldStop();
  ~WorldStop();
  WorldStop(const WorldStop&) = delete;
  WorldStop& operator=(const WorldStop&) = delete;

 private:
  const bool ended_;
};

// Calibrates the counter: once, early; the later it is asked the better it
// knows.
void StartClock();
uint64_t TicksPerSecond();

}  // namespace parkour::trace

#endif  // PARKOUR_TRACING_SNAPSHOT_H_
