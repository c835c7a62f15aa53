// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A host chooses the runtime's settings before anything starts it. One test
// only: a process starts the runtime once.

#include <gtest/gtest.h>

#include <climits>
#include <string>

#include "parkour/parkour.h"

namespace parkour::tests {
namespace {

TEST(Start, WithOptions) {
  for (const runtime::Options& bad :
       {runtime::Options{.gomaxprocs = -1},
        runtime::Options{.gomaxprocs = 1025},
        runtime::Options{.max_threads = -1},
        runtime::Options{.stack_size = size_t{2} << 30},
        runtime::Options{.computing_threads = -1}}) {
    const absl::Status status = runtime::Start(bad);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  }
  ASSERT_TRUE(runtime::Start({.gomaxprocs = 3,
                              .max_threads = 70,
                              .stack_size = size_t{1} << 20,
                              .computing_threads = INT_MAX})
                  .ok());
  EXPECT_EQ(runtime::GOMAXPROCS(0), 3);
  EXPECT_EQ(runtime::SetMaxThreads(71), 70);
  EXPECT_EQ(runtime::SetMaxThreads(71), 71);

  const absl::Status again = runtime::Start();
  EXPECT_EQ(again.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(again.message(), "runtime: it has started already");

  const Chan<Unit> gate = MakeChan<Unit>();
  const auto size_of_a_stack = [&](const GoOptions& options) {
    go(options, [gate] { gate.Recv(); });
    const size_t size = runtime::DeepestStacks(1).at(0).size;
    gate.Send({});
    while (runtime::NumGoroutine() > 0) runtime::Gosched();
    return size >> 14;  // the usable part varies by less
  };
  const size_t usual = size_of_a_stack({});
  EXPECT_GE(usual, 60u);
  // The limit holds for the default and for what is asked.
  EXPECT_EQ(runtime::SetMaxStack(size_t{100} << 10), size_t{1} << 30);
  const size_t least = size_of_a_stack({});
  EXPECT_LT(least, usual / 4);
  EXPECT_EQ(size_of_a_stack({.stack_size = size_t{8} << 20}), least);
  EXPECT_EQ(runtime::SetMaxStack(size_t{1} << 30), size_t{128} << 10);
  EXPECT_EQ(size_of_a_stack({}), usual);
}

}  // namespace
}  // namespace parkour::tests
