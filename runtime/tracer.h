// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// tracer.h: what the scheduler tells the recorder (room trace): one function
// for each transition, which costs a predictable branch while nothing records.
//
// Dance (trace). Readers put the events of different threads in order by state
// and sequence numbers, so each event has its place between the transitions
// that it reports:
//   * GoBlock, GoStop and GoDestroy: by the M that still runs the goroutine,
//     before it chooses the next one. A park that is called off afterwards
//     reports a wake-up of itself (parkHook).
//   * GoUnblock: by whoever won the change from waiting, before the goroutine
//     is in any queue; until then the number is that waker's alone. If the
//     scavenger holds the goroutine it queues it, and reports.
//   * ProcStart and ProcStop: in acquirep and releasep. A system call leaves
//     the P with its M, in the readers' eyes: whoever takes it reports
//     ProcSteal; the M says on return which of the two happened.
//   * A P taken from user code: the retaker writes "enters a system call" into
//     the M's own stream, which is its own to write as long as it holds the
//     retake lock and the M is out (enter.h), and then steals.
// The numbers live in G and P and are written by the owner of the transition.
//
// See: Go: src/runtime/traceruntime.go

#ifndef PARKOUR_RUNTIME_TRACER_H_
#define PARKOUR_RUNTIME_TRACER_H_

#include <cstdint>
#include <string_view>

#include "parkour/runtime/g.h"
#include "parkour/runtime/m.h"
#include "parkour/runtime/p.h"
#include "parkour/trace/record.h"
#include "parkour/trace/recorder.h"

namespace parkour::runtime {

namespace tracer {

void ProcStart(M* m, P* p);
void ProcStop(M* m, P* p);
void ProcSteal(P* p);
void GoCreate(M* m, G* gp);
void GoStart(M* m, G* gp);
void GoStop(M* m, G* gp, trace::Reason reason);
void GoBlock(M* m, G* gp);
void GoDestroy(M* m, G* gp);
void GoUnblock(G* gp);
void SyscallBegin(M* m, G* gp, P* p);
void SyscallEnd(M* m, G* gp, P* p);
void SyscallEndBlocked(M* m, G* gp);
void Annotate(trace::Event event, std::string_view text);

}  // namespace tracer

// p begins to belong to m. By m.
inline void traceProcStart(M* m, P* p) {
  if (trace::On()) tracer::ProcStart(m, p);
}
// m gives p up. By m.
inline void traceProcStop(M* m, P* p) {
  if (trace::On()) tracer::ProcStop(m, p);
}
// The caller has just taken p from an M in a system call.
inline void traceProcSteal(P* p) {
  if (trace::On()) tracer::ProcSteal(p);
}
// gp is new, and in no queue yet.
inline void traceGoCreate(M* m, G* gp) {
  if (trace::On()) tracer::GoCreate(m, gp);
}
inline void traceGoStart(M* m, G* gp) {
  if (trace::On()) tracer::GoStart(m, gp);
}
// m's goroutine is about to yield, to park (its wait reason is set), to end.
inline void traceGoStop(M* m, G* gp, trace::Reason reason) {
  if (trace::On()) tracer::GoStop(m, gp, reason);
}
inline void traceGoBlock(M* m, G* gp) {
  if (trace::On()) tracer::GoBlock(m, gp);
}
inline void traceGoDestroy(M* m, G* gp) {
  if (trace::On()) tracer::GoDestroy(m, gp);
}
// gp has just become runnable by the caller, and is in no queue.
inline void traceGoUnblock(G* gp) {
  if (trace::On()) tracer::GoUnblock(gp);
}
// gp, on m, leaves p to whoever wants it. Whoever takes it may report that when
// this was not recorded.
inline void traceSyscallBegin(M* m, G* gp, P* p) {
  p->trace_syscall_tid = m->trace.thread();
  if (trace::On()) tracer::SyscallBegin(m, gp, p);
}
// gp is back: nobody took p; or somebody did, and gp needs another.
inline void traceSyscallEnd(M* m, G* gp, P* p) {
  if (trace::On()) tracer::SyscallEnd(m, gp, p);
}
inline void traceSyscallEndBlocked(M* m, G* gp) {
  if (trace::On()) tracer::SyscallEndBlocked(m, gp);
}

// wakeg for those who queue the goroutine themselves, and the event with it.
inline bool wakegTraced(G* gp) {
  if (!wakeg(gp)) return false;
  traceGoUnblock(gp);
  return true;
}

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_TRACER_H_
