// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// go_format.h: the bytes of Go's execution traces, version 1.23: a header, and
// generations of batches. A batch holds events of one thread, or one of the
// tables that they refer to.
//
//   GoGeneration gen(1, ticks_per_second);
//   gen.Event(tid, ticks, GoEvent::kProcStart, {p, seq});
//   file += kGoHeader + gen.Finish();
//
// See: Go: src/runtime/trace*.go, src/internal/trace/event/go122

#ifndef PARKOUR_TRACE_GO_FORMAT_H_
#define PARKOUR_TRACE_GO_FORMAT_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace parkour::trace {

inline constexpr std::string_view kGoHeader{"go 1.23 trace\0\0\0", 16};

// Events of no thread.
inline constexpr uint64_t kNoM = ~uint64_t{0};

enum class GoEvent : uint8_t {
  kProcStart = 10,
  kProcStop = 11,
  kProcSteal = 12,
  kProcStatus = 13,
  kGoCreate = 14,
  kGoCreateSyscall = 15,
  kGoStart = 16,
  kGoDestroy = 17,
  kGoStop = 19,
  kGoBlock = 20,
  kGoUnblock = 21,
  kGoSyscallBegin = 22,
  kGoSyscallEnd = 23,
  kGoSyscallEndBlocked = 24,
  kUserTaskBegin = 40,
  kUserTaskEnd = 41,
  kUserRegionBegin = 42,
  kUserRegionEnd = 43,
  kUserLog = 44,
  kGoStatusStack = 48,
};

struct GoFrame {
  uint64_t pc;  // no two frames that differ may share one
  std::string function;
  std::string file;
  uint64_t line;
};

class GoGeneration {
 public:
  // Numbers of generations begin with 1 and grow by 1.
  GoGeneration(uint64_t number, uint64_t ticks_per_second);

  // Appends an event; those of one thread in the order of time. `m`: a thread,
  // or kNoM.
  void Event(uint64_t m, uint64_t ticks, GoEvent type,
             std::initializer_list<uint64_t> args);

  // The number of a string, of a stack (innermost first); 0 for empty ones.
  uint64_t String(std::string_view s);
  uint64_t Stack(const std::vector<GoFrame>& frames);

  // All batches. Once.
  std::string Finish();

 private:
  struct Buffer {
    std::string payload;
    uint64_t begin = 0;
    uint64_t last = 0;
  };

  void Batch(uint64_t m, uint64_t ticks, std::string_view payload);
  void Table(uint8_t kind, const std::vector<std::string>& entries);
  void Flush(uint64_t m, Buffer* buffer);

  const uint64_t number_;
  const uint64_t ticks_per_second_;
  uint64_t first_ticks_ = ~uint64_t{0};
  std::string batches_;
  std::map<uint64_t, Buffer> buffers_;  // by thread
  std::unordered_map<std::string, uint64_t> strings_;
  std::unordered_map<std::string, uint64_t> stacks_;
  std::vector<std::string> string_entries_;
  std::vector<std::string> stack_entries_;
};

}  // namespace parkour::trace

#endif  // PARKOUR_TRACE_GO_FORMAT_H_
