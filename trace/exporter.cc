// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/trace/exporter.h"

#include <algorithm>

#include "parkour/trace/annotation.h"

namespace parkour::trace {
namespace {

uint64_t Number(GState state) {
  switch (state) {
    case GState::kRunnable:
      return 1;
    case GState::kRunning:
      return 2;
    case GState::kSyscall:
      return 3;
    case GState::kWaiting:
      break;
  }
  return 4;
}

uint64_t Number(PState state) {
  switch (state) {
    case PState::kRunning:
      return 1;
    case PState::kIdle:
      return 2;
    case PState::kSyscall:
      break;
  }
  return 3;
}

uint64_t EarliestTicks(const Recording& recording) {
  uint64_t first = ~uint64_t{0};
  for (const auto& [tid, records] : recording.streams) {
    if (!records.empty()) first = std::min(first, records.front().ticks);
  }
  return first == ~uint64_t{0} ? 0 : first;
}

}  // namespace

// Of the goroutine that did it, so far as the stack is its own.
void Exporter::NoteNames(const Recording& recording) {
  for (const auto& [tid, records] : recording.streams) {
    for (const Record& r : records) {
      const bool own = r.type == Event::kGoBlock || r.type == Event::kGoStop ||
                       r.type == Event::kSyscallBegin ||
                       (r.type >= Event::kTaskBegin && r.type <= Event::kLog);
      if (own && r.stack != 0) stack_of_.try_emplace(r.g, r.stack);
    }
  }
}

// Readers name a goroutine after the outermost function of the first stack they
// see of it. One that never shows a stack is named after its maker, as Go names
// a closure.
uint64_t Exporter::NameStack(GoGeneration* gen, uint64_t goid,
                             uint32_t maker_stack) {
  const auto it = stack_of_.find(goid);
  if (it != stack_of_.end()) {
    const std::vector<GoFrame>& frames = frames_.Of(it->second);
    if (!frames.empty()) return gen->Stack({frames.back()});
  }
  const std::vector<GoFrame>& maker = frames_.Of(maker_stack);
  const auto user = std::find_if(
      maker.begin(), maker.end(),
      [](const GoFrame& f) { return !f.function.starts_with("parkour::"); });
  if (user == maker.end()) return 0;
  GoFrame frame = *user;
  frame.function += ".func";
  frame.pc |= uint64_t{1} << 52;
  return gen->Stack({frame});
}

// What everything was doing when the generation began.
void Exporter::WriteStatus(GoGeneration* gen, uint64_t time) {
  for (const auto& [id, p] : replay_.procs()) {
    const uint64_t m = p.tid == kNoThread ? kNoM : p.tid;
    gen->Event(m, time, GoEvent::kProcStatus, {id, Number(p.state)});
  }
  for (const auto& [goid, g] : replay_.goroutines()) {
    const uint64_t m = g.tid == kNoThread ? kNoM : g.tid;
    if (g.stack != 0) stack_of_.try_emplace(goid, g.stack);
    const uint64_t stack = gen->Stack(frames_.Of(g.stack));
    gen->Event(m, time, GoEvent::kGoStatusStack,
               {goid, m, Number(g.state),
                stack != 0 ? stack : NameStack(gen, goid, 0)});
  }
}

// Readers refuse a goroutine that ends another region than its innermost; of
// those that began before the recording they know nothing.
bool Exporter::CloseRegion(uint64_t goid, const Region& region) {
  const auto it = regions_.find(goid);
  if (it == regions_.end()) return true;
  if (it->second.back() != region) return false;
  it->second.pop_back();
  if (it->second.empty()) regions_.erase(it);
  return true;
}

void Exporter::WriteAnnotation(GoGeneration* gen, uint32_t tid, const Record& r,
                               const std::string& text) {
  const Annotation a = DecodeAnnotation(text);
  const uint64_t time = Time(r.ticks);
  const uint64_t stack = gen->Stack(frames_.Of(r.stack));
  const uint64_t name = gen->String(a.name);
  switch (r.type) {
    case Event::kTaskBegin:
      gen->Event(tid, time, GoEvent::kUserTaskBegin,
                 {a.task, a.parent, name, stack});
      return;
    case Event::kTaskEnd:
      gen->Event(tid, time, GoEvent::kUserTaskEnd, {a.task, stack});
      return;
    case Event::kRegionBegin:
      regions_[r.g].push_back({a.task, a.name});
      gen->Event(tid, time, GoEvent::kUserRegionBegin, {a.task, name, stack});
      return;
    case Event::kRegionEnd:
      if (!CloseRegion(r.g, {a.task, a.name})) return;
      gen->Event(tid, time, GoEvent::kUserRegionEnd, {a.task, name, stack});
      return;
    default:
      gen->Event(tid, time, GoEvent::kUserLog,
                 {a.task, name, gen->String(a.value), stack});
  }
}

void Exporter::Write(GoGeneration* gen, uint32_t tid, const Record& r,
                     const std::string& text) {
  const uint64_t time = Time(r.ticks);
  ++events_;
  last_time_ = std::max(last_time_, time);
  const auto p_seq = [&](uint32_t seq) -> uint64_t {
    return seq - replay_.procs().at(r.p).base;
  };
  const auto g_seq = [&]() -> uint64_t {
    return r.seq - replay_.goroutines().at(r.g).base;
  };
  switch (r.type) {
    case Event::kProcStart:
      gen->Event(tid, time, GoEvent::kProcStart, {r.p, p_seq(r.seq)});
      return;
    case Event::kProcStop:
      gen->Event(tid, time, GoEvent::kProcStop, {});
      return;
    case Event::kProcSteal:
      gen->Event(tid, time, GoEvent::kProcSteal, {r.p, p_seq(r.seq), r.arg});
      return;
    case Event::kGoCreate:
      if (r.p == kNoProc) {
        // A thread without a P may not create one, but may be one that comes
        // from a system call and finds no P: it leaves a runnable goroutine.
        gen->Event(tid, time, GoEvent::kGoCreateSyscall, {r.g});
        gen->Event(tid, time, GoEvent::kGoSyscallEndBlocked, {});
        return;
      }
      gen->Event(
          tid, time, GoEvent::kGoCreate,
          {r.g, NameStack(gen, r.g, r.stack), gen->Stack(frames_.Of(r.stack))});
      return;
    case Event::kGoStart:
      gen->Event(tid, time, GoEvent::kGoStart, {r.g, g_seq()});
      return;
    case Event::kGoDestroy:
      stack_of_.erase(r.g);
      regions_.erase(r.g);
      gen->Event(tid, time, GoEvent::kGoDestroy, {});
      return;
    case Event::kGoStop:
    case Event::kGoBlock:
      gen->Event(
          tid, time,
          r.type == Event::kGoStop ? GoEvent::kGoStop : GoEvent::kGoBlock,
          {gen->String(ReasonString(r.reason)),
           gen->Stack(frames_.Of(r.stack))});
      return;
    case Event::kGoUnblock:
      gen->Event(tid, time, GoEvent::kGoUnblock,
                 {r.g, g_seq(), gen->Stack(frames_.Of(r.stack))});
      return;
    case Event::kSyscallBegin:
      gen->Event(tid, time, GoEvent::kGoSyscallBegin,
                 {p_seq(r.arg), gen->Stack(frames_.Of(r.stack))});
      return;
    case Event::kSyscallEnd:
      gen->Event(tid, time, GoEvent::kGoSyscallEnd, {});
      return;
    case Event::kSyscallEndBlocked:
      gen->Event(tid, time, GoEvent::kGoSyscallEndBlocked, {});
      return;
    default:
      WriteAnnotation(gen, tid, r, text);
  }
}

std::string Exporter::Generation(Recording* recording) {
  GoGeneration gen(++generation_, options_.ticks_per_second);
  if (generation_ == 1) replay_.DeriveStart(*recording);
  NoteNames(*recording);
  replay_.AddNewProcs(*recording);
  replay_.BeginGeneration();
  WriteStatus(&gen, std::max(last_time_, Time(EarliestTicks(*recording))));
  replay_.Run(recording,
              [&](uint32_t tid, const Record& r, const std::string& text) {
                Write(&gen, tid, r, text);
              });
  return gen.Finish();
}

namespace {

// Drops what lies before the horizon, and text that has lost its record.
void Cut(Recording* recording, uint64_t horizon) {
  for (auto& [tid, records] : recording->streams) {
    size_t n = 0;
    while (n < records.size() &&
           (records[n].type == Event::kText || records[n].ticks <= horizon)) {
      ++n;
    }
    records.erase(records.begin(), records.begin() + static_cast<ptrdiff_t>(n));
  }
}

}  // namespace

std::string ExportAll(Exporter* exporter, Recording recording) {
  Cut(&recording, recording.horizon);
  std::string file(exporter->Begin());
  file += exporter->Generation(&recording);
  return file;
}

}  // namespace parkour::trace
