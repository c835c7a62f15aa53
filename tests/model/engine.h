// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// engine.h: the inside of the explorer, and the door through which atomics and
// locks reach it. Models use atomic.h, shared.h and explorer.h.
//
// A thread that wants to do an operation announces it (pending) and calls
// Schedule, which decides who goes next and switches there; when Schedule
// returns the thread does its operation, at once and alone. So at every
// decision the next operation of every thread is known, which is what
// partial-order reduction lives on.
//
// Files: engine.cc runs one execution, search.cc walks the tree of choices,
//        trace.cc prints.

#ifndef PARKOUR_TESTS_MODEL_ENGINE_H_
#define PARKOUR_TESTS_MODEL_ENGINE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "parkour/tests/model/explorer.h"
#include "parkour/tests/model/memory.h"

namespace parkour::model {

struct Op {
  OpKind kind = OpKind::kRunning;
  int loc = -1;  // or lock
  Order order = Order::relaxed;
  Site site = {"", 0, ""};
  Value value = 0;  // kAwait: the value it waits to change
};

// Two operations are independent if their order makes no difference. Each
// touches at most three objects: its location (or lock), the order of seq_cst
// operations, and all memory.
struct Footprint {
  int object[3];
  bool write[3];
  int n = 0;
  void Add(int o, bool w) {
    object[n] = o;
    write[n++] = w;
  }
};

inline constexpr int kMaxLocks = 8;
inline constexpr int kObjectSeqCst = kMaxLocations + kMaxLocks;
inline constexpr int kObjectAll = kObjectSeqCst + 1;
inline constexpr int kObjects = kObjectAll + 1;

using Mask = uint8_t;

// A point in the tree of choices.
struct Node {
  bool is_thread;
  uint8_t chosen;
  uint8_t n;         // of a value
  Mask enabled = 0;  // from here on of a thread
  Mask backtrack = 0;
  Mask done = 0;
  Mask sleep = 0;
  int8_t current = -1;  // who ran before
  uint16_t preemptions = 0;
};

// Which steps happened before, in the sense of dependence.
struct Clock {
  uint16_t step[kMaxThreads] = {};  // number of the last step, from 1
  void Join(const Clock& o) {
    for (int i = 0; i < kMaxThreads; ++i) {
      if (o.step[i] > step[i]) step[i] = o.step[i];
    }
  }
};

class Search {
 public:
  void Start(const Options* options, int threads);
  void StartExecution();
  // Goes to the next branch; false when there is none.
  bool Advance();

  // Who goes next; -1: the execution is equivalent to an earlier one.
  int ChooseThread(Mask enabled, int current, const Op* pending);
  int ChooseValue(int n);
  // Thread `waker` let `t` go on.
  void Woke(int waker, int t) { clock_[t].Join(clock_[waker]); }
  int steps() const { return steps_; }

 private:
  struct Step {
    int node;
    int thread;
    int loc;
    OpKind kind;
    Clock clock;
  };
  struct Object {
    Clock writes, all;
    // Each thread's last step that wrote, or touched, this.
    uint16_t last_write[kMaxThreads] = {}, last[kMaxThreads] = {};
  };

  void Execute(int t, const Op& op);
  void Remember(int t, const Op& op);
  void FindRaces(const Clock& before, const Op& op);
  void FindBlockers(const Clock& before, const Op& op);
  void Reverse(int step, const Clock& before);
  Footprint Of(const Op& op) const;
  bool Dependent(const Op& a, const Op& b) const;

  const Options* options_ = nullptr;
  int threads_ = 0;
  std::vector<Node> nodes_;
  size_t at_ = 0;
  Mask sleep_ = 0;
  int preemptions_ = 0;
  int steps_ = 0;
  std::vector<Step> trace_;
  Clock clock_[kMaxThreads];
  Object objects_[kObjects];
};

// What the trace remembers of one operation.
struct LogEntry {
  int thread;
  Op op;
  Value read = 0, written = 0;
  int age = 0;
  bool success = true;
  int text = -1;
};

class Engine {
 public:
  Result Run(const ModelType& type, const Options& options);

  bool active() const { return active_; }
  uint64_t execution() const { return execution_; }
  int self() const { return self_; }
  const Options& options() const { return *options_; }

  int NewLocation(Value initial);
  int NewLock();
  void NameLocation(int loc, const char* name) { names_[loc] = name; }

  Value Load(int loc, Order order, const Site& site);
  void Store(int loc, Value v, Order order, const Site& site);
  // f(old) is what is written.
  template <typename F>
  Value Rmw(int loc, Order order, const Site& site, F f) {
    bool split = false;
    Mutate(site, OpKind::kRmw, &order, nullptr, nullptr, &split);
    if (split) {
      const Value old = DoLoad(loc, order, site);
      DoStore(loc, f(old), order, site);
      return old;
    }
    Announce(OpKind::kRmw, loc, order, site);
    const Value old = memory_.Newest(loc);
    const Value next = f(old);
    memory_.Exchange(self_, loc, next, order);
    Log(old, next);
    return old;
  }
  bool Cas(int loc, Value* expected, Value v, Order order, Order failure,
           const Site& site);
  void Fence(const Site& site);
  void MemBarrier(const Site& site);
  void LockAcquire(int lock, const Site& site);
  void LockRelease(int lock, const Site& site);
  // Blocks while loc holds v; then acquires.
  // `take`: and takes 1 off in the same step.
  Value Await(int loc, Value v, const Site& site, bool take = false);
  void Give(int loc, const Site& site);
  void Put(int loc, Value v, const Site& site) {
    DoStore(loc, v, Order::release, site);
  }
  void FutexWait(int loc, Value v, const Site& site);
  void FutexWake(int loc, int count, const Site& site);

  int ChooseValue(int n);
  [[noreturn]] void Fail(const std::string& what);
  void BecomeDaemon() { daemons_ |= static_cast<Mask>(1u << self_); }
  void Say(const std::string& text);
  Memory& memory() { return memory_; }

 private:
  friend void ThreadMain(int t);
  struct LockState {
    bool held = false;
    View view;
  };

  void RunOnce(const ModelType& type);
  void StartThreadsRunning();
  void Announce(OpKind kind, int loc, Order order, const Site& site,
                Value v = 0);
  void Schedule();
  Mask Enabled() const;
  void SwitchTo(int t);
  [[noreturn]] void EndExecution();
  Value DoLoad(int loc, Order order, const Site& site);
  void DoStore(int loc, Value v, Order order, const Site& site);
  // Applies the mutation, and remembers the site.
  void Mutate(const Site& site, OpKind kind, Order* order, Order* failure,
              bool* skip, bool* split);
  void Log(Value read, Value written, int age = 0, bool success = true);
  std::string FormatTrace() const;

  const Options* options_ = nullptr;
  const ModelType* type_ = nullptr;
  void* model_ = nullptr;
  Result result_;
  Memory memory_;
  Search search_;
  bool active_ = false;
  bool starting_ = false;
  bool collect_ = false;
  uint64_t execution_ = 0;
  int self_ = kMain;
  Mask finished_ = 0;
  Mask daemons_ = 0;
  Mask asleep_ = 0;       // in a futex
  Mask woken_early_ = 0;  // for no reason
  Op pending_[kMaxThreads];
  std::vector<LockState> locks_;
  std::vector<std::pair<int, int>> futex_;  // location, thread; in order
  std::vector<LogEntry> log_;
  std::vector<std::string> texts_;
  const char* names_[kMaxLocations] = {};
};

extern Engine engine;

}  // namespace parkour::model

#endif  // PARKOUR_TESTS_MODEL_ENGINE_H_
