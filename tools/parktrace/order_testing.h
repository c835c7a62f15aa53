// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// order_testing.h: what tests of the order of events begin with.

#ifndef PARKOUR_TOOLS_PARKTRACE_ORDER_TESTING_H_
#define PARKOUR_TOOLS_PARKTRACE_ORDER_TESTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "parkour/tools/parktrace/order.h"
#include "parkour/tools/parktrace/trace_builder.h"

namespace parkour {
namespace parktrace {

// Statuses as arguments.
inline constexpr uint64_t kPRunning = 1, kPIdle = 2, kPSyscall = 3,
                          kPAbandoned = 4;
inline constexpr uint64_t kGRunnable = 1, kGRunning = 2, kGSyscall = 3,
                          kGWaiting = 4;

struct Result {
  std::string error;
  std::vector<Event> events;
};

inline Result Read(const std::string& bytes, bool strict = true) {
  absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
  if (!file.ok()) return {std::string(file.status().message()), {}};
  Ordered ordered = Order(*file, {strict});
  return {std::string(ordered.status.message()), ordered.events};
}

inline std::string ErrorOf(TraceBuilder& trace, bool strict = true) {
  return Read(trace.File(), strict).error;
}

inline std::vector<EventType> TypesOf(const std::vector<Event>& events) {
  std::vector<EventType> types;
  for (const Event& event : events) types.push_back(event.type);
  return types;
}

// M 1 runs G 1 on P 0.
inline TraceBuilder Running() {
  TraceBuilder trace;
  trace.Frequency().On(1, 100);
  trace.Ev(EventType::kProcStatus, 1, {0, kPRunning});
  trace.Ev(EventType::kGoStatus, 1, {1, 1, kGRunning});
  return trace;
}

// M 1 has P 0 and no G.
inline TraceBuilder Proc() {
  TraceBuilder trace;
  trace.Frequency().On(1, 100).Ev(EventType::kProcStatus, 1, {0, kPRunning});
  return trace;
}

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_ORDER_TESTING_H_
