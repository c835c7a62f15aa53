// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/godebug.h"

#include <gtest/gtest.h>

namespace parkour::runtime {
namespace {

TEST(Godebug, FindsAKey) {
  EXPECT_EQ(godebugIn("schedtrace=1000", "schedtrace"), 1000);
  EXPECT_EQ(godebugIn("schedtrace=1000,scheddetail=1", "scheddetail"), 1);
  EXPECT_EQ(godebugIn("a=-5", "a"), -5);
}

TEST(Godebug, KnowsNothingElse) {
  EXPECT_EQ(godebugIn("", "schedtrace"), 0);
  EXPECT_EQ(godebugIn("schedtrace", "schedtrace"), 0);
  EXPECT_EQ(godebugIn("xschedtrace=5", "schedtrace"), 0);
  EXPECT_EQ(godebugIn("schedtracex=5,,=7", "schedtrace"), 0);
}

TEST(Godebug, TheLastOneCounts) {
  EXPECT_EQ(godebugIn("a=1,b=2,a=3", "a"), 3);
  EXPECT_EQ(godebugIn("a=1,a=", "a"), 1);
  EXPECT_EQ(godebugIn("a=1,a=2x", "a"), 1);
  EXPECT_EQ(godebugIn("a=1,a=2147483648", "a"), 1);
}

}  // namespace
}  // namespace parkour::runtime
