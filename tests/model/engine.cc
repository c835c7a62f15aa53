// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// One execution: coroutines, blocking, and the operations themselves.

#include "parkour/tests/model/engine.h"

#include <boost/context/detail/fcontext.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace parkour::model {

Engine engine;

namespace {

namespace fctx = boost::context::detail;

constexpr size_t kStackSize = size_t{256} << 10;

fctx::fcontext_t contexts[kMaxThreads + 1];
alignas(64) unsigned char stacks[kMaxThreads][kStackSize];

constexpr Mask Bit(int t) { return static_cast<Mask>(1u << t); }

// Thrown by a failure outside of the model's threads.
struct Failed {};

void Jump(int from, int to) {
  const fctx::transfer_t t = fctx::jump_fcontext(contexts[to], &contexts[from]);
  *static_cast<fctx::fcontext_t*>(t.data) = t.fctx;
}

// A wrong protocol may well follow a null pointer. The handler runs on the
// stack of the model's thread and, like it, is abandoned.
void OnCrash(int sig) {
  if (engine.self() == kMain) {
    std::signal(sig, SIG_DFL);
    std::raise(sig);
    return;
  }
  engine.Fail("crash: a bad address");
}

void CatchCrashes() {
  struct sigaction action = {};
  action.sa_handler = OnCrash;
  action.sa_flags = SA_NODEFER;
  sigaction(SIGSEGV, &action, nullptr);
}

}  // namespace

void ThreadMain(int t) {
  engine.type_->thread(engine.model_, t);
  engine.finished_ |= Bit(t);
  engine.Schedule();
  std::abort();  // a finished thread was scheduled
}

namespace {

void Entry(fctx::transfer_t t) {
  *static_cast<fctx::fcontext_t*>(t.data) = t.fctx;
  ThreadMain(engine.self());
}

}  // namespace

Result Engine::Run(const ModelType& type, const Options& options) {
  type_ = &type;
  options_ = &options;
  result_ = Result();
  collect_ = options.mutation.kind == Mutation::kNone;
  search_.Start(&options, type.threads);
  CatchCrashes();
  do {
    RunOnce(type);
    result_.steps += static_cast<uint64_t>(search_.steps());
    if (result_.failed) return result_;
    if (result_.executions + result_.pruned >= options.max_executions) {
      return result_;
    }
  } while (search_.Advance());
  result_.complete = true;
  return result_;
}

void Engine::RunOnce(const ModelType& type) {
  ++execution_;
  memory_.Reset();
  search_.StartExecution();
  locks_.clear();
  futex_.clear();
  log_.clear();
  texts_.clear();
  std::memset(names_, 0, sizeof(names_));
  finished_ = asleep_ = woken_early_ = daemons_ = 0;
  self_ = kMain;
  active_ = true;
  const uint64_t pruned = result_.pruned;
  model_ = type.create();
  memory_.StartThreads(type.threads);
  try {
    StartThreadsRunning();
    if (!result_.failed) Schedule();  // until the execution ends
    self_ = kMain;
    if (!result_.failed && result_.pruned == pruned) {
      memory_.JoinThreads(type.threads);
      type.finish(model_);
      ++result_.executions;
    }
  } catch (const Failed&) {
  }
  active_ = false;
  type.destroy(model_);
}

// Every thread runs up to its first operation.
void Engine::StartThreadsRunning() {
  starting_ = true;
  for (int t = 0; t < type_->threads && !result_.failed; ++t) {
    contexts[t] =
        fctx::make_fcontext(stacks[t] + kStackSize, kStackSize, Entry);
    self_ = t;
    Jump(kMain, t);
    self_ = kMain;
  }
  starting_ = false;
}

void Engine::SwitchTo(int t) {
  const int from = self_;
  if (t == from) return;
  self_ = t;
  Jump(from, t);
}

void Engine::EndExecution() {
  const int from = self_;
  self_ = kMain;
  Jump(from, kMain);
  std::abort();  // an abandoned thread was resumed
}

Mask Engine::Enabled() const {
  Mask enabled = 0;
  for (int t = 0; t < type_->threads; ++t) {
    if ((finished_ | asleep_) & Bit(t)) continue;
    const Op& op = pending_[t];
    if (op.kind == OpKind::kLock && locks_[op.loc].held) continue;
    if (op.kind == OpKind::kAwait && memory_.Newest(op.loc) == op.value) {
      continue;
    }
    enabled |= Bit(t);
  }
  return enabled;
}

