// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/sema_test.go, by meaning.

#include "parkour/runtime/sema.h"

#include "gtest/gtest.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::tests {
namespace {

using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

// Whether the one that was handed the count ran before the one that handed it
// over went on.
bool HandedOver() {
  base::Atomic<uint32_t> sema{0};
  base::Atomic<int> first{0};
  const auto claim = [&first](int who) {
    int nobody = 0;
    first.compare_exchange_strong(nobody, who);
  };
  sync::WaitGroup wg;
  wg.Go([&] {
    runtime::semacquire(&sema, runtime::WaitReason::kSemacquire);
    claim(1);
  });
  while (runtime::SemaWaiters() == 0) runtime::Gosched();
  runtime::semrelease(&sema, /*handoff=*/true);
  claim(2);
  wg.Wait();
  return first.load() == 1;
}

// Two thirds are enough: another P may take the releaser, and the system may
// stop the thread of the one that was let in.
void SemaHandoff() {
  const int rounds = Scaled(10000);
  int ok = 0;
  RunInGoroutine([&] {
    for (int i = 0; i < rounds; ++i) ok += HandedOver();
  });
  EXPECT_GE(ok, rounds * 2 / 3);
}

TEST(SemaTest, TestSemaHandoff) { SemaHandoff(); }

TEST(SemaTest, TestSemaHandoff1) {
  ProcsScope procs(1);
  SemaHandoff();
}

TEST(SemaTest, TestSemaHandoff2) {
  ProcsScope procs(2);
  SemaHandoff();
}

}  // namespace
}  // namespace parkour::tests
