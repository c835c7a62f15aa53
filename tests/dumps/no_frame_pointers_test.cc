// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A goroutine that is parked below functions without frame pointers, which have
// put something else into that register.

#include <gtest/gtest.h>

#include <string>

#include "parkour/chan/chan.h"
#include "parkour/runtime/debug.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"

namespace parkour::tests {

using runtime::testing::Eventually;
using runtime::testing::GoroutinesBackTo;

// What looks like a frame pointer is none.
#define PARKOUR_TESTS_SPOIL asm volatile("mov $0x1238, %%ebp" : : : "rbp")

[[gnu::noinline]] void Innermost(const Chan<int>& gate) {
  PARKOUR_TESTS_SPOIL;
  gate.Recv();
  PARKOUR_TESTS_SPOIL;
}

[[gnu::noinline]] int Middle(const Chan<int>& gate, int depth) {
  PARKOUR_TESTS_SPOIL;
  const int below = depth > 0 ? Middle(gate, depth - 1) : 0;
  if (depth == 0) Innermost(gate);
  PARKOUR_TESTS_SPOIL;
  return below + 1;
}

[[gnu::noinline]] void Outermost(const Chan<int>& gate) {
  PARKOUR_TESTS_SPOIL;
  EXPECT_EQ(Middle(gate, 2), 3);
  PARKOUR_TESTS_SPOIL;
}

TEST(NoFramePointers, StacksAreComplete) {
  const int64_t before = runtime::NumGoroutine();
  const Chan<int> gate = MakeChan<int>();
  go({.name = "spoiled"}, Outermost, gate);
  std::string text;
  ASSERT_TRUE(Eventually([&] {
    text = runtime::Stack(/*all=*/true);
    return text.find(" [chan receive, name \"spoiled\"]") != std::string::npos;
  }));
  size_t at = 0;
  for (const char* name : {"Innermost(...)", "Middle(...)", "Middle(...)",
                           "Middle(...)", "Outermost(...)", "created by "}) {
    at = text.find(name, at);
    ASSERT_NE(at, std::string::npos) << name << " is missing in\n" << text;
    ++at;
  }
  gate.Close();
  EXPECT_TRUE(GoroutinesBackTo(before));
}

}  // namespace parkour::tests
