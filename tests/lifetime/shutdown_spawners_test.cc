// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Goroutines that start and end while Shutdown counts them: a sum whose parts
// are of different moments is no proof that none is left.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "parkour/parkour.h"

namespace parkour::tests {
namespace {

TEST(Shutdown, IsNotFooledBySpawners) {
  constexpr int kSpawners = 3;
  runtime::GOMAXPROCS(4);
  std::atomic<int> ended = 0;
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
  for (int i = 0; i < kSpawners; ++i) {
    go([&ended, end] {
      while (std::chrono::steady_clock::now() < end) {
        sync::WaitGroup children;
        for (int j = 0; j < 50; ++j) {
          children.Go([] { runtime::Gosched(); });
        }
        children.Wait();
      }
      ended.fetch_add(1);
    });
  }
  const absl::Status status = runtime::Shutdown();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(ended.load(), kSpawners);
  // Without effect, and without a wait for a world that stands still.
  runtime::SetMaxStack(size_t{1} << 20);
  runtime::GOMAXPROCS(2);
}

}  // namespace
}  // namespace parkour::tests
