// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// timeline.h: what the events of a trace say, as spans of time.
//
//   spans    the states of each goroutine, one after another without a gap
//   slices   what each processor did: which goroutine it ran, until when
//   holds    which thread had which processor
//   wakes    who made which goroutine runnable
//   points   how many goroutines were in which state
//
// Goroutines, processors and threads are numbered from 0 in the order in which
// they appear (processors: by id); an id that is used again is another
// goroutine.
//
//   Timeline timeline = MakeTimeline(file.symbols, ordered.events);

#ifndef PARKOUR_TOOLS_PARKTRACE_TIMELINE_H_
#define PARKOUR_TOOLS_PARKTRACE_TIMELINE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "parkour/tools/parktrace/order.h"

namespace parkour {
namespace parktrace {

inline constexpr uint32_t kNobody = ~uint32_t{0};

enum class State : uint8_t { kRunning, kRunnable, kSyscall, kWaiting };
inline constexpr int kNumStates = 4;
const char* NameOf(State state);

// Why goroutines wait, in the classes of Go's tools.
enum class Wait : uint8_t { kSync, kNetwork, kSleep, kOther };
inline constexpr int kNumWaits = 4;
Wait WaitOf(const std::string& reason);

struct Span {
  int64_t begin = 0;
  int64_t end = 0;
  uint32_t goroutine = 0;
  State state = State::kRunning;
  uint32_t reason = 0;  // a string: why it waits, or why it stopped
  uint32_t stack = 0;   // where it stopped; of the first span: where it starts
  uint32_t proc = kNobody;    // running, in a syscall
  uint32_t thread = kNobody;  // running, in a syscall
  uint32_t wake = kNobody;    // that made it runnable
  uint32_t next = kNobody;    // the goroutine's next span
};

struct Wake {
  int64_t time = 0;
  uint32_t goroutine = kNobody;  // who did it; kNobody: no goroutine
  uint32_t proc = kNobody;
  uint32_t thread = kNobody;
  uint32_t woken = 0;  // a goroutine
  uint32_t span = 0;   // the runnable span that begins with it
  uint32_t stack = 0;
  bool is_creation = false;
};

struct Slice {
  int64_t begin = 0;
  int64_t end = 0;
  uint32_t proc = 0;
  uint32_t span = 0;  // of the goroutine, which tells the rest
};

struct Hold {
  int64_t begin = 0;
  int64_t end = 0;
  uint32_t thread = 0;
  uint32_t proc = 0;
};

struct Point {
  int64_t time = 0;
  std::array<int32_t, kNumStates> goroutines = {};
  int32_t threads = 0;  // that have a processor
};

struct Totals {
  std::array<int64_t, kNumStates> in_state = {};
  std::array<int64_t, kNumWaits> waiting = {};
  int64_t longest_runnable = 0;

  void Add(const Totals& other);
};

struct Goroutine {
  uint64_t id = 0;
  uint32_t name = 0;  // a string: the function it began with; 0 if not known
  uint32_t start_stack = 0;
  uint32_t creator = kNobody;
  bool has_ended = false;
  int64_t begin = 0;
  int64_t end = 0;
  uint32_t first_span = kNobody;
  Totals totals;
};

struct Task {
  uint64_t id = 0;
  uint64_t parent = 0;
  uint32_t name = 0;
  int64_t begin = 0;
  int64_t end = 0;
  uint32_t goroutine = kNobody;
};

struct Region {
  int64_t begin = 0;
  int64_t end = 0;
  uint32_t goroutine = 0;
  uint64_t task = 0;
  uint32_t name = 0;
  uint32_t depth = 0;
};

struct Log {
  int64_t time = 0;
  uint32_t goroutine = 0;
  uint64_t task = 0;
  uint32_t key = 0;
  uint32_t value = 0;
};

struct Timeline {
  int64_t begin = 0;
  int64_t end = 0;
  uint64_t num_events = 0;
  std::vector<Goroutine> goroutines;
  std::vector<uint64_t> procs;    // ids
  std::vector<uint64_t> threads;  // ids
  std::vector<Span> spans;        // by begin
  std::vector<Slice> slices;      // by begin
  std::vector<Hold> holds;        // by begin
  std::vector<Wake> wakes;        // by time
  std::vector<Point> points;      // by time
  std::vector<Task> tasks;
  std::vector<Region> regions;
  std::vector<Log> logs;

  int64_t duration() const { return end - begin; }
};

// REQUIRES: `events` are in an order that a replay accepts.
Timeline MakeTimeline(const Symbols& symbols, const std::vector<Event>& events);

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_TIMELINE_H_
