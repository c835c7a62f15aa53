// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The product's base/lock.cc over the model's futex.

#include <gtest/gtest.h>

#include "parkour/base/lock.cc"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

// Some threads unlock one way, the others the other.
template <int kN, int kAlive>
struct LockModel {
  static constexpr int kThreads = kN;
  LockModel() { base::has_membarrier.store(true); }
  void Thread(int t) {
    mu.Lock();
    data.Set(data.Get() + 1);
    if (t < kAlive) {
      mu.UnlockAlive();
    } else {
      mu.Unlock();
    }
  }
  void Finish() { Require(data.Get() == kN, "an increment was lost"); }

  base::Mutex mu{base::LockRank::kLeaf};
  Shared<int> data{0, "guarded data"};
};

constexpr char kTwo[] =
    "with two threads nobody else takes the lock in between";

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"LockSlow cas torn", kTwo},
    {"LockSlow rmw#1 torn", kTwo},
    {"LockSlow rmw#3 torn", kTwo},
};

const std::map<std::string, std::string> kRedundant3 = {};

TEST(LockModel, BothWaysToUnlock) {
  Options options;
  options.spurious_wakeups = true;
  options.membarrier = true;
  CheckModel<LockModel<2, 0>, LockModel<2, 1>, LockModel<2, 2>>(
      {.name = "lock", .options = options, .redundant = kRedundant});
}

// A second sleeper, which whoever was woken must wake.
TEST(LockModel, ThreeThreads) {
  Options options;
  options.membarrier = true;
  options.search = Options::kAll;
  options.preemptions = 2;
  options.stale_limit = 1;
  CheckModel<LockModel<3, 2>>(
      {.name = "lock/3", .options = options, .redundant = kRedundant3});
}

}  // namespace
}  // namespace parkour::model
