// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/time/time_test.go, by meaning: what it says of timers. Calendars,
// zones and the text of durations are Abseil's here.

#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/context/go_test.h"

namespace parkour::tests {
namespace {

constexpr int kGoroutines = 8;
constexpr int kTries = 1000;

GO_TEST(TimeTest, TestConcurrentTimerReset) {
  const time::Timer timer = time::NewTimer(absl::Hours(1));
  sync::WaitGroup wg;
  for (int i = 0; i < kGoroutines; ++i) {
    wg.Go([&timer, i] {
      for (int n = 0; n < kTries; ++n) {
        timer.Reset(absl::Hours(1) + absl::Nanoseconds(i * n));
      }
    });
  }
  wg.Wait();
  EXPECT_TRUE(timer.Stop());
}

GO_TEST(TimeTest, TestConcurrentTimerResetStop) {
  const time::Timer timer = time::NewTimer(absl::Hours(1));
  sync::WaitGroup wg;
  for (int i = 0; i < kGoroutines; ++i) {
    wg.Go([&timer, i] {
      for (int n = 0; n < kTries; ++n) {
        timer.Reset(absl::Hours(1) + absl::Nanoseconds(i * n));
      }
    });
    wg.Go([&timer] {
      for (int n = 0; n < kTries; ++n) timer.Stop();
    });
  }
  wg.Wait();
  timer.Stop();
  EXPECT_FALSE(timer.Stop());
}

}  // namespace
}  // namespace parkour::tests
