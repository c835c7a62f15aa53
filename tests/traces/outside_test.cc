// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Tracing that is asked for by the environment.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>

#include "parkour/tests/child/child.h"
#include "parkour/tests/traces/check_trace.h"

namespace parkour::tests {
namespace {

using parktrace::EventType;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kPatience(60);

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

std::string Child(const char* mode, const std::vector<std::string>& env,
                  int status = 0) {
  tests::Child child({Runfile("tests/traces/traced_child"), mode}, env);
  const Outcome outcome = child.Finish(kPatience);
  EXPECT_FALSE(outcome.timed_out) << outcome.hang;
  EXPECT_EQ(outcome.exit_status, status) << outcome.err;
  return outcome.err;
}

void ExpectWholeTrace(const char* mode) {
  const std::string path = ::testing::TempDir() + "/" + mode + ".trace";
  Child(mode, {"PARKOUR_TRACE=" + path});
  const Checked trace = Check(ReadFile(path));
  // Of a host program's own thread nothing is shown.
  EXPECT_GE(trace.Reason(EventType::kGoBlock, "chan receive") +
                trace.Reason(EventType::kGoBlock, "chan send"),
            300);
  EXPECT_TRUE(trace.HasFunction("Producer"));
}

TEST(Environment, AWholeProgram) { ExpectWholeTrace("work"); }

TEST(Environment, ExitInAGoroutine) { ExpectWholeTrace("exit"); }

TEST(Environment, AHostProgram) { ExpectWholeTrace("host"); }

TEST(Environment, AFileThatCannotBeHad) {
  EXPECT_THAT(Child("work", {"PARKOUR_TRACE=/nonexistent/x"}),
              HasSubstr("PARKOUR_TRACE: open /nonexistent/x: no such file"));
}

TEST(Environment, RecorderOff) {
  EXPECT_EQ(Child("work", {"PARKOUR_FLIGHT=off"}), "");
  EXPECT_THAT(Child("work", {"PARKOUR_FLIGHT=much"}),
              HasSubstr("PARKOUR_FLIGHT=much is no size"));
}

TEST(Environment, ATraceWithoutARecorder) {
  const std::string path = ::testing::TempDir() + "/off.trace";
  Child("work", {"PARKOUR_FLIGHT=off", "PARKOUR_TRACE=" + path});
  EXPECT_GE(Check(ReadFile(path)).Count(EventType::kGoBlock), 300);
}

}  // namespace
}  // namespace parkour::tests
