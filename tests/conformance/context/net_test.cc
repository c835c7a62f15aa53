// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/context/net_test.go, by meaning.

#include "gtest/gtest.h"
#include "parkour/base/error.h"
#include "parkour/context/context.h"

namespace parkour::tests {
namespace {

TEST(NetTest, TestDeadlineExceededIsNetError) {
  EXPECT_TRUE(base::IsTimeout(context::DeadlineExceeded()));
  EXPECT_TRUE(base::IsTemporary(context::DeadlineExceeded()));
  EXPECT_FALSE(base::IsTimeout(context::Canceled()));
}

}  // namespace
}  // namespace parkour::tests
