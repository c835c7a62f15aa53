// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// order.h: puts the events of all threads into one order, or says why not.
//
// The threads' clocks only propose an order. What decides is a replay of the
// scheduler (replay.h): an event may come when goroutines, processors and
// sequence numbers are as it needs them. A trace for which no such order
// exists tells of something no correct scheduler does, so this is at once the
// reader of traces and an oracle for the scheduler that wrote them.
//
//   absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
//   Ordered ordered = Order(*file, {});
//   if (!ordered.status.ok()) ...   // "generation 1: failed to advance: ..."
//
// See: Go: src/internal/trace/reader.go (ReadEvent)

#ifndef PARKOUR_TOOLS_PARKTRACE_ORDER_H_
#define PARKOUR_TOOLS_PARKTRACE_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "parkour/tools/parktrace/trace_file.h"

namespace parkour {
namespace parktrace {

struct Event {
  int64_t time = 0;  // in nanoseconds, strictly increasing
  EventType type = EventType::kEventBatch;
  // Of statuses: that the goroutine or processor was not known before.
  bool is_news = false;
  uint32_t generation = 0;  // index in TraceFile::generations
  // Who was there when it happened; kNone for nobody. For GoStart and ProcStart
  // this is before: the goroutine that starts is an argument.
  uint64_t m = kNone;
  uint64_t p = kNone;
  uint64_t g = kNone;
  // As in the file, except that ids of strings and stacks are Symbols' numbers.
  uint64_t args[kMaxArgs] = {};
  size_t offset = 0;  // in the file
};

struct OrderOptions {
  // Beyond what Go's reader rejects, what Go's own tests of its tracer do, and
  // what no scheduler can mean: two goroutines running on a thread, a goroutine
  // on two threads, a second status in a generation, frames without a name.
  bool strict = true;
};

struct Ordered {
  // Of the generations before the one that is broken, if one is.
  std::vector<Event> events;
  size_t num_generations = 0;
  absl::Status status;
};

Ordered Order(const TraceFile& file, const OrderOptions& options);

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_ORDER_H_
