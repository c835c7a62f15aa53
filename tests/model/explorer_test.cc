// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Is the checker itself right? The litmus tests say which outcomes the memory
// model has and has not; small random programs say that the reduction loses
// none of them; the canary says that what is broken is reported.

#include "parkour/tests/model/explorer.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

// A litmus program: up to three threads of a few operations on two locations.
struct Instruction {
  enum Kind { kLoad, kStore, kAdd, kCas, kFence, kAwait, kLock, kUnlock };
  Kind kind;
  int loc;
  Order order;
};
using Program = std::vector<std::vector<Instruction>>;

Program* program;
std::set<std::string>* outcomes;

// Remembers every value read; stores write numbers that tell them apart.
template <int kN>
struct Litmus {
  static constexpr int kThreads = kN;
  void Thread(int t) {
    int i = 0;
    for (const Instruction& in : (*program)[static_cast<size_t>(t)]) {
      Step(t, in, 10 * (t + 1) + i++);
    }
  }
  void Step(int t, const Instruction& in, int value) {
    Atomic<int>& a = x[in.loc];
    switch (in.kind) {
      case Instruction::kLoad:
        Saw(t, a.load(in.order));
        break;
      case Instruction::kStore:
        a.store(value, in.order);
        break;
      case Instruction::kAdd:
        Saw(t, a.fetch_add(1, in.order));
        break;
      case Instruction::kCas: {
        int expected = 0;
        a.compare_exchange_strong(expected, value, in.order);
        Saw(t, expected);
        break;
      }
      case Instruction::kFence:
        FenceSeqCst();
        break;
      case Instruction::kAwait:
        Saw(t, a.AwaitNot(value - 1));
        break;
      case Instruction::kLock:
        lock.Acquire();
        break;
      case Instruction::kUnlock:
        lock.Release();
        break;
    }
  }
  void Saw(int t, int v) { seen[t][n[t]++] = v; }
  void Finish() {
    std::string s;
    for (int t = 0; t < kN; ++t) {
      for (int i = 0; i < n[t]; ++i) s += std::to_string(seen[t][i]) + ",";
      s += ";";
    }
    for (Atomic<int>& a : x) s += std::to_string(a.load()) + ",";
    outcomes->insert(s);
  }
  Atomic<int> x[2] = {};
  Lock lock;
  int seen[kN][8];
  int n[kN] = {};
};

// A deadlock ends the search and is an outcome by itself.
std::set<std::string> OutcomesOf(Program p, Options::Search search,
                                 uint64_t* executions = nullptr) {
  std::set<std::string> out;
  program = &p;
  outcomes = &out;
  Options options;
  options.search = search;
  const Result r =
      p.size() == 2 ? Explore<Litmus<2>>(options) : Explore<Litmus<3>>(options);
  if (r.failed) out = {r.failure};
  if (executions != nullptr) *executions = r.executions + r.pruned;
  return out;
}

constexpr auto kRlx = Order::relaxed;
constexpr auto kAcq = Order::acquire;
constexpr auto kRel = Order::release;
constexpr auto kSc = Order::seq_cst;
using I = Instruction;

std::string Text(const Program& p) {
  const char* const kinds[] = {"load",  "store", "add",  "cas",
                               "fence", "await", "lock", "unlock"};
  std::string out;
  for (const auto& thread : p) {
    for (const I& in : thread) {
      out += std::string(kinds[in.kind]) + std::to_string(in.loc) + "." +
             std::to_string(static_cast<int>(in.order)) + " ";
    }
    out += "\n";
  }
  return out;
}

TEST(Litmus, StoreBuffering) {
  const auto sb = [](Order store, Order load) {
    return Program{{{I::kStore, 0, store}, {I::kLoad, 1, load}},
                   {{I::kStore, 1, store}, {I::kLoad, 0, load}}};
  };
  const std::string both_zero = "0,;0,;10,20,";
  EXPECT_TRUE(OutcomesOf(sb(kRel, kAcq), Options::kReduced).count(both_zero));
  EXPECT_FALSE(OutcomesOf(sb(kSc, kSc), Options::kReduced).count(both_zero));
  EXPECT_TRUE(OutcomesOf(sb(kSc, kAcq), Options::kReduced).count(both_zero));
  const Program fenced{
      {{I::kStore, 0, kRlx}, {I::kFence, 0, kRlx}, {I::kLoad, 1, kRlx}},
      {{I::kStore, 1, kRlx}, {I::kFence, 0, kRlx}, {I::kLoad, 0, kRlx}}};
  EXPECT_FALSE(OutcomesOf(fenced, Options::kReduced).count("0,;0,;10,20,"));
  EXPECT_FALSE(OutcomesOf(fenced, Options::kReduced).empty());
}

TEST(Litmus, MessagePassing) {
  const auto mp = [](Order store, Order load) {
    return Program{{{I::kStore, 0, kRlx}, {I::kStore, 1, store}},
                   {{I::kLoad, 1, load}, {I::kLoad, 0, kRlx}}};
  };
  const std::string bad = ";11,0,;10,11,";
  EXPECT_FALSE(OutcomesOf(mp(kRel, kAcq), Options::kReduced).count(bad));
  EXPECT_TRUE(OutcomesOf(mp(kRlx, kAcq), Options::kReduced).count(bad));
  EXPECT_TRUE(OutcomesOf(mp(kRel, kRlx), Options::kReduced).count(bad));
}

TEST(Litmus, Coherence) {
  const Program corr{{{I::kStore, 0, kRlx}},
                     {{I::kLoad, 0, kRlx}, {I::kLoad, 0, kRlx}}};
  EXPECT_FALSE(OutcomesOf(corr, Options::kReduced).count(";10,0,;10,0,"));
  EXPECT_EQ(OutcomesOf(corr, Options::kReduced).size(), 3u);
}

