// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go's own tool reads our profiles, and needs no program for it. Skipped where
// there is no Go of 1.22 or newer on the PATH or in $GO.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

using std::chrono::seconds;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::string Folder() { return testing::TempDir(); }

Outcome RunGo(const std::string& go, const std::vector<std::string>& args) {
  std::vector<std::string> argv = {go};
  argv.insert(argv.end(), args.begin(), args.end());
  Child child(argv, {"HOME=" + Folder(), "GOCACHE=" + Folder() + "/go",
                     "PPROF_TMPDIR=" + Folder(), "GOFLAGS=-mod=mod"});
  return child.Finish(seconds(120));
}

// $GO and what the PATH offers.
std::vector<std::string> Candidates() {
  std::vector<std::string> all;
  if (const char* const named = std::getenv("GO")) all.push_back(named);
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string f; std::getline(folders, f, ':');) all.push_back(f + "/go");
  return all;
}

// The program, or "" if there is none that is new enough.
std::string FindGo() {
  for (const std::string& go : Candidates()) {
    if (access(go.c_str(), X_OK) != 0) continue;
    const Outcome version = RunGo(go, {"version"});
    std::smatch m;
    if (std::regex_search(version.out, m, std::regex(R"(go1\.(\d+))")) &&
        std::stoi(m[1]) >= 22) {
      return go;
    }
  }
  return "";
}

class GoPprof : public testing::Test {
 protected:
  void SetUp() override {
    go_ = FindGo();
    if (go_.empty()) {
      GTEST_SKIP() << "no Go of 1.22 or newer on the PATH or in $GO";
    }
    Child child({Runfile("tests/observe/pprof_child"), Folder()});
    const Outcome outcome = child.Finish(seconds(60));
    ASSERT_EQ(outcome.exit_status, 0) << outcome.err << outcome.hang;
  }

  std::string Pprof(const std::string& how, const std::string& profile) {
    const Outcome outcome =
        RunGo(go_, {"tool", "pprof", how, Folder() + "/" + profile + ".pb.gz"});
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
