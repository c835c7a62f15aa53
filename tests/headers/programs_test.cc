// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The examples that are whole programs, from outside.

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

constexpr std::chrono::seconds kPatience(60);

TEST(Programs, Main) {
  Child good({Runfile("tests/headers/main_example")});
  const Outcome outcome = good.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.err << outcome.hang;
  EXPECT_EQ(outcome.err, "");
}

TEST(Programs, MainReportsAStandstill) {
  Child stuck({Runfile("tests/headers/main_example"), "fail"});
  const Outcome outcome = stuck.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 2) << outcome.err << outcome.hang;
  EXPECT_NE(
      outcome.err.find("fatal error: all goroutines are asleep - deadlock!\n"),
      std::string::npos)
      << outcome.err;
}

TEST(Programs, Parkour) {
  Child program({Runfile("tests/headers/parkour_example")});
  const Outcome outcome = program.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.err << outcome.hang;
  EXPECT_EQ(outcome.out, "42\n");
}

TEST(Programs, Lifecycle) {
  Child program({Runfile("tests/headers/lifecycle_example")});
  const Outcome outcome = program.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.err << outcome.hang;
  EXPECT_EQ(outcome.err, "");
}

}  // namespace
}  // namespace parkour::tests
