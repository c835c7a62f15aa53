// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/simulation.h"

#include <deque>
#include <initializer_list>
#include <map>
#include <random>
#include <vector>

#include "parkour/tools/parktrace/trace_builder.h"

namespace parkour {
namespace parktrace {
namespace {

using E = EventType;

constexpr uint64_t kPoller = 7;  // a thread without a processor

// Strings 1 to 5 are reasons; functions and files follow.
enum Reason : uint64_t { kNetwork = 1, kChan, kSync, kSleep, kPreempted };
const char* const kStrings[] = {"network",
                                "chan receive",
                                "sync",
                                "sleep",
                                "preempted",
                                "main",
                                "server::Accept",
                                "server::Handle",
                                "db::Query",
                                "cache::Refresh",
                                "server.cc",
                                "db.cc",
                                "net::TCPConn::Read",
                                "conn.cc",
                                "request",
                                "phase",
                                "begun"};
constexpr uint64_t kFirstFunction = 6, kNumFunctions = 5, kFile = 11,
                   kRead = 13, kReadFile = 14, kRequest = 15, kPhase = 16,
                   kBegun = 17;

class Simulation {
 public:
  explicit Simulation(const SimulationOptions& options)
      : options_(options), random_(options.seed) {}

  std::string Run();

 private:
  struct Record {
    uint64_t time;
    E type;
    std::vector<uint64_t> args;
  };
  struct G {
    uint64_t seq = 0;
    uint64_t function = 0;  // from 0
    Reason reason = kNetwork;
    int regions = 0;
  };
  struct M {
    int p = -1;
    int64_t g = -1;
    bool in_syscall = false;
  };

  uint64_t Random(uint64_t n) { return random_() % n; }
  void Emit(uint64_t m, E type, std::vector<uint64_t> args) {
    out_[m].push_back({time_, type, std::move(args)});
    ++count_;
  }
  uint64_t StackOf(const G& g) const { return 2 * g.function + 2; }
  uint64_t Create(uint64_t m, uint64_t function);
  void Unblock(uint64_t m, size_t index);
  void Step();
  void RunSome(uint64_t m);
  void Block(uint64_t m, Reason reason);
  void FindWork(uint64_t m);
  void LeaveSyscall(uint64_t m);
  std::string File();

