// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <string>

#include "parkour/base/clock.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/proc.h"
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

void Resize(size_t bytes) {
  runtime::stopTheWorld();
  SetCapacity(bytes);
  runtime::startTheWorld();
}

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

// The window as a file.
std::string Window(absl::Duration min_age) {
  const bool many = runtime::NumGoroutine() > kManyGoroutines;
  runtime::stopTheWorld();
  const Collection collection;
  Snapshot snapshot = many ? Snapshot() : TakeSnapshot();
  runtime::startTheWorld();
  if (many) snapshot = GlanceAtParked();
  return Export(snapshot, collection.Copy(), min_age);
}

}  // namespace

absl::StatusOr<int64_t> WriteStandstill(std::string_view path) {
  absl::StatusOr<FileSink> file = FileSink::Create(path);
  if (!file.ok()) return file.status();
  const Collection collection;
  const io::Result done =
      file->Write(Export(GlanceAtParked(), collection.Copy(), {}));
  if (!done.ok()) return done.err;
  return static_cast<int64_t>(done.n);
}

absl::Status FlightRecorder::Start() {
  runtime::ensureStarted();
  sync::MutexLock lock(&mu);
  if (enabled_) {
    return absl::FailedPreconditionError(
        "cannot enable a enabled flight recorder");
  }
  before_ = Capacity();
  if (config_.MaxBytes > 0) Resize(config_.MaxBytes);
  if (Capacity() == 0) Resize(FlightOptions().bytes);
  enabled_ = true;
  return absl::OkStatus();
}

void FlightRecorder::Stop() {
  sync::MutexLock lock(&mu);
  if (!enabled_) return;
  enabled_ = false;
  if (Capacity() != before_) Resize(before_);
}

absl::StatusOr<int64_t> FlightRecorder::WriteTo(io::AnyWriter writer) const {
  runtime::ensureStarted();
  if (Capacity() == 0) {
    return absl::FailedPreconditionError(
        "cannot snapshot a disabled flight recorder");
  }
  const std::string file = Window(config_.MinAge);
  const io::Result done = writer.Write(file);
  if (!done.ok()) return done.err;
  return static_cast<int64_t>(done.n);
}

absl::StatusOr<int64_t> FlightRecorder::WriteTo(std::string_view path) const {
  absl::StatusOr<FileSink> file = FileSink::Create(path);
  if (!file.ok()) return file.status();
  return WriteTo(io::AnyWriter(*std::move(file)));
}

}  // namespace parkour::trace