void Engine::Schedule() {
  if (starting_) {
    SwitchTo(kMain);
    return;
  }
  if (search_.steps() >= options_->max_steps) Fail("livelock: too many steps");
  const Mask enabled = Enabled();
  const Mask all = Bit(type_->threads) - 1;
  if (enabled == 0) {
    if ((finished_ | daemons_) != all) {
      Fail("deadlock: threads are left and none can go on");
    }
    if (self_ != kMain) EndExecution();
    return;
  }
  for (int t = 0; t < type_->threads; ++t) {
    if (finished_ & Bit(t)) pending_[t] = Op();
  }
  const int current = self_ != kMain && !(finished_ & Bit(self_)) ? self_ : -1;
  const int t = search_.ChooseThread(enabled, current, pending_);
  if (t < 0) {
    ++result_.pruned;
    if (self_ != kMain) EndExecution();
    return;
  }
  SwitchTo(t);
}

void Engine::Announce(OpKind kind, int loc, Order order, const Site& site,
                      Value v) {
  if (self_ == kMain) return;
  pending_[self_] = Op{kind, loc, order, site, v};
  Schedule();
}

int Engine::NewLocation(Value initial) {
  const int loc = memory_.NewLocation(initial);
  if (loc < 0) Fail("the model has too many atomics (kMaxLocations)");
  return loc;
}

int Engine::NewLock() {
  if (locks_.size() == kMaxLocks) Fail("the model has too many locks");
  locks_.emplace_back();
  return static_cast<int>(locks_.size()) - 1;
}

int Engine::ChooseValue(int n) { return n <= 1 ? 0 : search_.ChooseValue(n); }

void Engine::Mutate(const Site& site, OpKind kind, Order* order, Order* failure,
                    bool* skip, bool* split) {
  if (self_ == kMain) return;
  if (collect_) {
    for (const AtomicSite& s : result_.sites) {
      if (s.site.line == site.line && s.kind == kind &&
          s.site.file == site.file) {
        return;
      }
    }
    result_.sites.push_back(
        {site, kind, *order, failure != nullptr ? *failure : *order});
    return;
  }
  const Mutation& m = options_->mutation;
  if (m.at.site.line != site.line || m.at.kind != kind ||
      m.kind <= Mutation::kNamed ||
      std::strcmp(m.at.site.file, site.file) != 0) {
    return;
  }
  if (m.kind == Mutation::kOrder) *order = m.order;
  if (m.kind == Mutation::kFailureOrder && failure != nullptr) {
    *failure = m.order;
  }
  if (m.kind == Mutation::kSkip && skip != nullptr) *skip = true;
  if (m.kind == Mutation::kSplit && split != nullptr) *split = true;
}

Value Engine::Load(int loc, Order order, const Site& site) {
  Mutate(site, OpKind::kLoad, &order, nullptr, nullptr, nullptr);
  return DoLoad(loc, order, site);
}

Value Engine::DoLoad(int loc, Order order, const Site& site) {
  Announce(OpKind::kLoad, loc, order, site);
  const int age =
      ChooseValue(memory_.Readable(self_, loc, order, options_->stale_limit));
  const Value v = memory_.Load(self_, loc, age, order);
  Log(v, 0, age);
  return v;
}

void Engine::Store(int loc, Value v, Order order, const Site& site) {
  bool skip = false;
  Mutate(site, OpKind::kStore, &order, nullptr, &skip, nullptr);
  if (!skip) DoStore(loc, v, order, site);
}

void Engine::DoStore(int loc, Value v, Order order, const Site& site) {
  Announce(OpKind::kStore, loc, order, site);
  memory_.Write(self_, loc, v, order);
  Log(0, v);
}

