// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// replay.h: the scheduler's state machine, as far as events show it.
//
//   goroutine   none -> runnable (GoCreate) -> running (GoStart)
//               running -> runnable (GoStop), waiting (GoBlock), none
//               (GoDestroy), syscall (GoSyscallBegin)
//               waiting -> runnable (GoUnblock)
//               syscall -> running (GoSyscallEnd), runnable
//               (GoSyscallEndBlocked), none (GoDestroySyscall)
//   processor   idle -> running (ProcStart) -> idle (ProcStop)
//               running -> syscall (GoSyscallBegin) -> running (GoSyscallEnd),
//               idle (ProcStop, ProcSteal)
//   thread      holds at most one processor and one goroutine
//
// GoStart and GoUnblock count up the goroutine's sequence number, ProcStart,
// ProcSteal and GoSyscallBegin the processor's; each must be the last plus one.
// Statuses and creations set it to 0; each generation begins with a status.
//
// An event whose goroutine or processor is elsewhere in these tables has not
// had its turn yet: kNotYet. One that its own thread contradicts is kBroken.
//
// See: Go: src/internal/trace/order.go

#ifndef PARKOUR_TOOLS_PARKTRACE_REPLAY_H_
#define PARKOUR_TOOLS_PARKTRACE_REPLAY_H_

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "parkour/tools/parktrace/order.h"
#include "parkour/tools/parktrace/trace_file.h"

namespace parkour {
namespace parktrace {

class Replay {
 public:
  enum class Verdict { kAdvanced, kNotYet, kBroken };

  Replay(const Symbols* symbols, bool strict)
      : symbols_(symbols), strict_(strict) {}

  void Begin(const Generation* generation, uint32_t index);

  // Tries the next event of thread `m`; what became of it goes to `out`: one
  // event, or several for a switch of coroutines.
  Verdict Try(const RawEvent& event, uint64_t m, std::vector<Event>* out);

  // A CPU sample, which changes nothing.
  Verdict Sample(const CPUSample& sample, std::vector<Event>* out);

  // After kBroken: what is wrong.
  const std::string& why() const { return why_; }

  // Why Try says kNotYet to this.
  std::string WhyNotYet(const RawEvent& event, uint64_t m);

 private:
  // A range in time: stop the world, a sweep, an assist.
  using Ranges = std::vector<EventType>;

  struct Goroutine {
    GoStatus status;
    uint64_t generation;  // of the sequence number
    uint64_t seq;
    uint64_t m;  // on which it runs or is in a syscall; for strict rules
    std::vector<std::pair<uint64_t, uint32_t>> regions;  // task, name
    Ranges ranges;
  };
  struct Proc {
    ProcStatus status;
    uint64_t generation;
    uint64_t seq;
    uint64_t m;
    Ranges ranges;
  };
  struct Thread {
    uint64_t p = kNone;
    uint64_t g = kNone;
  };
  // The event at hand.
  struct Step {
    const RawEvent& event;
    uint64_t m;
    Thread before;
    Thread after;
    uint64_t shown_m;              // a status may be about another thread
    uint64_t args[kMaxArgs] = {};  // with Symbols' numbers
    bool is_news = false;
  };

  Verdict Dispatch(Step* step);
  Verdict ProcStatusEvent(Step* step);
  Verdict AbandonedStatus(Step* step, Proc* p);
  Verdict ProcStart(Step* step);
  Verdict ProcStop(Step* step);
  Verdict ProcSteal(Step* step);
  Verdict GoStatusEvent(Step* step);
  Verdict SyscallStatus(Step* step, uint64_t g, uint64_t m);
  Verdict GoCreate(Step* step);
  Verdict GoCreateSyscall(Step* step);
  Verdict GoStart(Step* step);
  Verdict GoLeave(Step* step);  // GoStop, GoBlock, GoDestroy
  Verdict GoUnblock(Step* step);
  Verdict GoSwitch(Step* step);
  Verdict SyscallBegin(Step* step);
  Verdict SyscallEnd(Step* step);
  Verdict SyscallEndBlocked(Step* step);
  Verdict DestroySyscall(Step* step);
  Verdict TaskBegin(Step* step);
  Verdict TaskEnd(Step* step);
  Verdict RegionBegin(Step* step);
  Verdict RegionEnd(Step* step);
  Verdict Annotation(Step* step);
  Verdict GarbageCollection(Step* step);
  Verdict RangeEvent(Step* step);
  Verdict ChangeRange(Step* step, Ranges* ranges, EventType begin);

  Verdict CheckNeeds(const Step& step, Needs needs);
  bool Resolve(Step* step);
  bool CheckStack(uint32_t stack);
  template <typename Resource>
  Verdict CheckRepeated(const Resource& resource, const std::string& what);
  Verdict CheckBinding(const Step& step, uint64_t m, const std::string& what,
                       const std::string& other);
  void Emit(const Step& step, EventType type);
  Verdict Advanced(const Step& step);

  Verdict Broken(std::string why);
  // `why` makes the text, and is called only if somebody will read it.
  template <typename Why>
  Verdict NotYet(const Why& why) {
    if (explain_) why_ = why();
    return Verdict::kNotYet;
  }
  std::string WhyNotG(uint64_t g, GoStatus wanted, uint64_t seq) const;
  std::string WhyNotP(uint64_t p, ProcStatus wanted, uint64_t seq) const;
  template <typename Resource>
  bool Follows(const Resource& resource, uint64_t seq) const {
    return resource.generation == generation_->number &&
           seq == resource.seq + 1;
  }
  Goroutine* FindG(uint64_t g);
  Proc* FindP(uint64_t p);

  const Symbols* symbols_;
  bool strict_;
  const Generation* generation_ = nullptr;
  uint32_t index_ = 0;
  std::unordered_map<uint64_t, Goroutine> gs_;
  std::unordered_map<uint64_t, Proc> ps_;
  std::unordered_map<uint64_t, Thread> ms_;
  std::unordered_set<uint64_t> tasks_;
  std::unordered_set<uint32_t> checked_stacks_;
  enum class GC { kUnknown, kOff, kOn } gc_ = GC::kUnknown;
  uint64_t gc_seq_ = 0;
  std::vector<Event>* out_ = nullptr;
  bool explain_ = false;
  std::string why_;
};

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_REPLAY_H_
