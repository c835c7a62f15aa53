// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// trace_builder.h: writes execution traces for tests, right ones and wrong.
//
//   TraceBuilder trace;
//   trace.Frequency();
//   trace.On(1).Ev(EventType::kProcStatus, 0, {0, 1});
//   std::string file = trace.File();
//
// It writes what it is told; only batches that become too long it splits.

#ifndef PARKOUR_TOOLS_PARKTRACE_TRACE_BUILDER_H_
#define PARKOUR_TOOLS_PARKTRACE_TRACE_BUILDER_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "parkour/tools/parktrace/event.h"

namespace parkour {
namespace parktrace {

class TraceBuilder {
 public:
  struct Frame {
    uint64_t pc, function, file, line;
  };

  explicit TraceBuilder(std::string_view version = "23")
      : file_("go 1." + std::string(version) + " trace") {
    file_.append(3, '\0');
  }

  // What follows belongs to this generation; the first one is 1.
  TraceBuilder& Generation(uint64_t number) {
    Flush();
    generation_ = number;
    return *this;
  }

  // Begins a batch of a thread.
  TraceBuilder& On(uint64_t m, uint64_t time = 1) {
    Flush();
    m_ = m;
    time_ = batch_time_ = time;
    in_batch_ = true;
    return *this;
  }

  TraceBuilder& Ev(EventType type, uint64_t delta,
                   std::initializer_list<uint64_t> args = {}) {
    if (payload_.size() + 60 > kMaxBatchSize) On(m_, time_);
    payload_ += static_cast<char>(type);
    Uvarint(delta, &payload_);
    for (uint64_t arg : args) Uvarint(arg, &payload_);
    time_ += delta;
    return *this;
  }

  uint64_t time() const { return time_; }

  TraceBuilder& Frequency(uint64_t per_second = 1000000000) {
    std::string data(1, static_cast<char>(EventType::kFrequency));
    Uvarint(per_second, &data);
    return Raw(kNone, 1, data);
  }

  TraceBuilder& String(uint64_t id, std::string_view text) {
    std::string data(1, static_cast<char>(EventType::kStrings));
    data += static_cast<char>(EventType::kString);
    Uvarint(id, &data);
    Uvarint(text.size(), &data);
    data += text;
    return Raw(kNone, 1, data);
  }

  TraceBuilder& Stack(uint64_t id, const std::vector<Frame>& frames) {
    std::string data(1, static_cast<char>(EventType::kStacks));
    data += static_cast<char>(EventType::kStack);
    Uvarint(id, &data);
    Uvarint(frames.size(), &data);
    for (const Frame& f : frames) {
      for (uint64_t n : {f.pc, f.function, f.file, f.line}) Uvarint(n, &data);
    }
    return Raw(kNone, 1, data);
  }

  // A batch of these bytes.
  TraceBuilder& Raw(uint64_t m, uint64_t time, std::string_view data) {
    Flush();
    Append(m, time, data);
    return *this;
  }

  std::string File() {
    Flush();
    return file_;
  }

  static void Uvarint(uint64_t n, std::string* out) {
    for (; n >= 0x80; n >>= 7) *out += static_cast<char>(n | 0x80);
    *out += static_cast<char>(n);
  }

 private:
  void Append(uint64_t m, uint64_t time, std::string_view data) {
    file_ += static_cast<char>(EventType::kEventBatch);
    for (uint64_t n : {generation_, m, time, uint64_t{data.size()}}) {
      Uvarint(n, &file_);
    }
    file_ += data;
  }

  void Flush() {
    if (in_batch_) Append(m_, batch_time_, payload_);
    payload_.clear();
    in_batch_ = false;
  }

  std::string file_;
  uint64_t generation_ = 1;
  bool in_batch_ = false;
  uint64_t m_ = kNone;
  uint64_t time_ = 0;
  uint64_t batch_time_ = 0;
  std::string payload_;
};

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_TRACE_BUILDER_H_
