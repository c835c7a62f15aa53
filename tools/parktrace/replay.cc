// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// The transitions of goroutines and processors. Statuses are in
// replay_status.cc, what users and the garbage collector emit in
// replay_user.cc.

#include "parkour/tools/parktrace/replay.h"

#include "absl/strings/str_cat.h"

namespace parkour {
namespace parktrace {

using Verdict = Replay::Verdict;

namespace {

std::string SeqText(uint64_t last, uint64_t seq) {
  return absl::StrCat("the last sequence number was ", last, ", so ", last + 1,
                      " comes next, not ", seq);
}

}  // namespace

void Replay::Begin(const Generation* generation, uint32_t index) {
  generation_ = generation;
  index_ = index;
}

Verdict Replay::Try(const RawEvent& event, uint64_t m,
                    std::vector<Event>* out) {
  Thread none;
  Thread* thread = m == kNone ? &none : &ms_[m];
  Step step{event, m, *thread, *thread, m};
  out_ = out;
  if (!Resolve(&step)) return Verdict::kBroken;
  Verdict verdict =
      CheckNeeds(step, TimedEvent(static_cast<uint8_t>(event.type))->needs);
  if (verdict == Verdict::kAdvanced) verdict = Dispatch(&step);
  if (verdict == Verdict::kAdvanced && m != kNone) ms_[m] = step.after;
  if (verdict == Verdict::kBroken) {
    auto have = [](const char* what, uint64_t id) {
      return id == kNone ? absl::StrCat("no ", what)
                         : absl::StrCat(what, " ", id);
    };
    why_ = absl::StrCat("byte ", event.offset, ": ", have("M", m), ", with ",
                        have("P", step.before.p), " and ",
                        have("G", step.before.g), ": ", Describe(event), ": ",
                        why_);
  }
  return verdict;
}

std::string Replay::WhyNotYet(const RawEvent& event, uint64_t m) {
  explain_ = true;
  why_.clear();
  std::vector<Event> out;
  Try(event, m, &out);
  explain_ = false;
  return why_;
}

Verdict Replay::Dispatch(Step* step) {
  switch (step->event.type) {
    case EventType::kProcStart:
      return ProcStart(step);
    case EventType::kProcStop:
      return ProcStop(step);
    case EventType::kProcSteal:
      return ProcSteal(step);
    case EventType::kProcStatus:
      return ProcStatusEvent(step);
    case EventType::kGoCreate:
    case EventType::kGoCreateBlocked:
      return GoCreate(step);
    case EventType::kGoCreateSyscall:
      return GoCreateSyscall(step);
    case EventType::kGoStart:
      return GoStart(step);
    case EventType::kGoStop:
    case EventType::kGoBlock:
    case EventType::kGoDestroy:
      return GoLeave(step);
    case EventType::kGoUnblock:
      return GoUnblock(step);
    case EventType::kGoSwitch:
    case EventType::kGoSwitchDestroy:
      return GoSwitch(step);
    case EventType::kGoSyscallBegin:
      return SyscallBegin(step);
    case EventType::kGoSyscallEnd:
      return SyscallEnd(step);
    case EventType::kGoSyscallEndBlocked:
      return SyscallEndBlocked(step);
    case EventType::kGoDestroySyscall:
      return DestroySyscall(step);
    case EventType::kGoStatus:
    case EventType::kGoStatusStack:
      return GoStatusEvent(step);
    default:
      return Annotation(step);
  }
}

// ---- Processors ----

Verdict Replay::ProcStart(Step* step) {
  uint64_t id = step->args[0], seq = step->args[1];
  Proc* p = FindP(id);
  if (p == nullptr || p->status != ProcStatus::kIdle || !Follows(*p, seq)) {
    return NotYet([&] { return WhyNotP(id, ProcStatus::kIdle, seq); });
  }
  // It may be about to be stolen from this thread.
  if (step->before.p != kNone) {
    return NotYet([&] {
      return absl::StrCat("M ", step->m, " still has P ", step->before.p);
    });
  }
  // A goroutine may be there: it is leaving a syscall.
  Verdict verdict = CheckNeeds(*step, Needs::kThread);
  if (verdict != Verdict::kAdvanced) return verdict;
  p->status = ProcStatus::kRunning;
  p->seq = seq;
  p->m = step->m;
  step->after.p = id;
  return Advanced(*step);
}

Verdict Replay::ProcStop(Step* step) {
  Proc* p = FindP(step->before.p);
  if (p->status != ProcStatus::kRunning && p->status != ProcStatus::kSyscall) {
    return Broken(
        absl::StrCat("P ", step->before.p, " is ", NameOf(p->status)));
  }
  p->status = ProcStatus::kIdle;
  p->m = kNone;
  step->after.p = kNone;
  return Advanced(*step);
}

Verdict Replay::ProcSteal(Step* step) {
  uint64_t id = step->args[0], seq = step->args[1], victim = step->args[2];
  Proc* p = FindP(id);
  if (p == nullptr ||
      (p->status != ProcStatus::kSyscall &&
       p->status != ProcStatus::kSyscallAbandoned) ||
      !Follows(*p, seq)) {
    return NotYet([&] { return WhyNotP(id, ProcStatus::kSyscall, seq); });
  }
  Verdict verdict = CheckNeeds(*step, Needs::kThread);
  if (verdict != Verdict::kAdvanced) return verdict;
  bool is_abandoned = p->status == ProcStatus::kSyscallAbandoned;
  p->status = ProcStatus::kIdle;
  p->seq = seq;
  p->m = kNone;
  // Whose it was is lost; that thread may have moved on.
  if (is_abandoned) return Advanced(*step);
  auto it = ms_.find(victim);
  if (it == ms_.end()) {
    return Broken(absl::StrCat("M ", victim, " does not exist"));
  }
  if (it->second.p != id) {
    return Broken(absl::StrCat(
        "M ", victim, " has ",
        it->second.p == kNone ? "no P" : absl::StrCat("P ", it->second.p)));
  }
  it->second.p = kNone;
  if (victim == step->m) step->after.p = kNone;
  return Advanced(*step);
}

// ---- Goroutines ----

Verdict Replay::GoCreate(Step* step) {
  // A processor without a goroutine may create one: a timer's function does.
  Goroutine* creator = FindG(step->before.g);
  if (creator != nullptr && creator->status != GoStatus::kRunning) {
    return Broken(absl::StrCat("G ", step->before.g, ", the creator, is ",
                               NameOf(creator->status)));
  }
  uint64_t id = step->args[0];
  if (FindG(id) != nullptr) return Broken(absl::StrCat("G ", id, " exists"));
  bool is_blocked = step->event.type == EventType::kGoCreateBlocked;
  gs_[id] = {is_blocked ? GoStatus::kWaiting : GoStatus::kRunnable,
             generation_->number,
             0,
             kNone,
             {},
             {}};
  return Advanced(*step);
}

Verdict Replay::GoCreateSyscall(Step* step) {
  if (step->before.g != kNone) {
    return Broken(absl::StrCat("the thread has G ", step->before.g));
  }
  uint64_t id = step->args[0];
  if (FindG(id) != nullptr) return Broken(absl::StrCat("G ", id, " exists"));
  gs_[id] = {GoStatus::kSyscall, generation_->number, 0, step->m, {}, {}};
  step->after.g = id;
  return Advanced(*step);
}

Verdict Replay::GoStart(Step* step) {
  uint64_t id = step->args[0], seq = step->args[1];
  Goroutine* g = FindG(id);
  if (g == nullptr || g->status != GoStatus::kRunnable || !Follows(*g, seq)) {
    return NotYet([&] { return WhyNotG(id, GoStatus::kRunnable, seq); });
  }
  Verdict verdict = CheckNeeds(*step, Needs::kProc);
  if (verdict != Verdict::kAdvanced) return verdict;
  if (step->before.g != kNone) {
    return Broken(absl::StrCat("the thread has G ", step->before.g));
  }
  g->status = GoStatus::kRunning;
  g->seq = seq;
  g->m = step->m;
  step->after.g = id;
  return Advanced(*step);
}

Verdict Replay::GoLeave(Step* step) {
  uint64_t id = step->before.g;
  Goroutine* g = FindG(id);
  if (g == nullptr || g->status != GoStatus::kRunning) {
    return Broken(absl::StrCat("G ", id, " is not running"));
  }
  step->after.g = kNone;
  g->m = kNone;
  switch (step->event.type) {
    case EventType::kGoStop:
      g->status = GoStatus::kRunnable;
      break;
    case EventType::kGoBlock:
      g->status = GoStatus::kWaiting;
      break;
    default:
      if (strict_ && !g->ranges.empty()) {
        return Broken(absl::StrCat("G ", id, " ends inside a ",
                                   NameOf(g->ranges.front())));
      }
      gs_.erase(id);
  }
  return Advanced(*step);
}

Verdict Replay::GoUnblock(Step* step) {
  uint64_t id = step->args[0], seq = step->args[1];
  Goroutine* g = FindG(id);
  if (g == nullptr || g->status != GoStatus::kWaiting || !Follows(*g, seq)) {
    return NotYet([&] { return WhyNotG(id, GoStatus::kWaiting, seq); });
  }
  // Anybody may do that: the netpoller, sysmon, a thread without a processor.
  g->status = GoStatus::kRunnable;
  g->seq = seq;
  return Advanced(*step);
}

// The goroutine unblocks another, blocks or ends, and the other one starts.
Verdict Replay::GoSwitch(Step* step) {
  uint64_t id = step->before.g;
  Goroutine* g = FindG(id);
  if (g == nullptr || g->status != GoStatus::kRunning) {
    return Broken(absl::StrCat("G ", id, " is not running"));
  }
  uint64_t next_id = step->args[0], seq = step->args[1];
  Goroutine* next = FindG(next_id);
  if (next == nullptr || next->status != GoStatus::kWaiting ||
      !Follows(*next, seq)) {
    return NotYet([&] { return WhyNotG(next_id, GoStatus::kWaiting, seq); });
  }
  next->status = GoStatus::kRunning;
  next->seq = seq;
  next->m = step->m;
  step->after.g = next_id;
  bool ends = step->event.type == EventType::kGoSwitchDestroy;
  if (ends) {
    gs_.erase(id);
  } else {
    g->status = GoStatus::kWaiting;
    g->m = kNone;
  }
  // As three events that everybody understands.
  Step part = *step;
  part.args[2] = 0;
  Emit(part, EventType::kGoUnblock);
  part.args[0] = part.args[1] = 0;
  Emit(part, ends ? EventType::kGoDestroy : EventType::kGoBlock);
  Step start = *step;
  start.before.g = kNone;
  Emit(start, EventType::kGoStart);
  return Verdict::kAdvanced;
}

// ---- Syscalls ----

Verdict Replay::SyscallBegin(Step* step) {
  Goroutine* g = FindG(step->before.g);
  Proc* p = FindP(step->before.p);
  if (g == nullptr || g->status != GoStatus::kRunning) {
    return Broken(absl::StrCat("G ", step->before.g, " is not running"));
  }
  if (p == nullptr || p->status != ProcStatus::kRunning) {
    return Broken(absl::StrCat("P ", step->before.p, " is not running"));
  }
  // The processor is this thread's: there is nothing to wait for.
  if (!Follows(*p, step->args[0])) {
    return Broken(WhyNotP(step->before.p, ProcStatus::kRunning, step->args[0]));
  }
  p->seq = step->args[0];
  p->status = ProcStatus::kSyscall;
  g->status = GoStatus::kSyscall;
  return Advanced(*step);
}

Verdict Replay::SyscallEnd(Step* step) {
  Goroutine* g = FindG(step->before.g);
  Proc* p = FindP(step->before.p);
  if (g == nullptr || g->status != GoStatus::kSyscall) {
    return Broken(absl::StrCat("G ", step->before.g, " is in no syscall"));
  }
  if (p == nullptr || p->status != ProcStatus::kSyscall) {
    return Broken(absl::StrCat("P ", step->before.p, " is in no syscall"));
  }
  p->status = ProcStatus::kRunning;
  g->status = GoStatus::kRunning;
  return Advanced(*step);
}

Verdict Replay::SyscallEndBlocked(Step* step) {
  // The event says that the processor was lost: until it is, wait.
  Proc* p = FindP(step->before.p);
  if (p != nullptr && p->status == ProcStatus::kSyscall) {
    return NotYet([&] {
      return absl::StrCat("P ", step->before.p,
                          " was neither stopped nor stolen from M ", step->m);
    });
  }
  Goroutine* g = FindG(step->before.g);
  if (g == nullptr || g->status != GoStatus::kSyscall) {
    return Broken("no goroutine is in a syscall here");
  }
  g->status = GoStatus::kRunnable;
  g->m = kNone;
  step->after.g = kNone;
  return Advanced(*step);
}

Verdict Replay::DestroySyscall(Step* step) {
  uint64_t id = step->before.g, p_id = step->before.p;
  Goroutine* g = FindG(id);
  if (g == nullptr || g->status != GoStatus::kSyscall) {
    return Broken("no goroutine is in a syscall here");
  }
  Proc* p = FindP(p_id);
  if (p != nullptr) {
    if (p->status != ProcStatus::kSyscall) {
      return Broken(absl::StrCat("P ", p_id, " is ", NameOf(p->status)));
    }
    // Left behind: the thread's id may be another thread's soon, so a later
    // steal must not look at who had it.
    p->status = ProcStatus::kSyscallAbandoned;
    p->m = kNone;
  }
  gs_.erase(id);
  step->after = Thread();
  return Advanced(*step);
}

// ---- Explanations ----

std::string Replay::WhyNotG(uint64_t id, GoStatus wanted, uint64_t seq) const {
  auto it = gs_.find(id);
  if (it == gs_.end()) return absl::StrCat("G ", id, " does not exist");
  const Goroutine& g = it->second;
  if (g.generation != generation_->number) {
    return absl::StrCat("G ", id, " has no status in this generation");
  }
  if (g.status != wanted) {
    return absl::StrCat("G ", id, " is ", NameOf(g.status), ", not ",
                        NameOf(wanted), " (", SeqText(g.seq, seq), ")");
  }
  return absl::StrCat("G ", id, " is ", NameOf(wanted), ", but ",
                      SeqText(g.seq, seq));
}

std::string Replay::WhyNotP(uint64_t id, ProcStatus wanted,
                            uint64_t seq) const {
  auto it = ps_.find(id);
  if (it == ps_.end()) return absl::StrCat("P ", id, " does not exist");
  const Proc& p = it->second;
  if (p.generation != generation_->number) {
    return absl::StrCat("P ", id, " has no status in this generation");
  }
  if (p.status != wanted) {
    return absl::StrCat("P ", id, " is ", NameOf(p.status), ", not ",
                        NameOf(wanted), " (", SeqText(p.seq, seq), ")");
  }
  return absl::StrCat("P ", id, " is ", NameOf(wanted), ", but ",
                      SeqText(p.seq, seq));
}

}  // namespace parktrace
}  // namespace parkour
