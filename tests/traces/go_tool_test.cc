// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go's own tools open our files. Skipped, saying so, where there is no Go of
// 1.23 or later: $GO, or go on the PATH.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "parkour/tests/child/child.h"
#include "parkour/tests/child/go.h"

namespace parkour::tests {
namespace {

using ::testing::HasSubstr;

constexpr std::chrono::seconds kPatience(120);

class GoTool : public ::testing::Test {
 protected:
  void SetUp() override {
    go_ = FindGo(23);
    if (go_.empty()) {
      GTEST_SKIP() << "no Go of 1.23 or later: Go's tools are not asked";
    }
    trace_ = ::testing::TempDir() + "/whole.trace";
    Child traced({Runfile("tests/traces/traced_child"), "work"},
                 {"PARKOUR_TRACE=" + trace_});
    ASSERT_EQ(traced.Finish(kPatience).exit_status, 0);
  }

  std::string go_;
  std::string trace_;
};

TEST_F(GoTool, ParsesAll) {
  const Outcome parsed = RunGo({go_, "tool", "trace", "-d=parsed", trace_});
  EXPECT_EQ(parsed.exit_status, 0) << parsed.err;
  EXPECT_EQ(parsed.err, "");
  EXPECT_THAT(parsed.out, HasSubstr("Reason=\"chan "));
  EXPECT_THAT(parsed.out, HasSubstr("Producer"));
}

TEST_F(GoTool, MakesProfiles) {
  for (const char* kind : {"net", "sync", "syscall", "sched"}) {
    const Outcome profile =
        RunGo({go_, "tool", "trace", std::string("-pprof=") + kind, trace_});
    EXPECT_EQ(profile.exit_status, 0) << kind << ": " << profile.err;
  }
  const Outcome sync = RunGo({go_, "tool", "trace", "-pprof=sync", trace_});
  EXPECT_GT(sync.out.size(), 100u);
}

}  // namespace
}  // namespace parkour::tests