  SimulationOptions options_;
  std::mt19937 random_;
  uint64_t time_ = 1000;
  int count_ = 0;
  uint64_t next_g_ = 1;
  uint64_t next_m_ = 100;
  std::map<uint64_t, G> gs_;
  std::map<uint64_t, M> ms_;
  std::vector<uint64_t> p_seq_;
  std::deque<uint64_t> runnable_;
  std::vector<uint64_t> waiting_;
  std::map<uint64_t, std::vector<Record>> out_;
};

uint64_t Simulation::Create(uint64_t m, uint64_t function) {
  uint64_t id = next_g_++;
  gs_[id].function = function;
  int64_t creator = ms_[m].g;
  Emit(m, E::kGoCreate,
       {id, 2 * function + 1,
        creator < 0 ? 0 : StackOf(gs_[static_cast<uint64_t>(creator)])});
  runnable_.push_back(id);
  return id;
}

void Simulation::Unblock(uint64_t m, size_t index) {
  uint64_t id = waiting_[index];
  waiting_[index] = waiting_.back();
  waiting_.pop_back();
  int64_t by = ms_[m].g;
  Emit(m, E::kGoUnblock,
       {id, ++gs_[id].seq,
        by < 0 ? 0 : StackOf(gs_[static_cast<uint64_t>(by)])});
  runnable_.push_back(id);
}

void Simulation::Block(uint64_t m, Reason reason) {
  uint64_t id = static_cast<uint64_t>(ms_[m].g);
  G& g = gs_[id];
  g.reason = reason;
  uint64_t stack = StackOf(g);
  if (reason == kPreempted) {
    Emit(m, E::kGoStop, {reason, stack});
    runnable_.push_back(id);
  } else {
    Emit(m, E::kGoBlock, {reason, stack});
    waiting_.push_back(id);
  }
  ms_[m].g = -1;
}

// A thread with a processor and a running goroutine.
void Simulation::RunSome(uint64_t m) {
  uint64_t id = static_cast<uint64_t>(ms_[m].g);
  G& g = gs_[id];
  uint64_t dice = Random(100);
  if (dice < 35) {
    Block(m, static_cast<Reason>(1 + Random(4)));
  } else if (dice < 42) {
    Block(m, kPreempted);
  } else if (dice < 57) {
    Emit(m, E::kGoSyscallBegin,
         {++p_seq_[static_cast<size_t>(ms_[m].p)], StackOf(g)});
    ms_[m].in_syscall = true;
  } else if (dice < 80) {
    if (!waiting_.empty()) Unblock(m, Random(waiting_.size()));
  } else if (dice < 88) {
    if (gs_.size() < static_cast<size_t>(options_.goroutines)) {
      Create(m, 1 + Random(kNumFunctions - 1));
    }
  } else if (dice < 95) {
    if (g.regions > 0) {
      Emit(m, E::kUserRegionEnd, {0, kRequest, 0});
      --g.regions;
    } else {
      Emit(m, E::kUserRegionBegin, {0, kRequest, 0});
      ++g.regions;
    }
  } else if (dice < 96) {
    Emit(m, E::kUserLog, {0, kPhase, kBegun, 0});
  } else if (id != 1 && g.regions == 0 && gs_.size() > 3) {
    Emit(m, E::kGoDestroy, {});
    gs_.erase(id);
    ms_[m].g = -1;
  }
}

// A thread with a processor and nothing to run.
void Simulation::FindWork(uint64_t m) {
  if (runnable_.empty()) {
    if (!waiting_.empty()) Unblock(m, Random(waiting_.size()));
    return;
  }
  uint64_t id = runnable_.front();
  runnable_.pop_front();
  Emit(m, E::kGoStart, {id, ++gs_[id].seq});
  ms_[m].g = static_cast<int64_t>(id);
}

void Simulation::LeaveSyscall(uint64_t m) {
  M& me = ms_[m];
  if (me.p < 0) {
    Emit(m, E::kGoSyscallEndBlocked, {});
    runnable_.push_back(static_cast<uint64_t>(me.g));
    me = M();
    return;
  }
  if (Random(4) != 0) {
    Emit(m, E::kGoSyscallEnd, {});
    me.in_syscall = false;
    return;
  }
  // Somebody without a processor takes this one.
  uint64_t thief = 0;
  for (const auto& [other, state] : ms_) {
    if (other != kPoller && state.p < 0 && state.g < 0) thief = other;
  }
  if (thief == 0) thief = next_m_++;
  int p = me.p;
  me.p = -1;
  uint64_t* seq = &p_seq_[static_cast<size_t>(p)];
  Emit(thief, E::kProcSteal, {static_cast<uint64_t>(p), ++*seq, m});
  time_ += 10;
  Emit(thief, E::kProcStart, {static_cast<uint64_t>(p), ++*seq});
  ms_[thief].p = p;
}

void Simulation::Step() {
  time_ += 20 + Random(600);
  if (Random(12) == 0 && !waiting_.empty()) {
    Unblock(kPoller, Random(waiting_.size()));
    return;
  }
  std::vector<uint64_t> able;
  for (const auto& [m, state] : ms_) {
    if (state.p >= 0 || state.in_syscall) able.push_back(m);
  }
  uint64_t m = able[Random(able.size())];
  if (ms_[m].in_syscall) {
    LeaveSyscall(m);
  } else if (ms_[m].g >= 0) {
    RunSome(m);
  } else {
    FindWork(m);
  }
}

std::string Simulation::File() {
  TraceBuilder trace;
  trace.Frequency();
  for (size_t i = 0; i < std::size(kStrings); ++i) {
    trace.String(i + 1, kStrings[i]);
  }
  for (uint64_t f = 0; f < kNumFunctions; ++f) {
    uint64_t pc = 0x401000 + 256 * f, function = kFirstFunction + f;
    TraceBuilder::Frame root{pc, function, kFile, 10 + 7 * f};
    TraceBuilder::Frame leaf{0x500000 + f, kRead, kReadFile, 120 + f};
    trace.Stack(2 * f + 1, {root});
    trace.Stack(2 * f + 2, {leaf, {pc + 8, function, kFile, 14 + 7 * f}});
  }
  for (const auto& [m, records] : out_) {
    trace.On(m, records.front().time);
    for (const Record& r : records) {
      std::vector<uint64_t> a = r.args;
      uint64_t delta = r.time - trace.time();
      switch (a.size()) {
        case 0:
          trace.Ev(r.type, delta);
          break;
        case 1:
          trace.Ev(r.type, delta, {a[0]});
          break;
        case 2:
          trace.Ev(r.type, delta, {a[0], a[1]});
          break;
        case 3:
          trace.Ev(r.type, delta, {a[0], a[1], a[2]});
          break;
        default:
          trace.Ev(r.type, delta, {a[0], a[1], a[2], a[3]});
      }
    }
  }
  return trace.File();
}

std::string Simulation::Run() {
  p_seq_.assign(static_cast<size_t>(options_.procs), 0);
  ms_[kPoller] = M();
  for (int p = 0; p < options_.procs; ++p) {
    uint64_t m = next_m_++;
    ms_[m].p = p;
    Emit(m, E::kProcStatus, {static_cast<uint64_t>(p), 1});
  }
  // Goroutine 1 runs; 2 was asleep before.
  next_g_ = 3;
  Emit(100, E::kGoStatus, {1, 100, 2});
  ms_[100].g = 1;
  gs_[1].function = 0;
  Emit(kPoller, E::kGoStatus, {2, kNone, 4});
  gs_[2].function = 1;
  waiting_.push_back(2);
  Emit(100, E::kUserTaskBegin, {1, 0, kRequest, 0});
  for (uint64_t f = 1; f < kNumFunctions; ++f) Create(100, f);
  while (count_ < options_.events) Step();
  return File();
}

}  // namespace

std::string SimulateTrace(const SimulationOptions& options) {
  return Simulation(options).Run();
}

}  // namespace parktrace
}  // namespace parkour
