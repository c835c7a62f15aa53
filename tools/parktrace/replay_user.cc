// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// What users emit, and the garbage collector of Go programs.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "parkour/tools/parktrace/replay.h"

namespace parkour {
namespace parktrace {

using Verdict = Replay::Verdict;

Verdict Replay::Annotation(Step* step) {
  switch (step->event.type) {
    case EventType::kUserTaskBegin:
      return TaskBegin(step);
    case EventType::kUserTaskEnd:
      return TaskEnd(step);
    case EventType::kUserRegionBegin:
      return RegionBegin(step);
    case EventType::kUserRegionEnd:
      return RegionEnd(step);
    case EventType::kGCActive:
    case EventType::kGCBegin:
    case EventType::kGCEnd:
      return GarbageCollection(step);
    case EventType::kSTWBegin:
    case EventType::kSTWEnd:
    case EventType::kGCSweepActive:
    case EventType::kGCSweepBegin:
    case EventType::kGCSweepEnd:
    case EventType::kGCMarkAssistActive:
    case EventType::kGCMarkAssistBegin:
    case EventType::kGCMarkAssistEnd:
      return RangeEvent(step);
    case EventType::kGoLabel:
      if (strict_ && step->args[0] == 0) return Broken("an empty label");
      return Advanced(*step);
    default:
      // ProcsChange, HeapAlloc, UserLog and so on: what they need is enough.
      return Advanced(*step);
  }
}

// ---- Tasks and regions ----

Verdict Replay::TaskBegin(Step* step) {
  uint64_t task = step->args[0];
  if (strict_ && (task == 0 || task == kNone)) return Broken("no task's id");
  // An id may be used again after its end; a parent need not be known.
  if (!tasks_.insert(task).second) {
    return Broken(absl::StrCat("task ", task, " has begun and not ended"));
  }
  return Advanced(*step);
}

Verdict Replay::TaskEnd(Step* step) {
  // May have begun before the trace did, and may end twice.
  tasks_.erase(step->args[0]);
  return Advanced(*step);
}

Verdict Replay::RegionBegin(Step* step) {
  FindG(step->before.g)
      ->regions.emplace_back(step->args[0],
                             static_cast<uint32_t>(step->args[1]));
  return Advanced(*step);
}

Verdict Replay::RegionEnd(Step* step) {
  auto& regions = FindG(step->before.g)->regions;
  // It may have begun before the trace did.
  if (regions.empty()) return Advanced(*step);
  auto [task, name] = regions.back();
  if (task != step->args[0] || name != step->args[1]) {
    return Broken(absl::StrCat("the innermost region of G ", step->before.g,
                               " is \"", symbols_->String(name), "\" of task ",
                               task));
  }
  regions.pop_back();
  return Advanced(*step);
}

// ---- Ranges ----

Verdict Replay::GarbageCollection(Step* step) {
  EventType type = step->event.type;
  uint64_t seq = step->args[0];
  bool is_first = type == EventType::kGCActive
                      ? index_ == 0
                      : type == EventType::kGCBegin && gc_ == GC::kUnknown;
  if (is_first) {
    if (gc_ != GC::kUnknown) return Broken("the collector's state is known");
    gc_ = GC::kOn;
    gc_seq_ = seq;
    return Advanced(*step);
  }
  if (seq != gc_seq_ + 1) {
    return NotYet([&] {
      return absl::StrCat("the collector's last sequence number was ", gc_seq_,
                          ", not ", seq - 1);
    });
  }
  if ((gc_ == GC::kOn) == (type == EventType::kGCBegin)) {
    return Broken(gc_ == GC::kOn ? "a collection is going on"
                                 : "no collection is going on");
  }
  Verdict verdict = CheckNeeds(*step, Needs::kGoroutine);
  if (verdict != Verdict::kAdvanced) return verdict;
  gc_seq_ = seq;
  gc_ = type == EventType::kGCEnd ? GC::kOff : GC::kOn;
  return Advanced(*step);
}

Verdict Replay::ChangeRange(Step* step, Ranges* ranges, EventType begin) {
  auto it = std::find(ranges->begin(), ranges->end(), begin);
  switch (step->event.type) {
    case EventType::kSTWBegin:
    case EventType::kGCSweepBegin:
    case EventType::kGCMarkAssistBegin:
      if (it != ranges->end()) return Broken("it has begun and not ended");
      ranges->push_back(begin);
      break;
    case EventType::kGCSweepActive:
    case EventType::kGCMarkAssistActive:
      if ((it == ranges->end()) != (index_ == 0)) {
        return Broken(index_ == 0 ? "it is known to be active"
                                  : "it is not active");
      }
      if (index_ == 0) ranges->push_back(begin);
      break;
    default:
      if (it == ranges->end()) return Broken("it has not begun");
      ranges->erase(it);
  }
  return Advanced(*step);
}

Verdict Replay::RangeEvent(Step* step) {
  switch (step->event.type) {
    case EventType::kSTWBegin:
    case EventType::kSTWEnd:
      return ChangeRange(step, &FindG(step->before.g)->ranges,
                         EventType::kSTWBegin);
    case EventType::kGCMarkAssistBegin:
    case EventType::kGCMarkAssistEnd:
      return ChangeRange(step, &FindG(step->before.g)->ranges,
                         EventType::kGCMarkAssistBegin);
    case EventType::kGCMarkAssistActive: {
      Goroutine* g = FindG(step->args[0]);
      if (g == nullptr) return Broken("the goroutine does not exist");
      return ChangeRange(step, &g->ranges, EventType::kGCMarkAssistBegin);
    }
    case EventType::kGCSweepActive: {
      Proc* p = FindP(step->args[0]);
      if (p == nullptr) return Broken("the processor does not exist");
      return ChangeRange(step, &p->ranges, EventType::kGCSweepBegin);
    }
    default:
      return ChangeRange(step, &FindP(step->before.p)->ranges,
                         EventType::kGCSweepBegin);
  }
}

}  // namespace parktrace
}  // namespace parkour
