// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "parkour/base/clock.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/start.h"
#include "parkour/runtime/syscall.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/trace/exporter.h"
#include "parkour/tracing/environment.h"
#include "parkour/tracing/sink.h"
#include "parkour/tracing/snapshot.h"
#include "parkour/tracing/trace.h"

namespace parkour::trace {
namespace {

// Of the recorder's size, which several may want to change.
sync::Mutex mu;

uint64_t Ago(absl::Duration age, uint64_t ticks_per_second) {
  const double ticks =
      absl::ToDoubleSeconds(age) * static_cast<double>(ticks_per_second);
  const uint64_t now = base::cputicks();
  return ticks < static_cast<double>(now) ? now - static_cast<uint64_t>(ticks)
                                          : 0;
}

uint64_t FirstTicks(const Recording& recording) {
  uint64_t first = base::cputicks();
  for (const auto& [tid, records] : recording.streams) {
    for (const Record& r : records) {
      if (r.type == Event::kText || r.ticks <= recording.horizon) continue;
      first = std::min(first, r.ticks);
      break;
    }
  }
  return first;
}

std::string Export(const Snapshot& snapshot, Recording recording,
                   absl::Duration min_age) {
  const uint64_t hz = TicksPerSecond();
  if (min_age > absl::ZeroDuration()) {
    recording.horizon = std::max(recording.horizon, Ago(min_age, hz));
  }
  Exporter exporter({hz, FirstTicks(recording)});
  snapshot.AddTo(&exporter);
  return ExportAll(&exporter, std::move(recording));
}

Recording CopyAll() { return Collection().Copy(); }

// The window as a file.
std::string Window(absl::Duration min_age) {
  bool whole = runtime::NumGoroutine() <= kManyGoroutines;
  std::optional<Collection> collection;
  Snapshot snapshot;
  {
    const WorldStop stop;
    collection.emplace();
    // Who runs now is not who ran when the window ended.
    whole = whole && collection->UpToNow();
    if (whole) snapshot = TakeSnapshot();
  }
  Recording recording = collection->Copy();
  collection.reset();  // from here on blocks may be used again
  if (!whole) snapshot = GlanceAtParked(/*still=*/false);
  return Export(snapshot, std::move(recording), min_age);
}

absl::StatusOr<int64_t> Write(io::WriterRef writer, std::string_view file) {
  const io::Result done = writer.Write(file);
  if (!done.ok()) return done.err;
  return static_cast<int64_t>(done.n);
}

absl::Status Disabled() {
  return absl::FailedPreconditionError(
      "cannot snapshot a disabled flight recorder");
}

// What the recorders that have been started want.
std::multiset<size_t>& Wishes() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
  static std::multiset<size_t>& wishes = *new std::multiset<size_t>;
  return wishes;
}

// The largest of the program's wish and the environment's.
void Adjust() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
  size_t bytes = EnvironmentFlight().bytes;
  if (!Wishes().empty()) bytes = std::max(bytes, *Wishes().rbegin());
  if (bytes == Capacity()) return;
  const WorldStop stop;
  SetCapacity(bytes);
}

}  // namespace

absl::StatusOr<int64_t> WriteStandstill(std::string_view path) {
  absl::StatusOr<FileSink> file = FileSink::Create(path, /*fresh=*/true);
  if (!file.ok()) return file.status();
  return Write(*file, Export(GlanceAtParked(/*still=*/true), CopyAll(), {}));
}

absl::Status FlightRecorder::Start() {
  runtime::ensureStarted();
  sync::MutexLock lock(&mu);
  if (enabled_) {
    return absl::FailedPreconditionError(
        "cannot enable a enabled flight recorder");
  }
  Wishes().insert(Wanted());
  Adjust();
  enabled_ = true;
  return absl::OkStatus();
}

void FlightRecorder::Stop() {
  sync::MutexLock lock(&mu);
  if (!enabled_) return;
  Wishes().erase(Wishes().find(Wanted()));
  Adjust();
  enabled_ = false;
}

bool FlightRecorder::Enabled() const {
  sync::MutexLock lock(&mu);
  return enabled_;
}

size_t FlightRecorder::Wanted() const {
  return config_.MaxBytes > 0 ? config_.MaxBytes : FlightOptions().bytes;
}

absl::StatusOr<int64_t> FlightRecorder::WriteTo(io::AnyWriter writer) const {
  runtime::ensureStarted();
  if (Capacity() == 0) return Disabled();
  return Write(writer, Window(config_.MinAge));
}

// The file is made when there is something to write.
absl::StatusOr<int64_t> FlightRecorder::WriteTo(std::string_view path) const {
  runtime::ensureStarted();
  if (Capacity() == 0) return Disabled();
  const std::string window = Window(config_.MinAge);
  return runtime::Blocking([&]() -> absl::StatusOr<int64_t> {
    absl::StatusOr<FileSink> file = FileSink::Create(path);
    if (!file.ok()) return file.status();
    return Write(*file, window);
  });
}

}  // namespace parkour::trace
