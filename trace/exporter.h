// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// exporter.h: from records to a file that Go's tools open.
//
//   Exporter exporter({.ticks_per_second = hz, .origin = first_ticks});
//   exporter.AddProc(0, {}); exporter.AddGoroutine(...);  // without records
//   file = exporter.Begin() + exporter.Generation(&recording);
//
// Whatever it writes is accepted: events that cannot be put in order are left
// for the next generation, or dropped at the end.

#ifndef PARKOUR_TRACE_EXPORTER_H_
#define PARKOUR_TRACE_EXPORTER_H_

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "parkour/trace/frames.h"
#include "parkour/trace/go_format.h"
#include "parkour/trace/recorder.h"
#include "parkour/trace/replay.h"

namespace parkour::trace {

struct ExportOptions {
  uint64_t ticks_per_second = 1000000000;
  // Becomes time 0.
  uint64_t origin = 0;
};

class Exporter {
 public:
  explicit Exporter(const ExportOptions& options) : options_(options) {}

  // The file's first bytes.
  std::string_view Begin() const { return kGoHeader; }

  // State at the beginning that records may not tell.
  void AddProc(uint16_t id, const ReplayP& p) { replay_.AddProc(id, p); }
  void AddGoroutine(uint64_t goid, const ReplayG& g) {
    replay_.AddGoroutine(goid, g);
  }

  // Everything in *recording that can be put in order, as one generation; what
  // cannot stays in *recording, for the next call. The first call works out
  // what was going on before.
  std::string Generation(Recording* recording);

  // Events written so far.
  uint64_t events() const { return events_; }

 private:
  uint64_t Time(uint64_t ticks) const {
    return ticks > options_.origin ? ticks - options_.origin : 0;
  }
  void NoteNames(const Recording& recording);
  uint64_t NameStack(GoGeneration* gen, uint64_t goid, uint32_t maker_stack);
  void WriteStatus(GoGeneration* gen, uint64_t time);
  void Write(GoGeneration* gen, uint32_t tid, const Record& r,
             const std::string& text);
  using Region = std::pair<uint64_t, std::string>;  // task, name
  bool CloseRegion(uint64_t goid, const Region& region);
  void WriteAnnotation(GoGeneration* gen, uint32_t tid, const Record& r,
                       const std::string& text);

  const ExportOptions options_;
  Replay replay_;
  FrameCache frames_;
  uint64_t generation_ = 0;
  uint64_t events_ = 0;
  uint64_t last_time_ = 0;
  // Some stack of each goroutine: its outermost function is its name.
  std::unordered_map<uint64_t, uint32_t> stack_of_;
  // Open, by goroutine, innermost last.
  std::unordered_map<uint64_t, std::vector<Region>> regions_;
};

// The one-generation case: everything in `recording`, cut to where it is
// complete.
std::string ExportAll(Exporter* exporter, Recording recording);

}  // namespace parkour::trace

#endif  // PARKOUR_TRACE_EXPORTER_H_
