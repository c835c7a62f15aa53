// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tracing/snapshot.h"

#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/stackwalk.h"
#include "parkour/runtime/start.h"
#include "parkour/trace/stack_table.h"

namespace parkour::trace {
namespace {

using runtime::G;
using runtime::M;
using runtime::P;

struct {
  uint64_t ticks;
  int64_t ns;
} start;

// Less would be too short to measure by.
constexpr int64_t kMinBaseline = 2000000;

uint32_t ThreadOf(const G* gp) {
  const M* const m = gp->m.load(base::kRelaxed);
  return m == nullptr ? kNoThread
                      : static_cast<uint32_t>(m->tid.load(base::kRelaxed));
}

uint32_t ParkedStack(const G* gp) {
  uintptr_t pcs[kMaxStackDepth];
  return InternStack(pcs, runtime::walkParked(gp, pcs, kMaxStackDepth));
}

void AddOne(G* gp, void* arg) {
  ReplayG g;
  g.seq = gp->trace_seq.load(base::kRelaxed);
  switch (runtime::readgstatus(gp)) {
    case runtime::kGidle:
    case runtime::kGdead:
      return;
    case runtime::kGrunnable:
      g.state = GState::kRunnable;
      g.stack = ParkedStack(gp);
      break;
    case runtime::kGwaiting:
      g.state = GState::kWaiting;
      g.stack = ParkedStack(gp);
      break;
    case runtime::kGrunning:
      g.state = GState::kRunning;
      g.tid = ThreadOf(gp);
      break;
    case runtime::kGsyscall:
      g.state = GState::kSyscall;
      g.tid = ThreadOf(gp);
      break;
  }
  static_cast<Snapshot*>(arg)->goroutines.emplace_back(
      gp->goid.load(base::kRelaxed), g);
}

void GlanceAtOne(G* gp, void* arg) {
  if (runtime::readgstatus(gp) == runtime::kGwaiting) AddOne(gp, arg);
}

void GlanceAtState(G* gp, void* arg) {
  if (runtime::readgstatus(gp) != runtime::kGwaiting) return;
  ReplayG g;
  g.state = GState::kWaiting;
  g.seq = gp->trace_seq.load(base::kRelaxed);
  static_cast<Snapshot*>(arg)->goroutines.emplace_back(
      gp->goid.load(base::kRelaxed), g);
}

void AddProcs(Snapshot* snapshot) {
  const M* const self = runtime::getm();
  const int32_t n = runtime::sched.gomaxprocs.load();
  for (int32_t i = 0; i < n; ++i) {
    const P* const p = runtime::allp(i);
    ReplayP state;
    state.seq = p->trace_seq;
    state.seq_known = true;
    if (self != nullptr && self->p == p) {
      state.state = PState::kRunning;
      state.tid = static_cast<uint32_t>(self->tid.load(base::kRelaxed));
    }
    snapshot->procs.emplace_back(static_cast<uint16_t>(i), state);
  }
}

}  // namespace

void Snapshot::AddTo(Exporter* exporter) const {
  for (const auto& [id, p] : procs) exporter->AddProc(id, p);
  for (const auto& [goid, g] : goroutines) exporter->AddGoroutine(goid, g);
}

Snapshot TakeSnapshot() {
  Snapshot snapshot;
  AddProcs(&snapshot);
  runtime::ForEachG(AddOne, &snapshot);
  return snapshot;
}

Snapshot GlanceAtParked(bool still) {
  Snapshot snapshot;
  runtime::ForEachG(still ? GlanceAtOne : GlanceAtState, &snapshot);
  return snapshot;
}

WorldStop::WorldStop() : ended_(runtime::worldEnded()) {
  if (!ended_) runtime::stopTheWorld();
}

WorldStop::~WorldStop() {
  if (!ended_) runtime::startTheWorld();
}

void StartClock() {
  start.ns = base::nanotime();
  start.ticks = base::cputicks();
}

uint64_t TicksPerSecond() {
  int64_t ns = base::nanotime() - start.ns;
  if (ns < kMinBaseline) {
    base::SleepFor(kMinBaseline - ns);
    ns = base::nanotime() - start.ns;
  }
  const double ticks = static_cast<double>(base::cputicks() - start.ticks);
  return static_cast<uint64_t>(ticks / static_cast<double>(ns) * 1e9);
}

}  // namespace parkour::trace
