// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The product's runtime/sema.cc over the model's parking: two that acquire and
// two releases, one of them with hand-off. No wake-up is lost and no count is
// taken twice.

// Included, not linked: its table must be emptied between executions.
#include <gtest/gtest.h>

#include "parkour/runtime/sema.cc"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

template <bool kHandoff>
struct SemaModel {
  static constexpr int kThreads = 3;
  SemaModel() { runtime::BucketOf(&sema)->first = nullptr; }

  void Thread(int t) {
    if (t == 2) {
      data.Set(1);
      runtime::semrelease(&sema, kHandoff);
      runtime::semrelease(&sema, false);
      return;
    }
    runtime::semacquire(&sema, runtime::WaitReason::kSemacquire);
    Require(data.Get() == 1, "nothing was released");
    ++acquired;
  }
  void Finish() {
    Require(acquired == 2, "not all have acquired");
    Require(sema.load() == 0, "counts are left over");
    Require(runtime::BucketOf(&sema)->nwait.load() == 0, "waiters left over");
  }

  base::Atomic<uint32_t> sema{0};
  Shared<int> data{0};
  int acquired = 0;
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"cansemacquire cas seq_cst -> acq_rel", kOneWord},
    {"cansemacquire cas failing seq_cst -> acquire", kRetried},
    {"waitOnce rmw#1 torn", kLocked},
    {"waitOnce rmw#2 seq_cst -> acq_rel", kLocked},
    {"waitOnce rmw#2 torn", kLocked},
    {"semrelease rmw#2 seq_cst -> acq_rel", kLocked},
    {"semrelease rmw#2 torn", kLocked},
};

TEST(SemaModel, PlainAndHandoff) {
  CheckModel<SemaModel<false>, SemaModel<true>>(
      {.name = "sema", .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
