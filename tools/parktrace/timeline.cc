// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/timeline.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace parkour {
namespace parktrace {
namespace {

// Follows the events and closes what they end. That they are in order was
// checked: what is looked up here exists, or was never told.
class Maker {
 public:
  Maker(const Symbols& symbols, const std::vector<Event>& events)
      : symbols_(symbols), events_(events) {}

  Timeline Make();

 private:
  void Prepare();
  void Handle(const Event& event);
  void HandleGoroutine(const Event& event);
  void HandleUser(const Event& event);

  // ---- Goroutines ----
  uint32_t NewGoroutine(uint64_t id, int64_t begin, uint32_t start_stack);
  uint32_t Find(uint64_t id) const {
    auto it = current_.find(id);
    return it == current_.end() ? kNobody : it->second;
  }
  uint32_t Open(uint32_t goroutine, State state, int64_t time, uint32_t reason,
                uint32_t stack);
  void Close(uint32_t goroutine, int64_t time);
  // Lets it be where the event is.
  void Place(uint32_t span, const Event& event);
  void AddWake(const Event& event, uint32_t woken, uint32_t span,
               uint32_t stack, bool is_creation);
  void Created(const Event& event);
  void Status(const Event& event);
  void NameAfter(uint32_t goroutine, uint32_t stack);
  void AddPoint(int64_t time);

  // ---- Processors ----
  uint32_t ProcNumber(uint64_t id) const {
    auto it = procs_.find(id);
    return it == procs_.end() ? kNobody : it->second;
  }
  uint32_t ThreadNumber(uint64_t id);
  void OpenSlice(uint32_t proc, uint32_t span, int64_t time);
  void CloseSlice(uint32_t proc, int64_t time);
  void OpenHold(uint32_t proc, uint64_t m, int64_t time);
  void CloseHold(uint32_t proc, int64_t time);

