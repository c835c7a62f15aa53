// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// check_trace.h: what tests want to know of a trace: that every reader would
// take it, and what is in it.

#ifndef PARKOUR_TESTS_TRACES_CHECK_TRACE_H_
#define PARKOUR_TESTS_TRACES_CHECK_TRACE_H_

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "parkour/tools/parktrace/order.h"

namespace parkour::tests {

struct Checked {
  std::map<parktrace::EventType, int> counts;
  std::vector<parktrace::Event> events;
  parktrace::Symbols symbols;

  int Count(parktrace::EventType type) const {
    const auto it = counts.find(type);
    return it == counts.end() ? 0 : it->second;
  }
  // The functions of all stacks.
  std::set<std::string> Functions() const {
    std::set<std::string> names;
    for (size_t i = 0; i < symbols.num_stacks(); ++i) {
      for (const parktrace::Frame& f :
           symbols.Stack(static_cast<uint32_t>(i))) {
        names.insert(symbols.String(f.function));
      }
    }
    return names;
  }
  bool HasFunction(std::string_view part) const {
    for (const std::string& name : Functions()) {
      if (name.find(part) != std::string::npos) return true;
    }
    return false;
  }
  // How often an event gives this reason.
  int Reason(parktrace::EventType type, std::string_view reason) const {
    int n = 0;
    for (const parktrace::Event& e : events) {
      n += e.type == type &&
           symbols.String(static_cast<uint32_t>(e.args[0])) == reason;
    }
    return n;
  }
  // How often a goroutine waited for a channel; on which side is a matter of
  // who came first.
  int ChanBlocks() const {
    return Reason(parktrace::EventType::kGoBlock, "chan receive") +
           Reason(parktrace::EventType::kGoBlock, "chan send");
  }
};

// Fails the test unless the strictest reader takes all of it.
inline Checked Check(std::string_view file) {
  Checked checked;
  absl::StatusOr<parktrace::TraceFile> trace = parktrace::ReadTraceFile(file);
  EXPECT_TRUE(trace.ok()) << trace.status();
  if (!trace.ok()) return checked;
  EXPECT_TRUE(trace->rest.ok()) << trace->rest;
  parktrace::Ordered ordered = parktrace::Order(*trace, {});
  EXPECT_TRUE(ordered.status.ok()) << ordered.status;
  for (const parktrace::Event& e : ordered.events) ++checked.counts[e.type];
  checked.events = std::move(ordered.events);
  checked.symbols = std::move(trace->symbols);
  return checked;
}

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_TRACES_CHECK_TRACE_H_
