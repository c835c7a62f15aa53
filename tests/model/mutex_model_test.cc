// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The product's sync/mutex.cc: normal and starving, with a spinner: the clock
// stands still or leaps, as the search likes.

#include <gtest/gtest.h>

#include "parkour/sync/mutex.cc"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/semaphore.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

template <int kN, int kRounds, int kSpins>
struct MutexModel {
  static constexpr int kThreads = kN;
  MutexModel() { runtime::spins_left = kSpins; }

  void Thread(int t) {
    for (int i = 0; i < (t == 0 ? kRounds : 1); ++i) {
      if (t == kN - 1 && kN > 2) {
        if (!mu.TryLock()) return;
      } else {
        mu.Lock();
      }
      data.Set(data.Get() + 1);
      mu.Unlock();
    }
  }
  void Finish() { Require(mu.TryLock(), "a free mutex is not free"); }

  sync::Mutex mu;
  Shared<int> data{0, "guarded data"};
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"LockSlow rmw acquire -> relaxed", kLocked},
    {"LockSlow rmw torn", kOwner},
};

TEST(MutexModel, LockTryLockUnlock) {
  Options options;
  options.stale_limit = 1;
  options.stale_failures = false;
  CheckModel<MutexModel<2, 2, 1>, MutexModel<3, 1, 0>>(
      {.name = "mutex", .options = options, .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
