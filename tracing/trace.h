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
// Guarantees: a file that every reader takes. If the process is killed or
//             crashes, about the last second is missing.
// Blocking:   Start, Stop and WriteTo stop the world for a moment; Stop parks
//             until all is written, WriteTo computes for a while. A writer is
//             called by a thread of ours, between Start and Stop; what it
//             refers to must live as long. Safe from any thread.
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
  FlightRecorder(const FlightRecorder&) = delete;
  FlightRecorder& operator=(const FlightRecorder&) = delete;
  ~FlightRecorder() { Stop(); }

  // From now on at least the size wanted is kept. kFailedPrecondition if this
  // object has been started.
  absl::Status Start();
  // What others want, and the environment, stays.
  void Stop();
  bool Enabled() const;

  // Writes what there is as one trace. Returns the number of bytes.
  absl::StatusOr<int64_t> WriteTo(std::string_view path) const;
  absl::StatusOr<int64_t> WriteTo(io::AnyWriter writer) const;

 private:
  size_t Wanted() const;

  const FlightRecorderConfig config_;
  bool enabled_ = false;  // guarded by a lock of flight.cc
};

}  // namespace parkour::trace

#endif  // PARKOUR_TRACING_TRACE_H_
