// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go's own tool reads our profiles, and needs no program for it. Skipped where
// there is no Go of 1.22 or newer on the PATH or in $GO.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "parkour/tests/child/child.h"
#include "parkour/tests/child/go.h"

namespace parkour::tests {
namespace {

using std::chrono::seconds;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::string Folder() { return testing::TempDir(); }

class GoPprof : public testing::Test {
 protected:
  void SetUp() override {
    go_ = FindGo(22);
    if (go_.empty()) {
      GTEST_SKIP() << "no Go of 1.22 or newer on the PATH or in $GO";
    }
    Child child({Runfile("tests/observe/pprof_child"), Folder()});
    const Outcome outcome = child.Finish(seconds(60));
    ASSERT_EQ(outcome.exit_status, 0) << outcome.err << outcome.hang;
  }

  std::string Pprof(const std::string& how, const std::string& profile) {
    const Outcome outcome =
        RunGo({go_, "tool", "pprof", how, Folder() + "/" + profile + ".pb.gz"});
    EXPECT_EQ(outcome.exit_status, 0) << outcome.err;
    // It says so when it misses names or the program.
    EXPECT_THAT(outcome.err, Not(HasSubstr("ocal symbolization failed")));
    return outcome.out;
  }

  std::string go_;
};

TEST_F(GoPprof, Goroutines) {
  const std::string top = Pprof("-top", "goroutine");
  EXPECT_THAT(top, HasSubstr("Type: goroutine"));
  EXPECT_THAT(top, ContainsRegex(" 25 +[0-9.]+% +[^\n]*ParkedForever"));
  const std::string traces = Pprof("-traces", "goroutine");
  EXPECT_THAT(traces, ContainsRegex("state: *chan receive"));
  EXPECT_THAT(traces, ContainsRegex("name: *parked"));
  const std::string raw = Pprof("-raw", "goroutine");
  EXPECT_THAT(raw, HasSubstr("goroutine/count"));
  EXPECT_THAT(raw, ContainsRegex("pprof_child\\.cc:[0-9]+"));
  EXPECT_THAT(raw, ContainsRegex("\\[FN\\]\\[FL\\]\\[LN\\]\\[IN\\]"));
}

TEST_F(GoPprof, Blocks) {
  const std::string top = Pprof("-top", "block");
  EXPECT_THAT(top, HasSubstr("Type: delay"));
  EXPECT_THAT(top, ContainsRegex("WaitsForAValue"));
  EXPECT_THAT(Pprof("-raw", "block"),
              HasSubstr("contentions/count delay/nanoseconds"));
}

TEST_F(GoPprof, Mutexes) {
  const std::string top = Pprof("-top", "mutex");
  EXPECT_THAT(top, HasSubstr("Type: delay"));
  EXPECT_THAT(top, ContainsRegex("HoldsTheLock"));
}

TEST_F(GoPprof, Threads) {
  EXPECT_THAT(Pprof("-top", "threadcreate"), HasSubstr("not recorded"));
}

}  // namespace
}  // namespace parkour::tests