bool Engine::Cas(int loc, Value* expected, Value v, Order order, Order failure,
                 const Site& site) {
  bool split = false;
  Mutate(site, OpKind::kCas, &order, &failure, nullptr, &split);
  Announce(OpKind::kCas, loc, order, site);
  // It may fail on any store that it may read, and succeed on the newest.
  const int n = memory_.Readable(self_, loc, failure, options_->stale_limit);
  int ages[256];
  int choices = 0;
  for (int age = 0; age < n; ++age) {
    if (age == 0 ||
        (options_->stale_failures && memory_.Peek(loc, age) != *expected)) {
      ages[choices++] = age;
    }
  }
  const int age = ages[ChooseValue(choices)];
  if (memory_.Peek(loc, age) == *expected) {
    if (split) {
      memory_.Load(self_, loc, 0, order);
      DoStore(loc, v, order, site);
    } else {
      memory_.Exchange(self_, loc, v, order);
      Log(*expected, v);
    }
    return true;
  }
  *expected = memory_.Load(self_, loc, age, failure);
  Log(*expected, v, age, false);
  return false;
}

void Engine::Fence(const Site& site) {
  Order order = Order::seq_cst;
  bool skip = false;
  Mutate(site, OpKind::kFence, &order, nullptr, &skip, nullptr);
  if (skip) return;
  Announce(OpKind::kFence, -1, order, site);
  memory_.Fence(self_);
  Log(0, 0);
}

void Engine::MemBarrier(const Site& site) {
  if (!options_->membarrier) Fail("the model did not announce MemBarrier");
  Order order = Order::seq_cst;
  bool skip = false;
  Mutate(site, OpKind::kBarrier, &order, nullptr, &skip, nullptr);
  if (skip) return;
  Announce(OpKind::kBarrier, -1, order, site);
  memory_.BarrierForAll(type_->threads);
  Log(0, 0);
}

void Engine::LockAcquire(int lock, const Site& site) {
  Announce(OpKind::kLock, lock, Order::acquire, site);
  if (locks_[lock].held) Fail("a lock is taken twice");
  locks_[lock].held = true;
  memory_.Receive(self_, locks_[lock].view);
  Log(0, 0);
}

void Engine::LockRelease(int lock, const Site& site) {
  Announce(OpKind::kUnlock, lock, Order::release, site);
  if (!locks_[lock].held) Fail("a lock is released that nobody holds");
  locks_[lock].held = false;
  memory_.Publish(self_, &locks_[lock].view);
  Log(0, 0);
}

Value Engine::Await(int loc, Value v, const Site& site, bool take) {
  const Order order = take ? Order::acq_rel : Order::acquire;
  Announce(OpKind::kAwait, loc, order, site, v);
  const Value now = memory_.Newest(loc);
  if (now == v) Fail("deadlock: the set-up waits");
  if (take) {
    memory_.Exchange(self_, loc, now - 1, order);
  } else {
    memory_.Load(self_, loc, 0, order);
  }
  Log(now, 0);
  return now;
}

void Engine::Give(int loc, const Site& site) {
  Announce(OpKind::kRmw, loc, Order::acq_rel, site);
  const Value old = memory_.Newest(loc);
  memory_.Exchange(self_, loc, old + 1, Order::acq_rel);
  Log(old, old + 1);
}

void Engine::FutexWait(int loc, Value v, const Site& site) {
  Announce(OpKind::kFutexWait, loc, Order::relaxed, site, v);
  const Value now = memory_.Newest(loc);
  // At most once, or the sleeper may turn round for ever.
  const bool spurious = now == v && options_->spurious_wakeups &&
                        !(woken_early_ & Bit(self_)) && ChooseValue(2) == 1;
  if (spurious) woken_early_ |= Bit(self_);
  Log(now, v, 0, now == v && !spurious);
  if (now != v || spurious) return;
  futex_.emplace_back(loc, self_);
  asleep_ |= Bit(self_);
  Announce(OpKind::kRunning, -1, Order::relaxed, site);
  Log(0, 0);
}

void Engine::FutexWake(int loc, int count, const Site& site) {
  Announce(OpKind::kFutexWake, loc, Order::relaxed, site);
  int woken = 0;
  for (auto it = futex_.begin(); it != futex_.end() && woken < count;) {
    if (it->first != loc) {
      ++it;
      continue;
    }
    asleep_ &= ~Bit(it->second);
    search_.Woke(self_, it->second);
    it = futex_.erase(it);
    ++woken;
  }
  Log(static_cast<Value>(woken), 0);
}

void Engine::Fail(const std::string& what) {
  if (!result_.failed) {
    result_.failed = true;
    result_.failure = what;
    result_.trace = FormatTrace();
  }
  if (self_ == kMain) throw Failed();
  EndExecution();
}

}  // namespace parkour::model
