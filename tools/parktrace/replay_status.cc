// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// The statuses with which a generation begins, and what all events have in
// common: what they need, ids of strings and stacks, the event that comes out.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "parkour/tools/parktrace/replay.h"

namespace parkour {
namespace parktrace {

using Verdict = Replay::Verdict;

// ---- Statuses ----

// That the thread of the status is the one it has been on, if any, and that
// nothing else is on that thread. Strict: Go's reader believes the last one.
Verdict Replay::CheckBinding(const Step& step, uint64_t m,
                             const std::string& what,
                             const std::string& other) {
  if (!strict_) return Verdict::kAdvanced;
  if (step.m == kNone) {
    return Broken(absl::StrCat(what, " must be on a thread of its own"));
  }
  if (m != kNone && m != step.m) {
    return Broken(absl::StrCat(what, " is on M ", m));
  }
  if (!other.empty()) {
    return Broken(absl::StrCat("the thread already has ", other));
  }
  return Verdict::kAdvanced;
}

template <typename Resource>
Verdict Replay::CheckRepeated(const Resource& resource,
                              const std::string& what) {
  if (!strict_ || resource.generation != generation_->number) {
    return Verdict::kAdvanced;
  }
  return Broken(absl::StrCat(what, " already has a status in generation ",
                             generation_->number,
                             ": its sequence would begin anew"));
}

// A processor whose thread is not known any more, unless it is.
Verdict Replay::AbandonedStatus(Step* step, Proc* p) {
  if (p->status == ProcStatus::kSyscallAbandoned) return Verdict::kAdvanced;
  if (p->status != ProcStatus::kSyscall) {
    return Broken(absl::StrCat("P ", step->args[0], " is ", NameOf(p->status)));
  }
  for (const auto& [m, thread] : ms_) {
    if (thread.p != step->args[0]) continue;
    step->shown_m = m;
    step->before = thread;
    step->args[1] = static_cast<uint64_t>(ProcStatus::kSyscall);
    return Verdict::kAdvanced;
  }
  return Broken(absl::StrCat("no thread has P ", step->args[0]));
}

Verdict Replay::ProcStatusEvent(Step* step) {
  uint64_t id = step->args[0];
  if (step->args[1] < 1 || step->args[1] > 4 || id == kNone) {
    return Broken("no such status");
  }
  ProcStatus status = static_cast<ProcStatus>(step->args[1]);
  bool is_bound =
      status == ProcStatus::kRunning || status == ProcStatus::kSyscall;
  Proc* p = FindP(id);
  Verdict verdict = Verdict::kAdvanced;
  std::string what = absl::StrCat("P ", id);
  if (p == nullptr) {
    step->is_news = true;
    p = &(ps_[id] = {status, 0, 0, kNone, {}});
  } else if (status == ProcStatus::kSyscallAbandoned) {
    verdict = AbandonedStatus(step, p);
  } else if (p->status != status) {
    return Broken(absl::StrCat(what, " is ", NameOf(p->status), ", not ",
                               NameOf(status)));
  } else {
    verdict = CheckRepeated(*p, what);
  }
  if (verdict == Verdict::kAdvanced && is_bound) {
    bool has_other = step->after.p != kNone && step->after.p != id;
    verdict = CheckBinding(
        *step, p->m, what,
        has_other ? absl::StrCat("P ", step->after.p) : std::string());
    step->after.p = id;
    p->m = step->m;
  }
  if (verdict != Verdict::kAdvanced) return verdict;
  p->generation = generation_->number;
  p->seq = 0;
  return Advanced(*step);
}

// In a syscall: on this thread, or sleeping on another one all along.
Verdict Replay::SyscallStatus(Step* step, uint64_t id, uint64_t m) {
  if (m == kNone) return Broken("in a syscall, but on no thread");
  std::string what = absl::StrCat("G ", id);
  if (m == step->m) {
    if (index_ != 0 && step->before.g != id) {
      return Broken(absl::StrCat(what, " was not on this thread"));
    }
    bool has_other = step->before.g != kNone && step->before.g != id;
    step->after.g = id;
    return CheckBinding(
        *step, gs_[id].m, what,
        has_other ? absl::StrCat("G ", step->before.g) : std::string());
  }
  auto [it, is_new] = ms_.try_emplace(m);
  if (is_new) {
    it->second.g = id;
  } else if (it->second.g != id) {
    return Broken(absl::StrCat(
        "M ", m, " has ",
        it->second.g == kNone ? "no G" : absl::StrCat("G ", it->second.g)));
  } else {
    step->before = it->second;
  }
  step->shown_m = m;
  return Verdict::kAdvanced;
}

Verdict Replay::GoStatusEvent(Step* step) {
  uint64_t id = step->args[0], m = step->args[1];
  if (step->args[2] < 1 || step->args[2] > 4 || id == kNone) {
    return Broken("no such status");
  }
  GoStatus status = static_cast<GoStatus>(step->args[2]);
  std::string what = absl::StrCat("G ", id);
  Goroutine* g = FindG(id);
  Verdict verdict = Verdict::kAdvanced;
  if (g == nullptr) {
    if (index_ != 0) {
      return Broken(absl::StrCat(what, " comes from nowhere: it had no status ",
                                 "in the first generation"));
    }
    step->is_news = true;
    g = &(gs_[id] = {status, 0, 0, kNone, {}, {}});
  } else if (g->status != status) {
    return Broken(absl::StrCat(what, " is ", NameOf(g->status), ", not ",
                               NameOf(status)));
  } else {
    verdict = CheckRepeated(*g, what);
  }
  if (verdict != Verdict::kAdvanced) return verdict;
  if (status == GoStatus::kRunning) {
    bool has_other = step->before.g != kNone && step->before.g != id;
    verdict = CheckBinding(
        *step, g->m, what,
        has_other ? absl::StrCat("G ", step->before.g) : std::string());
    step->after.g = id;
    g->m = step->m;
  } else if (status == GoStatus::kSyscall) {
    verdict = SyscallStatus(step, id, m);
    g->m = m;
  }
  if (verdict != Verdict::kAdvanced) return verdict;
  g->generation = generation_->number;
  g->seq = 0;
  return Advanced(*step);
}

// ---- What all events have in common ----

Replay::Goroutine* Replay::FindG(uint64_t id) {
  auto it = id == kNone ? gs_.end() : gs_.find(id);
  return it == gs_.end() ? nullptr : &it->second;
}

Replay::Proc* Replay::FindP(uint64_t id) {
  auto it = id == kNone ? ps_.end() : ps_.find(id);
  return it == ps_.end() ? nullptr : &it->second;
}

Verdict Replay::Broken(std::string why) {
  why_ = std::move(why);
  return Verdict::kBroken;
}

Verdict Replay::CheckNeeds(const Step& step, Needs needs) {
  if (needs == Needs::kNothing) return Verdict::kAdvanced;
  if (step.m == kNone) return Broken("needs a thread");
  if (needs == Needs::kThread) return Verdict::kAdvanced;
  if (FindP(step.before.p) == nullptr) return Broken("needs a P");
  if (needs == Needs::kProc) return Verdict::kAdvanced;
  if (FindG(step.before.g) == nullptr) return Broken("needs a G");
  return Verdict::kAdvanced;
}

// Every frame but the leaf has a name, a place and an address. Strict.
bool Replay::CheckStack(uint32_t stack) {
  if (!strict_ || !checked_stacks_.insert(stack).second) return true;
  const std::vector<Frame>& frames = symbols_->Stack(stack);
  for (size_t i = 1; i < frames.size(); ++i) {
    const Frame& f = frames[i];
    if (f.pc != 0 && f.line != 0 && f.function != 0 && f.file != 0) continue;
    Broken(absl::StrCat("frame ", i + 1, " of its stack lacks a ",
                        f.pc == 0         ? "pc"
                        : f.line == 0     ? "line"
                        : f.function == 0 ? "function"
                                          : "file"));
    return false;
  }
  return true;
}

// From the generation's ids to Symbols' numbers.
bool Replay::Resolve(Step* step) {
  const EventSpec* spec = TimedEvent(static_cast<uint8_t>(step->event.type));
  for (int i = 0; i < spec->num_args; ++i) {
    uint64_t value = step->args[i] = step->event.args[i];
    ArgSpec::Kind kind = spec->args[i].kind;
    if (kind == ArgSpec::Kind::kNumber || value == 0) continue;
    bool is_string = kind == ArgSpec::Kind::kString;
    const auto& ids = is_string ? generation_->strings : generation_->stacks;
    auto it = ids.find(value);
    if (it == ids.end()) {
      Broken(absl::StrCat("there is no ", is_string ? "string " : "stack ",
                          value, " in generation ", generation_->number));
      return false;
    }
    step->args[i] = it->second;
    if (!is_string && !CheckStack(it->second)) return false;
  }
  return true;
}

void Replay::Emit(const Step& step, EventType type) {
  Event event;
  event.time = step.event.time;
  event.type = type;
  event.is_news = step.is_news;
  event.generation = index_;
  event.m = step.shown_m;
  event.p = step.before.p;
  event.g = step.before.g;
  std::copy(std::begin(step.args), std::end(step.args), event.args);
  event.offset = step.event.offset;
  out_->push_back(event);
}

Verdict Replay::Advanced(const Step& step) {
  Emit(step, step.event.type);
  return Verdict::kAdvanced;
}

Verdict Replay::Sample(const CPUSample& sample, std::vector<Event>* out) {
  auto it = generation_->stacks.find(sample.stack_id);
  if (sample.stack_id != 0 && it == generation_->stacks.end()) {
    return Broken(absl::StrCat("byte ", sample.offset, ": there is no stack ",
                               sample.stack_id, " in generation ",
                               generation_->number));
  }
  Event event;
  event.time = sample.time;
  event.type = EventType::kCPUSample;
  event.generation = index_;
  event.m = sample.m;
  event.p = sample.p;
  event.g = sample.g;
  event.args[0] = sample.stack_id == 0 ? 0 : it->second;
  event.offset = sample.offset;
  out->push_back(event);
  return Verdict::kAdvanced;
}

}  // namespace parktrace
}  // namespace parkour
