// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The product's sync/waitgroup.cc: two workers and two that wait. What was done
// before Done is seen after Wait, and nobody waits for ever.

#include <gtest/gtest.h>

#include "parkour/sync/waitgroup.cc"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/semaphore.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

struct WaitGroupModel {
  static constexpr int kThreads = 4;
  WaitGroupModel() { wg.Add(2); }

  void Thread(int t) {
    if (t < 2) {
      work[t].Set(1);
      wg.Done();
    } else {
      wg.Wait();
      Require(work[0].Get() + work[1].Get() == 2, "Wait returned early");
    }
  }
  void Finish() {}

  sync::WaitGroup wg;
  Shared<int> work[2];
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"Add rmw seq_cst -> acq_rel", kOneWord},
    {"Add load seq_cst -> acquire", kOneWord},
    {"Add store seq_cst -> release", kLocked},
    {"Wait load#1 seq_cst -> acquire", kRetried},
    {"Wait cas seq_cst -> acq_rel", kOneWord},
    {"Wait cas failing seq_cst -> acquire", kRetried},
    {"Wait load#2 seq_cst -> acquire", kLocked},
};

TEST(WaitGroupModel, WorkersAndWaiters) {
  CheckModel<WaitGroupModel>({.name = "waitgroup", .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
