// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// trace_file.h: reads the structure of an execution trace.
//
// A file is a header and batches; a generation is a run of batches with tables
// of its own (strings, stacks, the clock's frequency). ReadTraceFile checks and
// reads all of it but the timed events, which a Cursor then decodes, thread by
// thread; order.h puts those into one order.
//
//   absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
//   for (const Generation& generation : file->generations) {
//     for (const Stream& stream : generation.streams) {
//       Cursor cursor(&stream, generation.ns_per_tick);
//       while (cursor.Next().ok() && !cursor.done()) Use(cursor.event());
//     }
//   }
//
// Requires:   the bytes outlive the TraceFile, which points into them.
// Guarantees: any bytes are answered with a value or an error that names the
//             byte; memory is bounded by a small multiple of the file's size.
// See:        Go: src/internal/trace/generation.go, batchcursor.go

#ifndef PARKOUR_TOOLS_PARKTRACE_TRACE_FILE_H_
#define PARKOUR_TOOLS_PARKTRACE_TRACE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parkour/tools/parktrace/event.h"

namespace parkour {
namespace parktrace {

struct Frame {
  uint64_t pc = 0;
  uint32_t function = 0;  // of Symbols
  uint32_t file = 0;      // of Symbols
  uint64_t line = 0;
};

// The strings and stacks of all generations, each of them once. Number 0 is the
// empty string and the empty stack.
class Symbols {
 public:
  Symbols();

  uint32_t AddString(std::string_view text);
  uint32_t AddStack(const std::vector<Frame>& frames);

  const std::string& String(uint32_t number) const { return strings_[number]; }
  const std::vector<Frame>& Stack(uint32_t number) const {
    return stacks_[number];
  }
  size_t num_strings() const { return strings_.size(); }
  size_t num_stacks() const { return stacks_.size(); }

 private:
  std::vector<std::string> strings_;
  std::vector<std::vector<Frame>> stacks_;
  std::unordered_map<std::string, uint32_t> string_numbers_;
  std::unordered_map<std::string, uint32_t> stack_numbers_;
};

struct Batch {
  uint64_t m = kNone;
  uint64_t time = 0;      // in ticks
  size_t offset = 0;      // of the payload in the file
  std::string_view data;  // the payload
};

// The batches of one thread in one generation, in the file's order.
struct Stream {
  uint64_t m = kNone;
  std::vector<Batch> batches;
};

struct CPUSample {
  int64_t time = 0;
  uint64_t m = kNone;
  uint64_t p = kNone;
  uint64_t g = kNone;
  uint64_t stack_id = 0;
  size_t offset = 0;
};

struct Generation {
  uint64_t number = 0;
  size_t offset = 0;  // of its first batch
  double ns_per_tick = 0;
  std::vector<Stream> streams;
  std::vector<CPUSample> samples;  // by time
  // From the generation's ids to Symbols' numbers; without id 0.
  std::unordered_map<uint64_t, uint32_t> strings;
  std::unordered_map<uint64_t, uint32_t> stacks;
};

struct TraceFile {
  int version = 0;  // 22 or 23
  Symbols symbols;
  std::vector<Generation> generations;
  // Why reading ended before the file did; what was read until then is usable.
  absl::Status rest;
};

// Fails if not even one generation can be read.
absl::StatusOr<TraceFile> ReadTraceFile(std::string_view bytes);

struct RawEvent {
  EventType type = EventType::kEventBatch;
  int64_t time = 0;  // in nanoseconds, by the thread's own clock
  uint64_t args[kMaxArgs] = {};
  size_t offset = 0;  // of its type byte in the file
};

// "GoStart(g=7, g_seq=2)".
std::string Describe(const RawEvent& event);

// Decodes the events of one stream.
class Cursor {
 public:
  Cursor(const Stream* stream, double ns_per_tick)
      : stream_(stream), ns_per_tick_(ns_per_tick) {}

  // Goes to the next event, or to the end. An error names the byte.
  absl::Status Next();

  bool done() const { return done_; }
  const RawEvent& event() const { return event_; }  // REQUIRES: !done()
  uint64_t m() const { return stream_->m; }

 private:
  const Stream* stream_;
  double ns_per_tick_;
  size_t batch_ = 0;
  size_t at_ = 0;  // in the batch's data
  bool done_ = false;
  int64_t last_ = 0;
  RawEvent event_;
};

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_TRACE_FILE_H_
