// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The mistake of docs/MISTAKES.md that nothing sees at run time but
// AddressSanitizer; tools/lint sees it here.

#include <gtest/gtest.h>

#include "parkour/base/sanitizer.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"

namespace parkour {
namespace {

// With one P nobody runs before the loop has ended.
void UseAll() {
  runtime::testing::ProcsScope procs(1);
  runtime::testing::RunInGoroutine([] {
    Chan<int> out = MakeChan<int>();
    for (int i = 0; i < 3; ++i) {
      go([&] { out.Send(i); });
    }
    for (int n = 0; n < 3; ++n) out.Recv();
  });
}

TEST(LoopVariableDeathTest, ByReference) {
  if (!PARKOUR_ASAN) GTEST_SKIP() << "only AddressSanitizer sees it";
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(UseAll(),
               "AddressSanitizer: stack-use-after-scope(.|\n)*"
               "loop_variable_test.cc:23");
}

}  // namespace
}  // namespace parkour
