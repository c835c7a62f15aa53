// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The dance (intern) of trace/stack_table.h: InternStack and StackOf of
// stack_table.cc. Three threads put two different stacks into a table whose
// buckets they must share; each stack gets one number, and whoever has it sees
// all of the stack. Entries come from an arena that all take from.

#include <gtest/gtest.h>

#include "parkour/tests/model/atomic.h"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

struct InternModel {
  static constexpr int kThreads = 3;
  static constexpr uint32_t kBuckets = 2;

  InternModel() {
    for (Atomic<uint32_t>& b : buckets) b.Name("bucket");
    used.Name("used");
  }

  // Threads 0 and 1 have the same stack.
  void Thread(int t) {
    const int stack = t == 2 ? 20 : 10;
    id[t] = Intern(stack);
    Require(id[t] != 0, "no room, although there is");
    Require(StackOf(id[t]) == stack, "another's stack");
  }

  // 0 is no entry; otherwise its place in the arena, plus one.
  uint32_t NewEntry(int stack) {
    const uint32_t at = used.fetch_add(1, Order::relaxed);
    arena[at].Set(stack);
    return at + 1;
  }
  int At(uint32_t entry) { return arena[entry - 1].Get(); }

  uint32_t Intern(int stack) {
    uint32_t mine = 0;
    for (uint32_t at = 0; at < kBuckets; ++at) {
      uint32_t e = buckets[at].load(Order::acquire);
      if (e == 0) {
        if (mine == 0) mine = NewEntry(stack);
        if (Mutant("stores without comparing")) {
          buckets[at].store(mine, Order::release);
          return at + 1;
        }
        if (buckets[at].compare_exchange_strong(e, mine, Order::acq_rel)) {
          return at + 1;
        }
        if (Mutant("does not look at the winner")) continue;
      }
      if (At(e) == stack) return at + 1;
    }
    return 0;
  }
  int StackOf(uint32_t i) {
    const uint32_t e = buckets[i - 1].load(Order::acquire);
    return e == 0 ? 0 : At(e);
  }

  void Finish() {
    Require(id[0] == id[1], "one stack has two numbers");
    Require(id[0] != id[2], "two stacks have one number");
  }

  Atomic<uint32_t> buckets[kBuckets] = {};
  Atomic<uint32_t> used{0};
  Shared<int> arena[3];
  uint32_t id[kThreads] = {};
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"Intern cas acq_rel -> release",
     "an empty bucket has nothing that could be acquired"},
    {"StackOf load acquire -> relaxed",
     "who knows the number has it, by release and acquire, from a thread that "
     "saw the entry"},
};

TEST(InternModel, ThreeThreadsTwoStacks) {
  CheckModel<InternModel>(
      {.name = "intern",
       .named = {"stores without comparing", "does not look at the winner"},
       .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
