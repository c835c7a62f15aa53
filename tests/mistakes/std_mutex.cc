// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The mistake of docs/MISTAKES.md that only debug builds see. It is part of
// tests/truths, which is built as one, too; mistakes_test runs it there.

#include <cstdlib>
#include <mutex>

#include "gtest/gtest.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/heldlocks.h"
#include "parkour/runtime/test_util.h"

#define FRAME [[gnu::noinline]]
inline void KeepFrame() { asm volatile(""); }

using namespace parkour;

FRAME void Save(std::mutex* mu, SendChan<int> out) {
  std::lock_guard lock(*mu);
  out.Send(1);
  KeepFrame();
}

// Ends the process: only for who asks for it.
TEST(Mistakes, StdMutex) {
  if (!PARKOUR_HELD_LOCKS || std::getenv("MAKE_MISTAKES") == nullptr) {
    GTEST_SKIP() << "mistakes_test makes it";
  }
  runtime::testing::RunInGoroutine([] {
    std::mutex mu;
    Save(&mu, MakeChan<int>());
  });
}