  const Symbols& symbols_;
  const std::vector<Event>& events_;
  Timeline t_;
  std::unordered_map<uint64_t, uint32_t> current_;  // goroutines by id
  std::unordered_map<uint64_t, uint32_t> procs_;
  std::unordered_map<uint64_t, uint32_t> threads_;
  std::vector<uint32_t> open_span_;   // by goroutine
  std::vector<uint32_t> open_slice_;  // by processor
  std::vector<uint32_t> open_hold_;   // by processor
  std::unordered_map<uint32_t, std::vector<uint32_t>> open_regions_;
  std::unordered_map<uint64_t, uint32_t> open_tasks_;
  Point now_;
};

// Processors are numbered by id. What a status tells was so from the begin.
void Maker::Prepare() {
  t_.num_events = events_.size();
  if (events_.empty()) return;
  t_.begin = events_.front().time;
  t_.end = events_.back().time;
  std::set<uint64_t> ids;
  for (const Event& event : events_) {
    switch (event.type) {
      case EventType::kProcStatus:
      case EventType::kProcStart:
        ids.insert(event.args[0]);
        break;
      case EventType::kGoStatus:
      case EventType::kGoStatusStack:
        if (!event.is_news) break;
        switch (static_cast<GoStatus>(event.args[2])) {
          case GoStatus::kRunnable:
            ++now_.goroutines[static_cast<int>(State::kRunnable)];
            break;
          case GoStatus::kRunning:
            ++now_.goroutines[static_cast<int>(State::kRunning)];
            break;
          case GoStatus::kSyscall:
            ++now_.goroutines[static_cast<int>(State::kSyscall)];
            break;
          case GoStatus::kWaiting:
            ++now_.goroutines[static_cast<int>(State::kWaiting)];
        }
        break;
      default:
        break;
    }
  }
  for (uint64_t id : ids) {
    procs_[id] = static_cast<uint32_t>(t_.procs.size());
    t_.procs.push_back(id);
  }
  open_slice_.assign(t_.procs.size(), kNobody);
  open_hold_.assign(t_.procs.size(), kNobody);
  AddPoint(t_.begin);
}

void Maker::AddPoint(int64_t time) {
  now_.time = time;
  if (!t_.points.empty() && t_.points.back().time == time) {
    t_.points.back() = now_;
  } else {
    t_.points.push_back(now_);
  }
}

// ---- Goroutines ----

void Maker::NameAfter(uint32_t goroutine, uint32_t stack) {
  Goroutine& g = t_.goroutines[goroutine];
  const std::vector<Frame>& frames = symbols_.Stack(stack);
  if (g.name == 0 && !frames.empty()) g.name = frames.back().function;
}

uint32_t Maker::NewGoroutine(uint64_t id, int64_t begin, uint32_t start_stack) {
  uint32_t number = static_cast<uint32_t>(t_.goroutines.size());
  Goroutine g;
  g.id = id;
  g.begin = begin;
  g.start_stack = start_stack;
  t_.goroutines.push_back(g);
  open_span_.push_back(kNobody);
  current_[id] = number;
  NameAfter(number, start_stack);
  return number;
}

void Maker::Close(uint32_t goroutine, int64_t time) {
  uint32_t open = open_span_[goroutine];
  if (open == kNobody) return;
  Span& span = t_.spans[open];
  span.end = time;
  Goroutine& g = t_.goroutines[goroutine];
  int64_t length = time - span.begin;
  g.totals.in_state[static_cast<int>(span.state)] += length;
  if (span.state == State::kWaiting) {
    Wait wait = WaitOf(symbols_.String(span.reason));
    g.totals.waiting[static_cast<int>(wait)] += length;
  }
  if (span.state == State::kRunnable) {
    g.totals.longest_runnable = std::max(g.totals.longest_runnable, length);
  }
  g.end = time;
  open_span_[goroutine] = kNobody;
}

uint32_t Maker::Open(uint32_t goroutine, State state, int64_t time,
                     uint32_t reason, uint32_t stack) {
  uint32_t last = open_span_[goroutine];
  uint32_t number = static_cast<uint32_t>(t_.spans.size());
  if (last == kNobody) {
    t_.goroutines[goroutine].first_span = number;
  } else {
    --now_.goroutines[static_cast<int>(t_.spans[last].state)];
    t_.spans[last].next = number;
  }
  Close(goroutine, time);
  Span span;
  span.begin = span.end = time;
  span.goroutine = goroutine;
  span.state = state;
  span.reason = reason;
  span.stack = stack;
  t_.spans.push_back(span);
  open_span_[goroutine] = number;
  NameAfter(goroutine, stack);
  ++now_.goroutines[static_cast<int>(state)];
  AddPoint(time);
  return number;
}

void Maker::Place(uint32_t span, const Event& event) {
  t_.spans[span].proc = ProcNumber(event.p);
  t_.spans[span].thread = ThreadNumber(event.m);
  if (t_.spans[span].proc != kNobody) {
    OpenSlice(t_.spans[span].proc, span, t_.spans[span].begin);
  }
}

void Maker::AddWake(const Event& event, uint32_t woken, uint32_t span,
                    uint32_t stack, bool is_creation) {
  Wake wake;
  wake.time = event.time;
  wake.goroutine = Find(event.g);
  wake.proc = ProcNumber(event.p);
  wake.thread = ThreadNumber(event.m);
  wake.woken = woken;
  wake.span = span;
  wake.stack = stack;
  wake.is_creation = is_creation;
  t_.spans[span].wake = static_cast<uint32_t>(t_.wakes.size());
  t_.wakes.push_back(wake);
}

void Maker::Created(const Event& event) {
  uint32_t start_stack = static_cast<uint32_t>(event.args[1]);
  uint32_t g = NewGoroutine(event.args[0], event.time, start_stack);
  t_.goroutines[g].creator = Find(event.g);
  bool is_blocked = event.type == EventType::kGoCreateBlocked;
  uint32_t span = Open(g, is_blocked ? State::kWaiting : State::kRunnable,
                       event.time, 0, start_stack);
  if (!is_blocked) {
    AddWake(event, g, span, static_cast<uint32_t>(event.args[2]), true);
  }
}

void Maker::Status(const Event& event) {
  if (!event.is_news) return;
  uint32_t stack = event.type == EventType::kGoStatusStack
                       ? static_cast<uint32_t>(event.args[3])
                       : 0;
  State state = State::kWaiting;
  switch (static_cast<GoStatus>(event.args[2])) {
    case GoStatus::kRunnable:
      state = State::kRunnable;
      break;
    case GoStatus::kRunning:
      state = State::kRunning;
      break;
    case GoStatus::kSyscall:
      state = State::kSyscall;
      break;
    case GoStatus::kWaiting:
      break;
  }
  uint32_t g = NewGoroutine(event.args[0], t_.begin, 0);
  Span span;
  span.begin = span.end = t_.begin;
  span.goroutine = g;
  span.state = state;
  span.stack = stack;
  uint32_t number = static_cast<uint32_t>(t_.spans.size());
  t_.spans.push_back(span);
  t_.goroutines[g].first_span = number;
  open_span_[g] = number;
  NameAfter(g, stack);
  if (state == State::kRunning || state == State::kSyscall) {
    Place(number, event);
  }
}

void Maker::HandleGoroutine(const Event& event) {
  const int64_t time = event.time;
  uint32_t g = Find(event.g), proc = ProcNumber(event.p);
  uint32_t text = static_cast<uint32_t>(event.args[0]);
  uint32_t stack = static_cast<uint32_t>(event.args[1]);
  switch (event.type) {
    case EventType::kGoCreateSyscall:
      g = NewGoroutine(event.args[0], time, 0);
      Place(Open(g, State::kSyscall, time, 0, 0), event);
      break;
    case EventType::kGoStart:
      Place(Open(Find(event.args[0]), State::kRunning, time, 0, 0), event);
      break;
    case EventType::kGoStop:
      CloseSlice(proc, time);
      Open(g, State::kRunnable, time, text, stack);
      break;
    case EventType::kGoBlock:
      CloseSlice(proc, time);
      Open(g, State::kWaiting, time, text, stack);
      break;
    case EventType::kGoDestroy:
    case EventType::kGoDestroySyscall:
      if (event.type == EventType::kGoDestroySyscall) CloseHold(proc, time);
      CloseSlice(proc, time);
      --now_.goroutines[static_cast<int>(t_.spans[open_span_[g]].state)];
      AddPoint(time);
      Close(g, time);
      t_.goroutines[g].has_ended = true;
      current_.erase(event.g);
      break;
    case EventType::kGoUnblock: {
      uint32_t woken = Find(event.args[0]);
      uint32_t span = Open(woken, State::kRunnable, time, 0, 0);
      AddWake(event, woken, span, static_cast<uint32_t>(event.args[2]), false);
      break;
    }
    case EventType::kGoSyscallBegin:
      CloseSlice(proc, time);
      Place(Open(g, State::kSyscall, time, 0, stack), event);
      break;
    case EventType::kGoSyscallEnd:
      CloseSlice(proc, time);
      Place(Open(g, State::kRunning, time, 0, 0), event);
      break;
    case EventType::kGoSyscallEndBlocked:
      Open(g, State::kRunnable, time, 0, 0);
      break;
    default:
      break;
  }
}

// ---- Processors and threads ----

uint32_t Maker::ThreadNumber(uint64_t id) {
  if (id == kNone) return kNobody;
  auto [it, is_new] =
      threads_.try_emplace(id, static_cast<uint32_t>(t_.threads.size()));
  if (is_new) t_.threads.push_back(id);
  return it->second;
}

void Maker::OpenSlice(uint32_t proc, uint32_t span, int64_t time) {
  CloseSlice(proc, time);
  open_slice_[proc] = static_cast<uint32_t>(t_.slices.size());
  t_.slices.push_back({time, time, proc, span});
}

void Maker::CloseSlice(uint32_t proc, int64_t time) {
  if (proc == kNobody || open_slice_[proc] == kNobody) return;
  t_.slices[open_slice_[proc]].end = time;
  open_slice_[proc] = kNobody;
}

void Maker::OpenHold(uint32_t proc, uint64_t m, int64_t time) {
  CloseHold(proc, time);
  if (m == kNone) return;
  open_hold_[proc] = static_cast<uint32_t>(t_.holds.size());
  t_.holds.push_back({time, time, ThreadNumber(m), proc});
  ++now_.threads;
  AddPoint(std::max(time, now_.time));
}

void Maker::CloseHold(uint32_t proc, int64_t time) {
  if (proc == kNobody || open_hold_[proc] == kNobody) return;
  t_.holds[open_hold_[proc]].end = time;
  open_hold_[proc] = kNobody;
  --now_.threads;
  AddPoint(time);
}

// ---- Users' events ----

void Maker::HandleUser(const Event& event) {
  uint32_t g = Find(event.g);
  auto name = [&](int arg) { return static_cast<uint32_t>(event.args[arg]); };
  switch (event.type) {
    case EventType::kUserTaskBegin:
      open_tasks_[event.args[0]] = static_cast<uint32_t>(t_.tasks.size());
      t_.tasks.push_back(
          {event.args[0], event.args[1], name(2), event.time, t_.end, g});
      break;
    case EventType::kUserTaskEnd: {
      auto it = open_tasks_.find(event.args[0]);
      if (it == open_tasks_.end()) break;
      t_.tasks[it->second].end = event.time;
      open_tasks_.erase(it);
      break;
    }
    case EventType::kUserRegionBegin: {
      std::vector<uint32_t>& open = open_regions_[g];
      uint32_t depth = static_cast<uint32_t>(open.size());
      open.push_back(static_cast<uint32_t>(t_.regions.size()));
      t_.regions.push_back(
          {event.time, t_.end, g, event.args[0], name(1), depth});
      break;
    }
    case EventType::kUserRegionEnd: {
      std::vector<uint32_t>& open = open_regions_[g];
      if (open.empty()) break;
      t_.regions[open.back()].end = event.time;
      open.pop_back();
      break;
    }
    case EventType::kUserLog:
      t_.logs.push_back({event.time, g, event.args[0], name(1), name(2)});
      break;
    default:
      break;
  }
}

void Maker::Handle(const Event& event) {
  switch (event.type) {
    case EventType::kProcStatus: {
      ProcStatus status = static_cast<ProcStatus>(event.args[1]);
      if (!event.is_news || status == ProcStatus::kIdle ||
          status == ProcStatus::kSyscallAbandoned) {
        break;
      }
      // In the first generation, so from the begin; later, from now.
      OpenHold(ProcNumber(event.args[0]), event.m,
               event.generation == 0 ? t_.begin : event.time);
      break;
    }
    case EventType::kProcStart:
      OpenHold(ProcNumber(event.args[0]), event.m, event.time);
      break;
    case EventType::kProcStop:
      CloseSlice(ProcNumber(event.p), event.time);
      CloseHold(ProcNumber(event.p), event.time);
      break;
    case EventType::kProcSteal:
      CloseSlice(ProcNumber(event.args[0]), event.time);
      CloseHold(ProcNumber(event.args[0]), event.time);
      break;
    case EventType::kGoStatus:
    case EventType::kGoStatusStack:
      Status(event);
      break;
    case EventType::kGoCreate:
    case EventType::kGoCreateBlocked:
      Created(event);
      break;
    default:
      HandleGoroutine(event);
      HandleUser(event);
  }
}

Timeline Maker::Make() {
  Prepare();
  for (const Event& event : events_) Handle(event);
  for (uint32_t g = 0; g < t_.goroutines.size(); ++g) Close(g, t_.end);
  for (uint32_t p = 0; p < t_.procs.size(); ++p) {
    CloseSlice(p, t_.end);
    if (open_hold_[p] != kNobody) t_.holds[open_hold_[p]].end = t_.end;
  }
  return std::move(t_);
}

}  // namespace

const char* NameOf(State state) {
  switch (state) {
    case State::kRunning:
      return "running";
    case State::kRunnable:
      return "runnable";
    case State::kSyscall:
      return "syscall";
    case State::kWaiting:
      return "waiting";
  }
  return "";
}

Wait WaitOf(const std::string& reason) {
  if (reason == "network") return Wait::kNetwork;
  if (reason == "sleep") return Wait::kSleep;
  for (const char* word : {"chan", "sync", "select"}) {
    if (reason.find(word) != std::string::npos) return Wait::kSync;
  }
  return Wait::kOther;
}

void Totals::Add(const Totals& other) {
  for (int i = 0; i < kNumStates; ++i) in_state[i] += other.in_state[i];
  for (int i = 0; i < kNumWaits; ++i) waiting[i] += other.waiting[i];
  longest_runnable = std::max(longest_runnable, other.longest_runnable);
}

Timeline MakeTimeline(const Symbols& symbols,
                      const std::vector<Event>& events) {
  return Maker(symbols, events).Make();
}

}  // namespace parktrace
}  // namespace parkour
