// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The dance (drain) of lifecycle.cc: goroutineEnded, awaitDrained, Shutdown;
// spawn.cc: countGoroutine, NumGoroutine, and the end of gdestroyHook. Shutdown
// returns when the last goroutine has ended, not before, and not never.
//
// Three Ps. A goroutine that ends, or starts another one, does so inside the
// runtime: its M holds its P, and a world that is being stopped waits for it.
// That is a lock for each P here. Shutdown's timeout, which would hide a lost
// wake-up, is left out.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

constexpr auto kRelaxed = Order::relaxed;
constexpr auto kSeqCst = Order::seq_cst;

struct DrainModel {
  static constexpr int kThreads = 4;
  static constexpr int kGoroutines = 3;

  DrainModel() {
    draining.Name("draining");
    drained_once.Name("drained_once");
    note.Name("drained");
    goroutines[0].Name("p0.goroutines");
    goroutines[1].Name("p1.goroutines");
    goroutines[2].Name("p2.goroutines");
    stolen.Name("run queue");
    ended.Name("ended");
  }

  void Thread(int t) {
    if (t == 0) Shutdown();
    if (t == 1) FirstP();
    if (t == 2) SecondP();
    if (t == 3) ThirdP();
  }

  // A goroutine that starts a second one and ends.
  void FirstP() {
    {
      LockGuard in(&p[0]);
      Count(0, +1);
      stolen.Put(1);
    }
    LockGuard in(&p[0]);
    End(0);
  }

  // The one that it has started: counted there, it ends here. A sum that has
  // looked there before and looks here after is one too small.
  void SecondP() {
    stolen.AwaitNot(0);
    LockGuard in(&p[1]);
    End(1);
  }

  // One of its own.
  void ThirdP() {
    LockGuard in(&p[2]);
    End(2);
  }

  // ---- spawn.cc ----

  void Count(int i, int delta) {
    goroutines[i].store(goroutines[i].load(kRelaxed) + delta, kRelaxed);
  }
  int NumGoroutine() {
    int n = 0;
    for (const Atomic<int>& i : goroutines) n += i.load(kRelaxed);
    return n;
  }
  // The end of gdestroyHook.
  void End(int i) {
    ended.Give();
    Count(i, -1);
    if (draining.load(kRelaxed)) GoroutineEnded();
  }

  // ---- lifecycle.cc ----

  void GoroutineEnded() {
    FenceSeqCst();
    if (NumGoroutine() != 0) return;
    if (!Mutant("all who find none wake") && drained_once.exchange(true)) {
      return;
    }
    // Note::Wakeup
    Require(note.exchange(1, Order::release) == 0, "the note is woken twice");
    note.FutexWake(1);
  }

  void AwaitDrained() {
    if (NumGoroutine() == 0) return;
    while (note.load(Order::acquire) == 0) note.FutexWait(0);
  }

  void StopTheWorld() {
    for (Lock& l : p) l.Acquire();
  }
  void StartTheWorld() {
    for (Lock& l : p) l.Release();
  }

  void Shutdown() {
    draining.store(true, kSeqCst);
    if (!Mutant("the world does not stop first")) {
      StopTheWorld();
      StartTheWorld();
    }
    for (;;) {
      AwaitDrained();
      if (Mutant("a sum that found none decides")) break;
      StopTheWorld();
      if (NumGoroutine() == 0) break;
      if (!Mutant("the note stays woken")) note.store(0, kRelaxed);
      if (!Mutant("only one wake-up ever")) drained_once.store(false, kSeqCst);
      StartTheWorld();
    }
    Require(ended.load(kRelaxed) == kGoroutines,
            "Shutdown returns before the last has ended");
  }

  void Finish() {}

  Lock p[3];
  Atomic<bool> draining{false};
  Atomic<bool> drained_once{false};
  Atomic<uint32_t> note{0};
  Atomic<int> goroutines[3] = {1, 0, 1};
  Atomic<int> stolen{0};
  Atomic<int> ended{0};
};

constexpr char kStopped[] = "the world that is stopped next orders it";

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"GoroutineEnded rmw#1 seq_cst -> acq_rel", kOneWord},
    {"GoroutineEnded rmw#2 release -> relaxed", kStopped},
    {"GoroutineEnded rmw#2 torn", kOwner},
    {"AwaitDrained load acquire -> relaxed", kStopped},
    {"Shutdown store#1 seq_cst -> release", kStopped},
    {"Shutdown store#3 seq_cst -> release", kStopped},
};

TEST(DrainModel, ShutdownAndTheLastGoroutine) {
  Options options;
  options.search = Options::kAll;
  options.preemptions = 2;
  options.stale_limit = 1;
  CheckModel<DrainModel>(
      {.name = "drain",
       .options = options,
       .named = {"all who find none wake", "the world does not stop first",
                 "a sum that found none decides", "the note stays woken",
                 "only one wake-up ever"},
       .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
