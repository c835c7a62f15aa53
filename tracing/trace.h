// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// trace.h: execution traces: which goroutine ran when and where, what it
// waited for, who woke it. Go's own file format: `go tool trace`, gotraceui and
// tools/parktrace open it.
//
//   if (auto err = trace::Start("/tmp/server.trace"); !err.ok()) return err;
//   Serve();
//   return trace::Stop();
//
// Or without a line of code: PARKOUR_TRACE=/tmp/server.trace ./server
//
// The last moments are always on record, in memory. Write them down when
// something has gone wrong:
//
//   trace::FlightRecorder recorder;
//   if (took > absl::Seconds(1)) {
//     absl::StatusOr<int64_t> bytes = recorder.WriteTo("/tmp/slow.trace");
//     ...
//   }
//
// or from outside: kill -USR2 (docs/DEBUGGING.md#traces).
//
// Guarantees: a file that is complete, whatever happened meanwhile; at most
//             some seconds are missing at its end if the process is killed.
// Blocking:   all functions park the goroutine while they write; Start, Stop
//             and WriteTo stop the world for a moment. Safe from any thread.
// See:        Go: src/runtime/trace/trace.go, flightrecorder.go

#ifndef PARKOUR_TRACING_TRACE_H_
#define PARKOUR_TRACING_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "parkour/io/any.h"

namespace parkour::trace {

// Begins to write a trace, to a file that is made anew or to `writer`. One at a
// time: kFailedPrecondition "tracing is already enabled". The error of a file
// that cannot be had.
absl::Status Start(std::string_view path);
absl::Status Start(io::AnyWriter writer);

// Ends it and waits until everything is written; nothing without a Start. The
// error of the first write that failed.
absl::Status Stop();

// Between Start and Stop.
bool IsEnabled();

// Go: flightrecorder.go (FlightRecorderConfig)
struct FlightRecorderConfig {
  // What is older may be left out of what is written; 0: nothing is.
  absl::Duration MinAge = {};
  // How much is kept in memory; 0: what it is anyway, usually 8 MiB.
  size_t MaxBytes = 0;
};

// A window on the last events of the process. There is one recorder, which
// every program has from its start; objects of this class only size it and
// write it down.
class FlightRecorder {
 public:
  explicit FlightRecorder(const FlightRecorderConfig& config = {})
      : config_(config) {}

  // Records, with the size wanted. kFailedPrecondition if this object has.
  absl::Status Start();
  // Back to how it was. The recorder goes on if the program has it anyway.
  void Stop();
  bool Enabled() const { return enabled_; }

  // Writes what there is as one trace. Returns the number of bytes.
  absl::StatusOr<int64_t> WriteTo(std::string_view path) const;
  absl::StatusOr<int64_t> WriteTo(io::AnyWriter writer) const;

 private:
  const FlightRecorderConfig config_;
  bool enabled_ = false;
  size_t before_ = 0;
};

}  // namespace parkour::trace

#endif  // PARKOUR_TRACING_TRACE_H_
