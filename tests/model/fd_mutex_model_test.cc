// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The product's poll/fd_mutex.cc: two readers, somebody with a reference,
// Close. Reads exclude each other, nobody uses the descriptor after it was
// destroyed, it is destroyed exactly once, and nobody waits for ever.

#include <gtest/gtest.h>

#include "parkour/poll/fd_mutex.cc"
#include "parkour/tests/model/mutants.h"
#include "parkour/tests/model/semaphore.h"
#include "parkour/tests/model/shared.h"

namespace parkour::model {
namespace {

template <int kReaders, bool kRef>
struct FdMutexModel {
  static constexpr int kThreads = kReaders + 1;

  void Thread(int t) {
    if (t < kReaders) {
      Read();
      return;
    }
    if (kRef && mu.incref()) {
      Use();
      if (mu.decref()) Destroy();
    }
    Require(mu.increfAndClose(), "closed twice");
    Use();
    if (mu.decref()) Destroy();
    if (kRef) Require(!mu.incref(), "a reference to a closed descriptor");
  }

  void Read() {
    if (!mu.rwlock(/*read=*/true)) return;
    Use();
    read_state.Set(read_state.Get() + 1);
    if (mu.rwunlock(/*read=*/true)) Destroy();
  }

  void Use() { Require(descriptor.Get() == 1, "used after it was destroyed"); }
  void Destroy() {
    Require(descriptor.Get() == 1, "destroyed twice");
    descriptor.Set(0);
  }
  void Finish() { Require(descriptor.Get() == 0, "never destroyed"); }

  poll::FdMutex mu;
  Shared<int> descriptor{1, "descriptor"};
  Shared<int> read_state{0, "read state"};
};

// Mutants that survive, and why.
const std::map<std::string, std::string> kRedundant = {
    {"incref cas acq_rel -> acquire", kOneWord},
    {"incref cas acq_rel -> release", kOneWord},
    {"incref cas failing acquire -> relaxed", kRetried},
    {"increfAndClose cas acq_rel -> acquire", kOneWord},
    {"increfAndClose cas acq_rel -> release", kOneWord},
    {"increfAndClose cas failing acquire -> relaxed", kRetried},
    {"decref cas failing acquire -> relaxed", kRetried},
    {"rwlock cas acq_rel -> acquire", kOneWord},
    {"rwlock cas failing acquire -> relaxed", kRetried},
    {"rwunlock cas failing acquire -> relaxed", kRetried},
};

TEST(FdMutexModel, ReadersAndClose) {
  Options options;
  options.stale_limit = 1;
  options.stale_failures = false;
  CheckModel<FdMutexModel<1, true>, FdMutexModel<2, false>>(
      {.name = "fd_mutex", .options = options, .redundant = kRedundant});
}

}  // namespace
}  // namespace parkour::model
