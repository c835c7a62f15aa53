// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/trace/replay.h"

#include <algorithm>
#include <string>

namespace parkour::trace {
namespace {

bool IsProcEvent(Event e) {
  return e == Event::kProcStart || e == Event::kProcStop ||
         e == Event::kProcSteal;
}

// The number that orders a P's records, for those that carry it.
bool ProcSeq(const Record& r, uint32_t* seq) {
  if (IsProcEvent(r.type)) {
    *seq = r.seq;
    return true;
  }
  if (r.type == Event::kSyscallBegin || r.type == Event::kSyscallEnd) {
    *seq = r.arg;
    return true;
  }
  return false;
}

// The first record of each G or P, and whose thread's it is.
struct First {
  const Record* record;
  uint32_t tid;
  uint32_t seq;
  bool exact;  // P: seq is its number; else any record with it on this P
};

template <typename K>
void Note(std::map<K, First>* firsts, K key, const First& f) {
  auto [it, is_new] = firsts->try_emplace(key, f);
  if (is_new) return;
  First& old = it->second;
  if (f.exact != old.exact
          ? f.exact
          : f.exact && static_cast<int32_t>(f.seq - old.seq) < 0) {
    old = f;
  }
}

}  // namespace

void Replay::AddGoroutine(uint64_t goid, const ReplayG& g) {
  ReplayG& mine = gs_.insert_or_assign(goid, g).first->second;
  mine.seen = true;
  if (g.tid != kNoThread) ms_[g.tid].g = goid;
}

void Replay::AddProc(uint16_t id, const ReplayP& p) {
  ps_.insert_or_assign(id, p);
  if (p.tid != kNoThread) ms_[p.tid].p = id;
}

// Everything but Start, Unblock and Create comes from the thread that runs it.
void Replay::DeriveG(uint64_t goid, const Record& first, uint32_t tid) {
  ReplayG& g = gs_[goid];
  if (g.tid != kNoThread && ms_[g.tid].g == goid) ms_[g.tid].g = 0;
  if (first.type == Event::kGoCreate) {
    gs_.erase(goid);
    return;
  }
  g.seen = false;
  g.tid = kNoThread;
  g.seq = first.seq;
  if (first.type == Event::kGoStart) {
    g.state = GState::kRunnable;
    --g.seq;
  } else if (first.type == Event::kGoUnblock) {
    g.state = GState::kWaiting;
    --g.seq;
  } else {
    g.state = first.type == Event::kSyscallEnd ||
                      first.type == Event::kSyscallEndBlocked
                  ? GState::kSyscall
                  : GState::kRunning;
    g.tid = tid;
    ms_[tid].g = goid;
  }
}

void Replay::DeriveP(uint16_t id, const Record& first, uint32_t tid) {
  ReplayP& p = ps_[id];
  if (p.tid != kNoThread && ms_[p.tid].p == id) ms_[p.tid].p = kNoProc;
  p.seq_known = ProcSeq(first, &p.seq);
  p.state = PState::kRunning;
  p.tid = tid;
  if (first.type == Event::kProcStart) {
    p.state = PState::kIdle;
    p.tid = kNoThread;
    --p.seq;
    return;
  }
  if (first.type == Event::kProcSteal) {
    p.state = PState::kSyscall;
    p.tid = first.arg;
    --p.seq;
  } else if (first.type == Event::kSyscallBegin) {
    --p.seq;
  } else if (first.type == Event::kSyscallEnd) {
    p.state = PState::kSyscall;
  }
  ms_[p.tid].p = id;
}

void Replay::DeriveStart(const Recording& recording) {
  std::map<uint64_t, First> gs;
  std::map<uint16_t, First> ps;
  for (const auto& [tid, records] : recording.streams) {
    for (const Record& r : records) {
      if (r.type == Event::kNone || r.type == Event::kText) continue;
      uint32_t seq = 0;
      const bool exact = ProcSeq(r, &seq);
      if (r.p != kNoProc) Note(&ps, r.p, {&r, tid, seq, exact});
      if (!IsProcEvent(r.type)) Note(&gs, r.g, {&r, tid, r.seq, true});
    }
  }
  // Goroutines first: that a thread runs one says that it has its P.
  for (const auto& [goid, first] : gs) {
    DeriveG(goid, *first.record, first.tid);
  }
  for (const auto& [id, first] : ps) DeriveP(id, *first.record, first.tid);
}

void Replay::AddNewProcs(const Recording& recording) {
  for (const auto& [tid, records] : recording.streams) {
    for (const Record& r : records) {
      const bool has_proc = r.type != Event::kNone && r.type != Event::kText;
      if (has_proc && r.p != kNoProc) ps_.try_emplace(r.p);
    }
  }
}

void Replay::BeginGeneration() {
  for (auto& [goid, g] : gs_) g.base = g.seq;
  for (auto& [id, p] : ps_) p.base = p.seq;
}

bool Replay::NextOf(ReplayP* p, uint32_t seq) {
  if (p->seq_known && seq != p->seq + 1) return false;
  if (!p->seq_known) p->base = seq - 1;
  p->seq = seq;
  p->seq_known = true;
  return true;
}

bool Replay::AdvanceProc(ReplayM* m, uint32_t tid, const Record& r) {
  ReplayP& p = ps_[r.p];
  if (r.type == Event::kProcStop) {
    if (m->p != r.p) return false;
    m->p = kNoProc;
    p.state = PState::kIdle;
    p.tid = kNoThread;
    return true;
  }
  if (r.type == Event::kProcSteal) {
    if (p.state != PState::kSyscall || p.tid != r.arg || !NextOf(&p, r.seq)) {
      return false;
    }
    ms_[r.arg].p = kNoProc;
    p.state = PState::kIdle;
    p.tid = kNoThread;
    return true;
  }
  if (p.state != PState::kIdle || m->p != kNoProc || !NextOf(&p, r.seq)) {
    return false;
  }
  m->p = r.p;
  p.state = PState::kRunning;
  p.tid = tid;
  return true;
}

bool Replay::AdvanceCreate(const Record& r) {
  ReplayG fresh;
  fresh.state = GState::kRunnable;
  return gs_.try_emplace(r.g, fresh).second;
}

bool Replay::AdvanceSyscall(ReplayM* m, uint32_t tid, const Record& r) {
  if (m->g != r.g) return false;
  ReplayG& g = gs_[r.g];
  if (r.type == Event::kSyscallBegin) {
    if (g.state != GState::kRunning || m->p != r.p) return false;
    ReplayP& p = ps_[r.p];
    if (!NextOf(&p, r.arg)) return false;
    p.state = PState::kSyscall;
    p.tid = tid;
    g.state = GState::kSyscall;
    return true;
  }
  if (g.state != GState::kSyscall) return false;
  const bool holds = m->p != kNoProc && ps_[m->p].state == PState::kSyscall;
  if (r.type == Event::kSyscallEnd) {
    if (!holds || m->p != r.p) return false;
    ps_[m->p].state = PState::kRunning;
    g.state = GState::kRunning;
    return true;
  }
  if (holds) return false;
  g.state = GState::kRunnable;
  g.tid = kNoThread;
  m->g = 0;
  return true;
}

// Events of the goroutine that the thread runs.
bool Replay::AdvanceRunning(ReplayM* m, uint32_t, const Record& r) {
  if (m->g != r.g || m->p == kNoProc) return false;
  const auto it = gs_.find(r.g);
  if (it == gs_.end() || it->second.state != GState::kRunning) return false;
  switch (r.type) {
    case Event::kGoDestroy:
      gs_.erase(it);
      m->g = 0;
      break;
    case Event::kGoStop:
    case Event::kGoBlock:
      it->second.state =
          r.type == Event::kGoStop ? GState::kRunnable : GState::kWaiting;
      it->second.tid = kNoThread;
      it->second.stack = r.stack;
      m->g = 0;
      break;
    default:  // the user's own
      break;
  }
  return true;
}

bool Replay::AdvanceG(ReplayM* m, uint32_t tid, const Record& r) {
  switch (r.type) {
    case Event::kProcStart:
    case Event::kProcStop:
    case Event::kProcSteal:
      return AdvanceProc(m, tid, r);
    case Event::kGoCreate:
      return AdvanceCreate(r);
    case Event::kGoStart: {
      const auto it = gs_.find(r.g);
      if (it == gs_.end() || it->second.state != GState::kRunnable ||
          r.seq != it->second.seq + 1 || m->g != 0 || m->p == kNoProc) {
        return false;
      }
      it->second.state = GState::kRunning;
      it->second.stack = 0;
      it->second.seq = r.seq;
      it->second.tid = tid;
      m->g = r.g;
      return true;
    }
    case Event::kGoUnblock: {
      const auto it = gs_.find(r.g);
      if (it == gs_.end() || it->second.state != GState::kWaiting ||
          r.seq != it->second.seq + 1) {
        return false;
      }
      it->second.state = GState::kRunnable;
      it->second.seq = r.seq;
      return true;
    }
    case Event::kSyscallBegin:
    case Event::kSyscallEnd:
    case Event::kSyscallEndBlocked:
      return AdvanceSyscall(m, tid, r);
    default:
      return AdvanceRunning(m, tid, r);
  }
}

// A thread that a stop of the world does not stop changes a goroutine's state
// first and reports it second; a snapshot may fall in between.
bool Replay::Known(const Record& r) {
  const auto it = gs_.find(r.g);
  if (it == gs_.end() || !it->second.seen) return false;
  ReplayG& g = it->second;
  g.seen = false;
  if (g.state != GState::kRunnable) return false;
  if (r.type == Event::kGoCreate) {
    g.seq = g.base = 0;
    return true;
  }
  if (r.type == Event::kGoUnblock && r.seq == g.seq + 1) {
    ++g.seq;
    ++g.base;
    return true;
  }
  return r.type == Event::kSyscallEndBlocked;
}

Replay::Step Replay::Advance(uint32_t tid, const Record& r) {
  if (!IsProcEvent(r.type) && Known(r)) return Step::kKnown;
  return AdvanceG(&ms_[tid], tid, r) ? Step::kDone : Step::kNotYet;
}

namespace internal {

std::vector<Cursor> Cursors(Recording* recording) {
  std::vector<Cursor> cursors;
  for (auto& [tid, records] : recording->streams) {
    cursors.push_back({tid, &records});
  }
  return cursors;
}

bool Consume(Recording* recording, const std::vector<Cursor>& cursors) {
  bool empty = true;
  for (const Cursor& c : cursors) {
    c.records->erase(c.records->begin(),
                     c.records->begin() + static_cast<ptrdiff_t>(c.at));
    if (c.records->empty()) {
      recording->streams.erase(c.tid);
    } else {
      empty = false;
    }
  }
  return empty;
}

std::string TextBehind(const Cursor& c, size_t* records) {
  std::string text;
  for (size_t i = c.at + 1; i < c.records->size(); ++i) {
    const Record& r = (*c.records)[i];
    if (r.type != Event::kText) break;
    text.append(reinterpret_cast<const char*>(&r),
                std::min(static_cast<size_t>(r.reason), kTextBytes));
    ++*records;
  }
  return text;
}

int Earliest(const std::vector<Cursor>& cursors,
             const std::vector<bool>& tried) {
  int best = -1;
  for (size_t i = 0; i < cursors.size(); ++i) {
    if (tried[i] || cursors[i].done()) continue;
    const Record& r = cursors[i].next();
    // Text without its record: out of the way.
    if (r.type == Event::kText) return static_cast<int>(i);
    if (best < 0 || r.ticks < cursors[static_cast<size_t>(best)].next().ticks) {
      best = static_cast<int>(i);
    }
  }
  return best;
}

}  // namespace internal

}  // namespace parkour::trace
