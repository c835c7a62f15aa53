// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// record.h: one event of the scheduler, as the recorder keeps it: 32 bytes of
// fixed shape, so that writing one costs a clock read and a few stores. What
// the file format wants beyond that is worked out when a trace is written.
//
// Event            g, seq           p             arg, stack
// ProcStart        -, p's           its number
// ProcStop         -, p's           its number
// ProcSteal        -, p's           its number    arg: the victim's thread
// GoCreate         the new, 0       the maker's   stack: the maker's
// GoStart          it, its new      the M's
// GoDestroy        it, its          the M's
// GoStop, GoBlock  it, its          the M's       reason, stack
// GoUnblock        the woken, new   the M's       stack: the waker's
// SyscallBegin     it, its          the M's       arg: p's new; stack
// SyscallEnd       it, its          the M's       arg: p's
// SyscallEndBlocked it, its         kNoProc
// TaskBegin        it, its          the M's       arg, then text: see below
// ...
// A goroutine's sequence number grows with GoStart and GoUnblock, a P's with
// ProcStart, ProcSteal and SyscallBegin; whoever makes such a transition owns
// the number. The others carry it as it is, so that the records of a G or a P
// can be put in order without the clock.
//
// TaskBegin, TaskEnd, RegionBegin, RegionEnd and Log are followed by Text
// records, which hold an encoded Annotation (annotation.h).
//
// See: Go: src/internal/trace/event/go122/event.go

#ifndef PARKOUR_TRACE_RECORD_H_
#define PARKOUR_TRACE_RECORD_H_

#include <cstddef>
#include <cstdint>

namespace parkour::trace {

enum class Event : uint8_t {
  kNone,
  kProcStart,
  kProcStop,
  kProcSteal,
  kGoCreate,
  kGoStart,
  kGoDestroy,
  kGoStop,
  kGoBlock,
  kGoUnblock,
  kSyscallBegin,
  kSyscallEnd,
  kSyscallEndBlocked,
  kTaskBegin,
  kTaskEnd,
  kRegionBegin,
  kRegionEnd,
  kLog,
  kText,
};

// Why a goroutine stopped; the words are Go's, which its tools know.
enum class Reason : uint8_t {
  kNone,
  kForever,
  kNetwork,
  kSelect,
  kCond,
  kSync,
  kChanSend,
  kChanReceive,
  kSleep,
  kGosched,
  kPreempted,
};

inline constexpr uint16_t kNoProc = 0xffff;

struct Record {
  uint64_t ticks;
  uint64_t g;
  uint32_t seq;
  uint32_t stack;
  uint32_t arg;
  uint16_t p;
  Event type;
  Reason reason;
};
static_assert(sizeof(Record) == 32);

// A Text record: bytes instead of all but the last two members, of which
// `reason` is the number of bytes.
inline constexpr size_t kTextBytes = offsetof(Record, type);

// Static storage; "" for kNone.
const char* ReasonString(Reason reason);

}  // namespace parkour::trace

#endif  // PARKOUR_TRACE_RECORD_H_
