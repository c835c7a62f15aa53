// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// explorer.h: a model checker for small lock-free protocols. The threads of a
// model are coroutines of one OS thread, every atomic operation is a scheduling
// point, and all schedules are tried, with all values that each load may
// return (memory.h).
//
//   struct Dekker {
//     static constexpr int kThreads = 2;
//     Atomic<int> flag[2] = {}, inside{0};
//     void Thread(int i) {
//       flag[i].store(1, Order::relaxed);
//       FenceSeqCst();
//       if (flag[1 - i].load(Order::relaxed) == 0) saw_nobody[i] = true;
//     }
//     void Finish() { Require(!(saw_nobody[0] && saw_nobody[1]), "both"); }
//     bool saw_nobody[2] = {};
//   };
//   Result r = Explore<Dekker>(Options{});
//
// The model is made anew for every execution. Search is depth-first by replay:
// an execution is a list of choices, and the next one shares a prefix with it.
// kReduced leaves out executions that differ only in the order of independent
// operations (dynamic partial-order reduction with sleep sets: Flanagan and
// Godefroid, POPL 2005); what it leaves out cannot fail. kAll leaves out
// nothing; with a preemption bound it tries all schedules with at most so many
// switches away from a thread that could go on.
//
// A failure is a failed Require, a data race, a deadlock (threads are left and
// none can go on) or a livelock (too many steps); Result::trace is then the
// interleaving.
//
// Requires: a model is deterministic but for the choices made here, and keeps
//           no state between executions; its threads own no memory on their
//           stacks, which are abandoned when an execution ends early.

#ifndef PARKOUR_TESTS_MODEL_EXPLORER_H_
#define PARKOUR_TESTS_MODEL_EXPLORER_H_

#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "parkour/tests/model/memory.h"

namespace parkour::model {

// Where in the source an operation stands.
struct Site {
  const char* file;
  int line;
  const char* function;
};

enum class OpKind : uint8_t {
  kLoad,
  kStore,
  kRmw,
  kCas,
  kFence,
  kBarrier,  // membarrier
  kLock,
  kUnlock,
  kAwait,  // blocks while the location holds a value
  kFutexWait,
  kFutexWake,
  kRunning,  // woken from a futex; nothing to be done
};

// An atomic operation that stands in the code, for mutants.
struct AtomicSite {
  Site site;
  OpKind kind;
  Order order;
  Order failure;  // of a compare-exchange
};

// A change of the model under test.
struct Mutation {
  enum Kind {
    kNone,
    kNamed,         // the model asks for it: Mutant("...")
    kOrder,         // the site uses `order`
    kFailureOrder,  // its compare-exchange fails with `order`
    kSkip,          // the store or fence is not there
    kSplit,         // the read-modify-write is a load and a store
  };
  Kind kind = kNone;
  std::string name;
  AtomicSite at = {};
  Order order = Order::relaxed;
};

struct Options {
  enum Search { kReduced, kAll };
  Search search = kReduced;
  int preemptions = -1;  // kAll only; -1: unbounded
  uint64_t max_executions = 50000000;
  int max_steps = 1000;           // of one execution; more is a livelock
  int stale_limit = 2;            // see Memory::Readable
  bool spurious_wakeups = false;  // a futex wait may return at once
  bool stale_failures = true;     // a failing compare-exchange may have
                                  // read an old store
  bool membarrier = false;        // the model uses MemBarrier()
  Mutation mutation;
};

struct Result {
  bool failed = false;
  bool complete = false;    // everything was tried
  std::string failure;      // what went wrong
  std::string trace;        // and how
  uint64_t executions = 0;  // tried to the end
  uint64_t pruned = 0;      // given up as equivalent to one that was tried
  uint64_t steps = 0;
  std::vector<AtomicSite> sites;  // all that were reached
};

// ---- What models say ----

// Fails the execution.
[[noreturn]] void Fail(const std::string& what);
inline void Require(bool ok, const char* what) {
  if (!ok) Fail(what);
}
// Any number from 0 to n - 1.
int Choose(int n);
// True when the execution is to show what happens with this change.
bool Mutant(const char* name);
// The calling thread's number.
int Self();
// The calling thread may wait for ever: when only such threads are left the
// execution has ended, and Finish looks at what it came to.
void Daemon();
// A line in the trace.
void Say(const std::string& text);

// The place of a call, as default arguments.
#define PARKOUR_MODEL_SITE                                                    \
  const char *site_file = __builtin_FILE(), int site_line = __builtin_LINE(), \
             const char *site_function = __builtin_FUNCTION()
#define PARKOUR_MODEL_HERE \
  ::parkour::model::Site { site_file, site_line, site_function }

void FenceSeqCst(PARKOUR_MODEL_SITE);
void MemBarrier(PARKOUR_MODEL_SITE);

// A lock that is not itself the object of the model. Blocks, releases and
// acquires.
class Lock {
 public:
  void Acquire(PARKOUR_MODEL_SITE);
  void Release(PARKOUR_MODEL_SITE);

 private:
  friend class Engine;
  int Id();
  uint64_t execution_ = 0;
  int id_ = -1;
};

class LockGuard {
 public:
  explicit LockGuard(Lock* lock) : lock_(lock) { lock_->Acquire(); }
  ~LockGuard() { lock_->Release(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  Lock* const lock_;
};

// ---- Running ----

// How the engine drives a model of any type.
struct ModelType {
  int threads;
  void* (*create)();
  void (*destroy)(void*);
  void (*thread)(void*, int);
  void (*finish)(void*);
};

Result Run(const ModelType& type, const Options& options);

template <typename M>
ModelType TypeOf() {
  static_assert(M::kThreads <= kMaxThreads);
  // Always at the same address: a model may hash its addresses.
  alignas(64) static unsigned char room[sizeof(M)];
  return ModelType{M::kThreads, []() -> void* { return new (room) M; },
                   [](void* m) { static_cast<M*>(m)->~M(); },
                   [](void* m, int t) { static_cast<M*>(m)->Thread(t); },
                   [](void* m) { static_cast<M*>(m)->Finish(); }};
}

template <typename M>
Result Explore(const Options& options) {
  return Run(TypeOf<M>(), options);
}

}  // namespace parkour::model

#endif  // PARKOUR_TESTS_MODEL_EXPLORER_H_
