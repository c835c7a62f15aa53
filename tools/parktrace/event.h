// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// event.h: the events of Go's execution trace, formats 1.22 and 1.23.
//
// A trace is a set of batches of timed events, each event a type byte, a delta
// of time and as many uvarints as its type has arguments. This is the table of
// the types: names, arguments, which of them are ids of the string or stack
// table, and what the thread that emits the event must have at that moment.
//
// See: Go: src/internal/trace/event/go122/event.go

#ifndef PARKOUR_TOOLS_PARKTRACE_EVENT_H_
#define PARKOUR_TOOLS_PARKTRACE_EVENT_H_

#include <cstdint>

namespace parkour {
namespace parktrace {

// No thread, no processor, no goroutine.
inline constexpr uint64_t kNone = ~uint64_t{0};

// The limits of the format.
inline constexpr uint64_t kMaxBatchSize = 64 << 10;
inline constexpr uint64_t kMaxStringSize = 1024;
inline constexpr uint64_t kMaxFrames = 128;
inline constexpr int kMaxArgs = 4;

enum class EventType : uint8_t {
  // The structure of the file.
  kEventBatch = 1,
  kStacks = 2,
  kStack = 3,
  kStrings = 4,
  kString = 5,
  kCPUSamples = 6,
  kCPUSample = 7,
  kFrequency = 8,
  kExperimentalBatch = 49,
  // Timed events.
  kProcsChange = 9,
  kProcStart = 10,
  kProcStop = 11,
  kProcSteal = 12,
  kProcStatus = 13,
  kGoCreate = 14,
  kGoCreateSyscall = 15,
  kGoStart = 16,
  kGoDestroy = 17,
  kGoDestroySyscall = 18,
  kGoStop = 19,
  kGoBlock = 20,
  kGoUnblock = 21,
  kGoSyscallBegin = 22,
  kGoSyscallEnd = 23,
  kGoSyscallEndBlocked = 24,
  kGoStatus = 25,
  kSTWBegin = 26,
  kSTWEnd = 27,
  kGCActive = 28,
  kGCBegin = 29,
  kGCEnd = 30,
  kGCSweepActive = 31,
  kGCSweepBegin = 32,
  kGCSweepEnd = 33,
  kGCMarkAssistActive = 34,
  kGCMarkAssistBegin = 35,
  kGCMarkAssistEnd = 36,
  kHeapAlloc = 37,
  kHeapGoal = 38,
  kGoLabel = 39,
  kUserTaskBegin = 40,
  kUserTaskEnd = 41,
  kUserRegionBegin = 42,
  kUserRegionEnd = 43,
  kUserLog = 44,
  kGoSwitch = 45,
  kGoSwitchDestroy = 46,
  kGoCreateBlocked = 47,
  kGoStatusStack = 48,
  // Of Go's experiment "alloc-free": read and passed over.
  kSpan = 128,
  kSpanAlloc = 129,
  kSpanFree = 130,
  kHeapObject = 131,
  kHeapObjectAlloc = 132,
  kHeapObjectFree = 133,
  kGoroutineStack = 134,
  kGoroutineStackAlloc = 135,
  kGoroutineStackFree = 136,
};

enum class GoStatus : uint8_t {
  kRunnable = 1,
  kRunning = 2,
  kSyscall = 3,
  kWaiting = 4,
};

enum class ProcStatus : uint8_t {
  kRunning = 1,
  kIdle = 2,
  kSyscall = 3,
  kSyscallAbandoned = 4,
};

// What the emitting thread must have. kProc: a goroutine may be there, too.
enum class Needs : uint8_t {
  kNothing,
  kThread,
  kProc,
  kGoroutine,  // a thread, a processor and a goroutine
};

struct ArgSpec {
  enum class Kind : uint8_t { kNumber, kString, kStack };
  const char* name;
  Kind kind;
};

struct EventSpec {
  EventType type;
  const char* name;
  Needs needs;
  int num_args;
  ArgSpec args[kMaxArgs];
};

// The spec of a timed event; nullptr for what is none.
const EventSpec* TimedEvent(uint8_t type);

// "GoStart"; "no timed event" for what is none.
const char* NameOf(EventType type);
const char* NameOf(GoStatus status);
const char* NameOf(ProcStatus status);

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_EVENT_H_
