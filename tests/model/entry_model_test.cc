// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The handshake between an M that enters the runtime and those who take its P
// from user code: enter.h (enterRuntime, leaveRuntime), handoff.cc
// (retakeFromUser, awaitRetaker, enterSlow), syscall.cc (exitsyscall, takeP).
// The P's data must never be touched by two at once, and the M never waits for
// a P for ever.
//
// Two retakers (sysmon, and who stops the world) against one M with one P. The
// P that was taken comes back through the idle list.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

constexpr auto kRelaxed = Order::relaxed;
constexpr auto kAcquire = Order::acquire;
constexpr auto kRelease = Order::release;
constexpr auto kAcqRel = Order::acq_rel;
constexpr auto kSeqCst = Order::seq_cst;

constexpr uint32_t kAttnPreempt = 1;
constexpr uint32_t kAttnRetake = 2;
constexpr uint32_t kAttnLostP = 4;
enum : uint32_t { kPidle, kPrunning };
enum : uint32_t { kGrunning, kGsyscall };

template <bool kMembarrier, int kRetakers, int kEntries, bool kPreempter>
struct EntryModel {
  static constexpr int kThreads = 1 + kRetakers + kPreempter;

  EntryModel() {
    in_runtime.Name("in_runtime");
    attention.Name("attention");
    p_status.Name("p.status");
    p_m.Name("p.m");
    g_status.Name("g.status");
    idle.Name("idle P");
  }

  void Thread(int t) {
    if (t > kRetakers) {
      attention.fetch_or(kAttnPreempt, kRelaxed);  // sysmon: Preempt
      return;
    }
    if (t > 0) {
      Retaker();
      return;
    }
    for (int i = 0; i < kEntries; ++i) {
      EnterRuntime();
      p_data.Set(p_data.Get() + 1);
      LeaveRuntime();
    }
  }

  // ---- enter.h ----

  void EntryBarrier() {
    if (!kMembarrier) FenceSeqCst();
  }
  void EnterRuntime() {
    uint32_t seen;
    if (Mutant("no compiler barrier: the load comes before the store")) {
      seen = attention.load(kAcquire);
      in_runtime.store(1, kRelaxed);
    } else {
      in_runtime.store(1, kRelaxed);
      EntryBarrier();
      seen = attention.load(kAcquire);
    }
    if (seen != 0) EnterSlow();
  }
  void LeaveRuntime() { in_runtime.store(0, kRelease); }

  // ---- handoff.cc ----

  void AwaitRetaker() {
    if (Mutant("the M does not wait for the retaker")) return;
    if (attention.load(kAcquire) & kAttnRetake) LockGuard decided(&retake_mu);
  }
  void EnterSlow() {
    AwaitRetaker();
    if (attention.load(kAcquire) & kAttnLostP) {
      attention.fetch_and(~(kAttnLostP | kAttnPreempt), kRelaxed);
      ExitSyscall();
      return;
    }
    if (attention.load(kRelaxed) & kAttnPreempt) {
      attention.fetch_and(~kAttnPreempt, kRelaxed);
    }
  }
  void HeavyBarrier() {
    if (kMembarrier) {
      MemBarrier();
    } else {
      FenceSeqCst();
    }
  }
  bool RetakeFromUser() {
    LockGuard guard(&retake_mu);
    if (p_m.load(kAcquire) == 0 || p_status.load(kAcquire) != kPrunning) {
      return false;
    }
    attention.fetch_or(kAttnRetake, kSeqCst);
    HeavyBarrier();
    if (in_runtime.load(kAcquire) != 0 || m_p.Get() == 0) {
      attention.fetch_and(~kAttnRetake, kRelease);
      return false;
    }
    CasGStatus(kGrunning, kGsyscall);
    m_p.Set(0);
    p_m.store(0, kRelaxed);
    p_status.store(kPidle, kRelease);
    if (Mutant("the retaker is gone before it says that the P is lost")) {
      attention.fetch_and(~kAttnRetake, kRelease);
      attention.fetch_or(kAttnLostP, kRelease);
      return true;
    }
    attention.fetch_or(kAttnLostP, kRelease);
    attention.fetch_and(~kAttnRetake, kRelease);
    return true;
  }
  void Retaker() {
    if (!RetakeFromUser()) return;
    p_data.Set(p_data.Get() + 1);  // e.g. empties its run queue
    idle.Give();                   // pidleput, under sched.lock
  }

