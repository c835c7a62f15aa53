// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Parkour in a shared object that a program loads late.

#include <gtest/gtest.h>

#include <chrono>

#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

TEST(Plugin, LoadedLateAndNeverUnloaded) {
  for (int i = 0; i < 15; ++i) {
    Child child(
        {Runfile("tests/embed/plugin_host"), Runfile("tests/embed/plugin.so")});
    const Outcome outcome = child.Finish(std::chrono::seconds(60));
    EXPECT_FALSE(outcome.timed_out) << outcome.hang;
    ASSERT_EQ(outcome.exit_status, 0) << outcome.err;
  }
}

}  // namespace
}  // namespace parkour::tests
