// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go's own tools open our files. Skipped, saying so, where there is no Go of
// 1.23 or later: $GO, or go on the PATH.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

using ::testing::HasSubstr;

constexpr std::chrono::seconds kPatience(120);

class GoTool : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* go = std::getenv("GO");
    if (go != nullptr && *go != '\0') {
      go_ = go;
    } else {
      // The environment finds it, or says that there is none.
      const Outcome which = Run({"/usr/bin/env", "sh", "-c", "command -v go"});
      go_ = which.out.substr(0, which.out.find('\n'));
    }
    int minor = 0;
    if (go_.empty() ||
        std::sscanf(Run({go_, "version"}).out.c_str(), "go version go1.%d",
                    &minor) != 1 ||
        minor < 23) {
      GTEST_SKIP() << "no Go of 1.23 or later: Go's tools are not asked";
    }
    trace_ = ::testing::TempDir() + "/whole.trace";
    Child traced({Runfile("tests/traces/traced_child"), "work"},
                 {"PARKOUR_TRACE=" + trace_});
    ASSERT_EQ(traced.Finish(kPatience).exit_status, 0);
  }

  Outcome Run(const std::vector<std::string>& argv) {
    const std::string home = ::testing::TempDir();
    Child child(argv, {"HOME=" + home, "GOCACHE=" + home + "/go-cache",
                       "GOTOOLCHAIN=local", "GOFLAGS="});
    return child.Finish(kPatience);
  }

  std::string go_;
  std::string trace_;
};

TEST_F(GoTool, ParsesAll) {
  const Outcome parsed = Run({go_, "tool", "trace", "-d=parsed", trace_});
  EXPECT_EQ(parsed.exit_status, 0) << parsed.err;
  EXPECT_EQ(parsed.err, "");
  EXPECT_THAT(parsed.out, HasSubstr("Reason=\"chan "));
  EXPECT_THAT(parsed.out, HasSubstr("Producer"));
}

TEST_F(GoTool, MakesProfiles) {
  for (const char* kind : {"net", "sync", "syscall", "sched"}) {
    const Outcome profile =
        Run({go_, "tool", "trace", std::string("-pprof=") + kind, trace_});
    EXPECT_EQ(profile.exit_status, 0) << kind << ": " << profile.err;
  }
  const Outcome sync = Run({go_, "tool", "trace", "-pprof=sync", trace_});
  EXPECT_GT(sync.out.size(), 100u);
}

}  // namespace
}  // namespace parkour::tests
