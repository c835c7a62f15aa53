// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/sync/waitgroup_test.go

#include "parkour/sync/waitgroup.h"

#include <gtest/gtest.h>

#include "parkour/chan/chan.h"
#include "parkour/runtime/test_util.h"

namespace parkour::tests {
namespace {

using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

void Meet(sync::WaitGroup* wg1, sync::WaitGroup* wg2) {
  constexpr int kGoroutines = 16;
  wg1->Add(kGoroutines);
  wg2->Add(kGoroutines);
  Chan<bool> exited = MakeChan<bool>(kGoroutines);
  for (int i = 0; i < kGoroutines; ++i) {
    go([=] {
      wg1->Done();
      wg2->Wait();
      exited.Send(true);
    });
  }
  wg1->Wait();
  for (int i = 0; i < kGoroutines; ++i) {
    EXPECT_FALSE(exited.TryRecv()) << "WaitGroup released group too soon";
    wg2->Done();
  }
  for (int i = 0; i < kGoroutines; ++i) exited.Recv();
}

TEST(WaitGroup, TestWaitGroup) {
  sync::WaitGroup wg1;
  sync::WaitGroup wg2;
  // The same ones each time: they are reusable, and serve both roles.
  for (int i = 0; i < 8; ++i) {
    Meet(&wg1, &wg2);
    Meet(&wg2, &wg1);
  }
}

TEST(WaitGroupDeathTest, TestWaitGroupMisuse) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        sync::WaitGroup wg;
        wg.Add(1);
        wg.Done();
        wg.Done();
      },
      testing::ExitedWithCode(2), "panic: sync: negative WaitGroup counter");
}

// The counter may be zero for moments; Wait returns only at the end, and sees
// what all have done.
TEST(WaitGroup, TestWaitGroupRace) {
  for (int i = 0; i < Scaled(1000); ++i) {
    RunInGoroutine([] {
      sync::WaitGroup wg;
      base::Atomic<int> n{0};
      for (int k = 0; k < 2; ++k) {
        wg.Add(1);
        go([&] {
          n.fetch_add(1, base::kRelaxed);
          wg.Done();
        });
      }
      wg.Wait();
      EXPECT_EQ(n.load(base::kRelaxed), 2);
    });
  }
}

}  // namespace
}  // namespace parkour::tests