  // ---- syscall.cc ----

  void ExitSyscall() {
    idle.AwaitTake();  // pidleget, or parked until there is one
    Require(m_p.Get() == 0, "acquirep with a P");
    Require(p_status.load(kRelaxed) == kPidle, "the P is not idle");
    m_p.Set(1);
    p_m.store(1, kRelaxed);
    p_status.store(kPrunning, kRelease);
    CasGStatus(kGsyscall, kGrunning);
  }

  void CasGStatus(uint32_t from, uint32_t to) {
    uint32_t expected = from;
    Require(g_status.compare_exchange_strong(expected, to, kAcqRel, kRelaxed),
            "casgstatus: the goroutine is in another status");
  }

  void Finish() {
    Require(in_runtime.load() == 0, "the M is in user code");
    Require((attention.load() & kAttnRetake) == 0, "no retaker decides");
    const bool lost = attention.load() & kAttnLostP;
    Require((m_p.Get() == 0) == lost, "a lost P is announced");
    Require((p_m.load() == 0) == lost, "P and M agree");
    Require((p_status.load() == kPidle) == lost, "a lost P is idle");
    Require((g_status.load() == kGsyscall) == lost, "its G is in a syscall");
  }

  Atomic<uint32_t> in_runtime{0}, attention{0};
  Atomic<uint32_t> p_status{kPrunning}, g_status{kGrunning};
  Atomic<uint32_t> p_m{1};
  Atomic<uint32_t> idle{0};
  Lock retake_mu;
  Shared<int> m_p{1, "m.p"};
  Shared<int> p_data{0, "the P"};
};

constexpr char kPreempt[] = "may lose a request to yield, which sysmon repeats";

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"EnterRuntime load acquire -> relaxed", kLocked},
    {"AwaitRetaker load acquire -> relaxed", kLocked},
    {"EnterSlow load#1 acquire -> relaxed", kLocked},
    {"EnterSlow rmw#1 torn", kPreempt},
    {"RetakeFromUser load#1 acquire -> relaxed", kLocked},
    {"RetakeFromUser rmw#1 seq_cst -> acq_rel", kFenced},
    {"RetakeFromUser rmw#1 torn", kPreempt},
    {"RetakeFromUser rmw#2 release -> relaxed", kLocked},
    {"RetakeFromUser rmw#2 torn", kPreempt},
    {"RetakeFromUser store#2 release -> relaxed", kLocked},
    {"RetakeFromUser rmw#3 release -> relaxed", kLocked},
    {"RetakeFromUser rmw#3 torn", kPreempt},
    {"RetakeFromUser rmw#4 release -> relaxed", kLocked},
    {"RetakeFromUser rmw#4 torn", kPreempt},
    {"ExitSyscall store#2 release -> relaxed", kLocked},
    {"CasGStatus cas acq_rel -> acquire", kLocked},
    {"CasGStatus cas acq_rel -> release", kLocked},
    {"CasGStatus cas torn", kOwner},
};

TEST(EntryModel, Membarrier) {
  Options options;
  options.membarrier = true;
  CheckModel<EntryModel<true, 1, 2, false>, EntryModel<true, 2, 1, false>,
             EntryModel<true, 1, 1, true>>(
      {.name = "entry",
       .options = options,
       .named = {"no compiler barrier: the load comes before the store",
                 "the M does not wait for the retaker",
                 "the retaker is gone before it says that the P is lost"},
       .redundant = kRedundant});
}

TEST(EntryModel, Fences) {
  CheckModel<EntryModel<false, 1, 2, false>, EntryModel<false, 2, 1, false>,
             EntryModel<false, 1, 1, true>>(
      {.name = "entry/fence",
       .named = {"the M does not wait for the retaker",
                 "the retaker is gone before it says that the P is lost"},
       .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
