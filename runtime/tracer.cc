// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Some events are also static probes, nops until somebody attaches; only while
// something records:
//   bpftrace -e 'usdt:./server:parkour:go_block { @[arg1] = count(); }'

#include "parkour/runtime/tracer.h"

#include <sys/sdt.h>

#include "parkour/base/clock.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/stackwalk.h"
#include "parkour/trace/stack_table.h"

namespace parkour::runtime::tracer {
namespace {

using trace::Event;
using trace::Reason;
using trace::Record;

// Of the one thread that meets the scheduler without an M: sysmon.
trace::Stream sysmon_stream;

trace::Stream* streamOf(M* m) {
  if (m != nullptr) return &m->trace;
  if (sysmon_stream.thread() == 0) sysmon_stream.SetThread(base::ThreadId());
  return &sysmon_stream;
}

uint16_t procOf(const M* m) {
  return m == nullptr || m->p == nullptr ? trace::kNoProc
                                         : static_cast<uint16_t>(m->p->id);
}

// The calling goroutine's stack; none on g0. The walk begins at the caller's
// caller: frames of this file are not part of anybody's story.
__attribute__((noinline)) uint32_t stackHere(const G* gp) {
  uintptr_t pcs[trace::kMaxStackDepth];
  return trace::InternStack(pcs, walkOwn(gp, pcs, trace::kMaxStackDepth));
}

Reason reasonOf(WaitReason reason) {
  switch (reason) {
    case WaitReason::kIOWait:
      return Reason::kNetwork;
    case WaitReason::kChanReceive:
      return Reason::kChanReceive;
    case WaitReason::kChanSend:
      return Reason::kChanSend;
    case WaitReason::kChanReceiveNil:
    case WaitReason::kChanSendNil:
    case WaitReason::kSelectNoCases:
      return Reason::kForever;
    case WaitReason::kSelect:
      return Reason::kSelect;
    case WaitReason::kSleep:
      return Reason::kSleep;
    case WaitReason::kSyncCondWait:
      return Reason::kCond;
    default:
      return Reason::kSync;
  }
}

// Of a goroutine that m runs, or whose number is the caller's.
void append(M* m, Event type, G* gp, uint32_t stack, Reason reason,
            uint32_t arg = 0) {
  streamOf(m)->Append({base::cputicks(), gp->goid.load(base::kRelaxed),
                       gp->trace_seq.load(base::kRelaxed), stack, arg,
                       procOf(m), type, reason});
}

// One writer at a time.
void next(G* gp) {
  gp->trace_seq.store(gp->trace_seq.load(base::kRelaxed) + 1, base::kRelaxed);
}

void appendProc(trace::Stream* stream, Event type, const P* p,
                uint32_t arg = 0) {
  stream->Append({base::cputicks(), 0, p->trace_seq, 0, arg,
                  static_cast<uint16_t>(p->id), type, Reason::kNone});
}

}  // namespace

void ProcStart(M* m, P* p) {
  ++p->trace_seq;
  appendProc(&m->trace, Event::kProcStart, p);
}

void ProcStop(M* m, P* p) { appendProc(&m->trace, Event::kProcStop, p); }

void ProcSteal(P* p) {
  ++p->trace_seq;
  appendProc(streamOf(getm()), Event::kProcSteal, p, p->trace_syscall_tid);
}

void GoCreate(M* m, G* gp) {
  DTRACE_PROBE1(parkour, go_create, gp->goid.load(base::kRelaxed));
  append(m, Event::kGoCreate, gp, stackHere(m->curg), Reason::kNone);
}

void GoStart(M* m, G* gp) {
  next(gp);
  DTRACE_PROBE2(parkour, go_start, gp->goid.load(base::kRelaxed), procOf(m));
  append(m, Event::kGoStart, gp, 0, Reason::kNone);
}

void GoStop(M* m, G* gp, Reason reason) {
  append(m, Event::kGoStop, gp, stackHere(gp), reason);
}

void GoBlock(M* m, G* gp) {
  DTRACE_PROBE2(parkour, go_block, gp->goid.load(base::kRelaxed),
                static_cast<int>(gp->waitreason.load(base::kRelaxed)));
  append(m, Event::kGoBlock, gp, stackHere(gp),
         reasonOf(gp->waitreason.load(base::kRelaxed)));
}

void GoDestroy(M* m, G* gp) {
  DTRACE_PROBE1(parkour, go_destroy, gp->goid.load(base::kRelaxed));
  append(m, Event::kGoDestroy, gp, 0, Reason::kNone);
}

void GoUnblock(G* gp) {
  if (gp->proxy) return;
  M* const m = getm();
  next(gp);
  DTRACE_PROBE1(parkour, go_unblock, gp->goid.load(base::kRelaxed));
  append(m, Event::kGoUnblock, gp, m == nullptr ? 0 : stackHere(m->curg),
         Reason::kNone);
}

// By m itself, or by the retaker that has stopped it.
void SyscallBegin(M* m, G* gp, P* p) {
  const bool own = getm() == m;
  ++p->trace_seq;
  append(m, Event::kSyscallBegin, gp, own ? stackHere(gp) : 0, Reason::kNone,
         p->trace_seq);
}

void SyscallEnd(M* m, G* gp, P* p) {
  append(m, Event::kSyscallEnd, gp, 0, Reason::kNone, p->trace_seq);
}

void SyscallEndBlocked(M* m, G* gp) {
  append(m, Event::kSyscallEndBlocked, gp, 0, Reason::kNone);
}

void Annotate(Event event, std::string_view text) {
  RuntimeScope in;
  M* const m = getm();
  if (m->proxy || m->curg == nullptr) return;
  m->trace.AppendWithText(
      {base::cputicks(), m->curg->goid.load(base::kRelaxed),
       m->curg->trace_seq.load(base::kRelaxed), stackHere(m->curg), 0,
       procOf(m), event, Reason::kNone},
      text);
}

}  // namespace parkour::runtime::tracer