TEST(Litmus, ReleaseSequence) {
  // The read-modify-write of a third thread hands the release on.
  const Program p{{{I::kStore, 0, kRlx}, {I::kStore, 1, kRel}},
                  {{I::kAdd, 1, kRlx}},
                  {{I::kLoad, 1, kAcq}, {I::kLoad, 0, kRlx}}};
  EXPECT_FALSE(OutcomesOf(p, Options::kReduced).count(";11,;12,0,;10,12,"));
}

// The reduction leaves out executions, but no outcome.
TEST(Reduction, LosesNoOutcome) {
  std::mt19937 random(1);
  const auto below = [&random](int n) {
    return static_cast<int>(random() % n);
  };
  const Order orders[] = {kRlx, kAcq, kRel, Order::acq_rel, kSc};
  uint64_t all = 0, reduced = 0;
  for (int round = 0; round < 400; ++round) {
    Program p(round % 2 == 0 ? 2 : 3);
    for (auto& thread : p) {
      const int n = p.size() == 2 ? 4 : 3;
      const bool locked = below(4) == 0;
      if (locked) thread.push_back({I::kLock, 0, kRlx});
      for (int i = locked ? 1 : 0; i < n; ++i) {
        const auto kind = static_cast<I::Kind>(below(6));
        Order o = orders[below(5)];
        if (kind == I::kLoad && (o == kRel || o == Order::acq_rel)) o = kRlx;
        if (kind == I::kStore && (o == kAcq || o == Order::acq_rel)) o = kRlx;
        thread.push_back({kind, below(2), o});
      }
      if (locked) thread.push_back({I::kUnlock, 0, kRlx});
    }
    uint64_t a, r;
    const auto expected = OutcomesOf(p, Options::kAll, &a);
    ASSERT_EQ(OutcomesOf(p, Options::kReduced, &r), expected)
        << "round " << round << "\n"
        << Text(p);
    all += a;
    reduced += r;
  }
  std::printf("%lu executions reduced to %lu\n", all, reduced);
  EXPECT_LT(reduced, all / 4);
}

// A lock that looks before it takes.
template <bool kBroken>
struct SpinLockModel {
  static constexpr int kThreads = 2;
  void Thread(int) {
    if constexpr (kBroken) {
      if (held.AwaitNot(1) != 0) return;
      held.store(1, Order::acq_rel);
    } else {
      for (int expected = 0; !held.compare_exchange_strong(
               expected, 1, Order::acquire, Order::relaxed);
           expected = 0) {
        held.AwaitNot(1);
      }
    }
    data.Set(data.Get() + 1);
    held.store(0, Order::release);
  }
  void Finish() { Require(data.Get() == 2, "an increment was lost"); }
  Atomic<int> held{0};
  Shared<int> data{0};
};

TEST(Canary, BrokenLockIsFound) {
  EXPECT_TRUE(Explore<SpinLockModel<false>>({}).complete);
  const Result r = Explore<SpinLockModel<true>>({});
  ASSERT_TRUE(r.failed);
  EXPECT_NE(r.failure.find("data race"), std::string::npos) << r.failure;
  EXPECT_NE(r.trace.find("store.acq_rel"), std::string::npos) << r.trace;
}

struct DeadlockModel {
  static constexpr int kThreads = 2;
  void Thread(int t) {
    LockGuard first(&lock[t]);
    LockGuard second(&lock[1 - t]);
  }
  void Finish() {}
  Lock lock[2];
};

struct LivelockModel {
  static constexpr int kThreads = 1;
  void Thread(int) {
    while (x.load(Order::relaxed) == 0) {
    }
  }
  void Finish() {}
  Atomic<int> x{0};
};

struct UnpublishedModel {
  static constexpr int kThreads = 2;
  void Thread(int t) {
    if (t == 0) {
      data.Set(1);
      ready.store(true, Order::relaxed);
    } else if (ready.load(Order::acquire)) {
      data.Get();
    }
  }
  void Finish() {}
  Atomic<bool> ready{false};
  Shared<int> data{0};
};

// Sleeps without the kernel's second look at the word.
template <bool kBroken>
struct FutexModel {
  static constexpr int kThreads = 2;
  void Thread(int t) {
    if (t == 0) {
      word.store(1, Order::release);
      word.FutexWake(1);
      return;
    }
    while (word.load(Order::acquire) == 0) {
      word.FutexWait(kBroken ? word.load(Order::relaxed) : 0);
    }
  }
  void Finish() {}
  Atomic<uint32_t> word{0};
};

TEST(Canary, EveryKindOfFailureIsFound) {
  const auto failure = [](const Result& r) { return r.failure; };
  EXPECT_EQ(failure(Explore<DeadlockModel>({})).substr(0, 8), "deadlock");
  EXPECT_EQ(failure(Explore<LivelockModel>({})).substr(0, 8), "livelock");
  EXPECT_EQ(failure(Explore<UnpublishedModel>({})).substr(0, 9), "data race");
  EXPECT_EQ(failure(Explore<FutexModel<false>>({})), "");
  EXPECT_EQ(failure(Explore<FutexModel<true>>({})).substr(0, 8), "deadlock");
}

TEST(Canary, PreemptionBoundNeedsEnough) {
  Options options;
  options.search = Options::kAll;
  options.preemptions = 0;
  EXPECT_TRUE(Explore<DeadlockModel>(options).complete);
  options.preemptions = 1;
  EXPECT_TRUE(Explore<DeadlockModel>(options).failed);
}

}  // namespace
}  // namespace parkour::model
