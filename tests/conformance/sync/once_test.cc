// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/sync/once_test.go

#include "parkour/sync/once.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"

namespace parkour::tests {
namespace {

TEST(Once, TestOnce) {
  constexpr int kGoroutines = 10;
  int runs = 0;
  sync::Once once;
  Chan<bool> done = MakeChan<bool>();
  for (int i = 0; i < kGoroutines; ++i) {
    go([&, done] {
      once.Do([&] { ++runs; });
      EXPECT_EQ(runs, 1);
      done.Send(true);
    });
  }
  for (int i = 0; i < kGoroutines; ++i) done.Recv();
  EXPECT_EQ(runs, 1);
}

TEST(Once, TestOncePanic) {
  sync::Once once;
  EXPECT_THROW(once.Do([] { throw std::runtime_error("failed"); }),
               std::runtime_error)
      << "Once.Do did not panic";
  once.Do([] { FAIL() << "Once.Do called twice"; });
}

}  // namespace
}  // namespace parkour::tests
