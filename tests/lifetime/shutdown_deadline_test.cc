// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A host ends a runtime whose goroutines do not end.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "parkour/parkour.h"

namespace parkour::tests {
namespace {

TEST(Shutdown, GivesUpAtItsDeadline) {
  runtime::GOMAXPROCS(2);
  static std::atomic<int64_t> steps = 0;
  static std::atomic<bool> computes = false;
  const Chan<Unit> never = MakeChan<Unit>();
  go([never] { never.Recv(); });
  go([] {
    for (;;) {
      ++steps;
      runtime::Gosched();
    }
  });
  go([] {
    computes = true;
    for (;;) time::Sleep(absl::Milliseconds(1));
  });
  while (!computes || steps == 0) std::this_thread::yield();

  const absl::Time begin = absl::Now();
  const absl::Status status = runtime::Shutdown(absl::Milliseconds(20));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(20));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(status.message(), "runtime: Shutdown: 3 goroutines have not ended");

  // A goroutine whose thread was off the CPU while the world was stopped goes
  // on to its next call into the runtime: one step at most.
  const int64_t before = steps;
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(steps, before + 1) << "a goroutine runs";
}

}  // namespace
}  // namespace parkour::tests
