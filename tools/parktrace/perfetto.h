// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// perfetto.h: a timeline as a trace of Perfetto's protobuf format.
//
// Tracks: a process with the groups Processors, Goroutines and Runtime, and
// counters; flows from each wake to where the woken goroutine ran.
//
// See: perfetto's protos/perfetto/trace/trace_packet.proto

#ifndef PARKOUR_TOOLS_PARKTRACE_PERFETTO_H_
#define PARKOUR_TOOLS_PARKTRACE_PERFETTO_H_

#include <cstddef>
#include <string>

#include "parkour/tools/parktrace/timeline.h"

namespace parkour {
namespace parktrace {

// Of more goroutines than this, those that ran longest have a track each; the
// name of their group says so.
inline constexpr size_t kMaxGoroutineTracks = 2000;

std::string Perfetto(const Symbols& symbols, const Timeline& timeline);

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_PERFETTO_H_
