// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/event.h"

#include <array>

namespace parkour {
namespace parktrace {
namespace {

constexpr ArgSpec Num(const char* name) {
  return {name, ArgSpec::Kind::kNumber};
}
constexpr ArgSpec Str(const char* name) {
  return {name, ArgSpec::Kind::kString};
}
constexpr ArgSpec kStack = {"stack", ArgSpec::Kind::kStack};
constexpr ArgSpec kStartStack = {"new_stack", ArgSpec::Kind::kStack};

using E = EventType;

// What an event needs is checked by its own rule where it says kNothing and is
// no status: the rule has more to say than the table.
constexpr EventSpec kSpecs[] = {
    {E::kProcsChange, "ProcsChange", Needs::kGoroutine, 2, {Num("n"), kStack}},
    {E::kProcStart, "ProcStart", Needs::kNothing, 2, {Num("p"), Num("p_seq")}},
    {E::kProcStop, "ProcStop", Needs::kProc, 0, {}},
    {E::kProcSteal,
     "ProcSteal",
     Needs::kNothing,
     3,
     {Num("p"), Num("p_seq"), Num("m")}},
    {E::kProcStatus,
     "ProcStatus",
     Needs::kNothing,
     2,
     {Num("p"), Num("status")}},
    {E::kGoCreate,
     "GoCreate",
     Needs::kProc,
     3,
     {Num("new_g"), kStartStack, kStack}},
    {E::kGoCreateSyscall, "GoCreateSyscall", Needs::kThread, 1, {Num("new_g")}},
    {E::kGoStart, "GoStart", Needs::kNothing, 2, {Num("g"), Num("g_seq")}},
    {E::kGoDestroy, "GoDestroy", Needs::kGoroutine, 0, {}},
    {E::kGoDestroySyscall, "GoDestroySyscall", Needs::kThread, 0, {}},
    {E::kGoStop, "GoStop", Needs::kGoroutine, 2, {Str("reason"), kStack}},
    {E::kGoBlock, "GoBlock", Needs::kGoroutine, 2, {Str("reason"), kStack}},
    {E::kGoUnblock,
     "GoUnblock",
     Needs::kNothing,
     3,
     {Num("g"), Num("g_seq"), kStack}},
    {E::kGoSyscallBegin,
     "GoSyscallBegin",
     Needs::kGoroutine,
     2,
     {Num("p_seq"), kStack}},
    {E::kGoSyscallEnd, "GoSyscallEnd", Needs::kGoroutine, 0, {}},
    {E::kGoSyscallEndBlocked, "GoSyscallEndBlocked", Needs::kNothing, 0, {}},
    {E::kGoStatus,
     "GoStatus",
     Needs::kNothing,
     3,
     {Num("g"), Num("m"), Num("status")}},
    {E::kSTWBegin, "STWBegin", Needs::kGoroutine, 2, {Str("kind"), kStack}},
    {E::kSTWEnd, "STWEnd", Needs::kGoroutine, 0, {}},
    {E::kGCActive, "GCActive", Needs::kNothing, 1, {Num("gc_seq")}},
    {E::kGCBegin, "GCBegin", Needs::kNothing, 2, {Num("gc_seq"), kStack}},
    {E::kGCEnd, "GCEnd", Needs::kNothing, 1, {Num("gc_seq")}},
    {E::kGCSweepActive, "GCSweepActive", Needs::kNothing, 1, {Num("p")}},
    {E::kGCSweepBegin, "GCSweepBegin", Needs::kProc, 1, {kStack}},
    {E::kGCSweepEnd,
     "GCSweepEnd",
     Needs::kProc,
     2,
     {Num("swept"), Num("reclaimed")}},
    {E::kGCMarkAssistActive,
     "GCMarkAssistActive",
     Needs::kNothing,
     1,
     {Num("g")}},
    {E::kGCMarkAssistBegin,
     "GCMarkAssistBegin",
     Needs::kGoroutine,
     1,
     {kStack}},
    {E::kGCMarkAssistEnd, "GCMarkAssistEnd", Needs::kGoroutine, 0, {}},
    {E::kHeapAlloc, "HeapAlloc", Needs::kProc, 1, {Num("bytes")}},
    {E::kHeapGoal, "HeapGoal", Needs::kProc, 1, {Num("bytes")}},
    {E::kGoLabel, "GoLabel", Needs::kGoroutine, 1, {Str("label")}},
    {E::kUserTaskBegin,
     "UserTaskBegin",
     Needs::kGoroutine,
     4,
     {Num("task"), Num("parent"), Str("name"), kStack}},
    {E::kUserTaskEnd,
     "UserTaskEnd",
     Needs::kGoroutine,
     2,
     {Num("task"), kStack}},
    {E::kUserRegionBegin,
     "UserRegionBegin",
     Needs::kGoroutine,
     3,
     {Num("task"), Str("name"), kStack}},
    {E::kUserRegionEnd,
     "UserRegionEnd",
     Needs::kGoroutine,
     3,
     {Num("task"), Str("name"), kStack}},
    {E::kUserLog,
     "UserLog",
     Needs::kGoroutine,
     4,
     {Num("task"), Str("key"), Str("value"), kStack}},
    {E::kGoSwitch, "GoSwitch", Needs::kGoroutine, 2, {Num("g"), Num("g_seq")}},
    {E::kGoSwitchDestroy,
     "GoSwitchDestroy",
     Needs::kGoroutine,
     2,
     {Num("g"), Num("g_seq")}},
    {E::kGoCreateBlocked,
     "GoCreateBlocked",
     Needs::kProc,
     3,
     {Num("new_g"), kStartStack, kStack}},
    {E::kGoStatusStack,
     "GoStatusStack",
     Needs::kNothing,
     4,
     {Num("g"), Num("m"), Num("status"), kStack}},
    {E::kSpan,
     "Span",
     Needs::kThread,
     3,
     {Num("id"), Num("npages"), Num("class")}},
    {E::kSpanAlloc,
     "SpanAlloc",
     Needs::kThread,
     3,
     {Num("id"), Num("npages"), Num("class")}},
    {E::kSpanFree, "SpanFree", Needs::kThread, 1, {Num("id")}},
    {E::kHeapObject, "HeapObject", Needs::kThread, 2, {Num("id"), Num("type")}},
    {E::kHeapObjectAlloc,
     "HeapObjectAlloc",
     Needs::kThread,
     2,
     {Num("id"), Num("type")}},
    {E::kHeapObjectFree, "HeapObjectFree", Needs::kThread, 1, {Num("id")}},
    {E::kGoroutineStack,
     "GoroutineStack",
     Needs::kThread,
     2,
     {Num("id"), Num("order")}},
    {E::kGoroutineStackAlloc,
     "GoroutineStackAlloc",
     Needs::kThread,
     2,
     {Num("id"), Num("order")}},
    {E::kGoroutineStackFree,
     "GoroutineStackFree",
     Needs::kThread,
     1,
     {Num("id")}},
};

constexpr std::array<const EventSpec*, 256> ByType() {
  std::array<const EventSpec*, 256> result{};
  for (const EventSpec& spec : kSpecs) {
    result[static_cast<uint8_t>(spec.type)] = &spec;
  }
  return result;
}
constexpr std::array<const EventSpec*, 256> kByType = ByType();

}  // namespace

const EventSpec* TimedEvent(uint8_t type) { return kByType[type]; }

const char* NameOf(EventType type) {
  const EventSpec* spec = TimedEvent(static_cast<uint8_t>(type));
  if (spec != nullptr) return spec->name;
  return type == EventType::kCPUSample ? "CPUSample" : "no timed event";
}

const char* NameOf(GoStatus status) {
  switch (status) {
    case GoStatus::kRunnable:
      return "runnable";
    case GoStatus::kRunning:
      return "running";
    case GoStatus::kSyscall:
      return "in a syscall";
    case GoStatus::kWaiting:
      return "waiting";
  }
  return "in no known state";
}

const char* NameOf(ProcStatus status) {
  switch (status) {
    case ProcStatus::kRunning:
      return "running";
    case ProcStatus::kIdle:
      return "idle";
    case ProcStatus::kSyscall:
      return "in a syscall";
    case ProcStatus::kSyscallAbandoned:
      return "in an abandoned syscall";
  }
  return "in no known state";
}

}  // namespace parktrace
}  // namespace parkour
