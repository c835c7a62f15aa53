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

template <int kN>
struct LockModel {
  static constexpr int kThreads = kN;
  void Thread(int) {
    mu.Lock();
    data.Set(data.Get() + 1);
    mu.Unlock();
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
};

TEST(LockModel, TwoThreads) {
  Options options;
  options.spurious_wakeups = true;
  CheckModel<LockModel<2>>(
      {.name = "lock", .options = options, .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
