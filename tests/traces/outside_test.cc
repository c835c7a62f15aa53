// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Tracing that is asked for by the environment.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "parkour/tests/child/child.h"
#include "parkour/tests/traces/check_trace.h"

namespace parkour::tests {
namespace {

using parktrace::EventType;
using ::testing::HasSubstr;
using ::testing::Not;

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

// Who comes first to an unbuffered channel waits there; in a host program that
// may be the plain thread, of which nothing is shown.
void ExpectWholeTrace(const char* mode, int waits) {
  const std::string path = ::testing::TempDir() + "/" + mode + ".trace";
  Child(mode, {"PARKOUR_TRACE=" + path});
  const Checked trace = Check(ReadFile(path));
  EXPECT_GE(trace.ChanBlocks(), waits);
  EXPECT_GE(trace.Count(EventType::kGoCreate) +
                trace.Count(EventType::kGoCreateSyscall),
            1);
}

TEST(Environment, AWholeProgram) { ExpectWholeTrace("work", 900); }

TEST(Environment, ExitInAGoroutine) { ExpectWholeTrace("exit", 900); }

TEST(Environment, AHostProgram) { ExpectWholeTrace("host", 0); }

TEST(Environment, AFileThatCannotBeHad) {
  EXPECT_THAT(Child("work", {"PARKOUR_TRACE=/nonexistent/x"}),
              HasSubstr("PARKOUR_TRACE: open /nonexistent/x: no such file"));
}

TEST(Environment, RecorderOff) {
  EXPECT_EQ(Child("work", {"PARKOUR_FLIGHT=off"}), "");
  EXPECT_THAT(Child("work", {"PARKOUR_FLIGHT=much"}),
              HasSubstr("PARKOUR_FLIGHT: \"much\" is not understood"));
}

TEST(Environment, ATraceWithoutARecorder) {
  const std::string path = ::testing::TempDir() + "/off.trace";
  Child("work", {"PARKOUR_FLIGHT=off", "PARKOUR_TRACE=" + path});
  EXPECT_GE(Check(ReadFile(path)).Count(EventType::kGoBlock), 300);
}

// The one trace that the flight recorder has left in `dir`.
std::string OnlyTraceIn(const std::string& dir) {
  std::string found;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    EXPECT_EQ(found, "") << "a second: " << entry.path();
    found = entry.path();
  }
  return found;
}

// A program that has been held up may be so again later.
std::string FirstIn(const std::string& dir) {
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    const std::string name = entry.path().filename();
    if (name.find("-1-") != name.npos) return name;
  }
  return "none";
}

std::string NewFolder(const char* name) {
  const std::string dir = ::testing::TempDir() + "/" + name;
  std::filesystem::remove_all(dir);
  std::filesystem::create_directory(dir);
  return dir;
}

TEST(Triggers, Sigusr2) {
  const std::string dir = NewFolder("sigusr2");
  tests::Child child({Runfile("tests/traces/traced_child"), "serve"},
                     {"PARKOUR_FLIGHT=1M,dir=" + dir});
  ASSERT_EQ(child.ReadLine(kPatience), "serving");
  child.Signal(SIGUSR2);
  EXPECT_NE(child.ReadErrorUntil("-1-sigusr2.trace: go tool trace", kPatience),
            std::nullopt);
  child.WriteLine("end");
  const Outcome outcome = child.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.err;
  const Checked trace = Check(ReadFile(OnlyTraceIn(dir)));
  EXPECT_TRUE(trace.HasFunction("Producer"));
}

TEST(Triggers, Deadlock) {
  const std::string dir = NewFolder("deadlock");
  const std::string err =
      Child("deadlock", {"PARKOUR_FLIGHT=1M,dir=" + dir}, 2);
  EXPECT_THAT(err, HasSubstr("-1-deadlock.trace: go tool trace"));
  EXPECT_THAT(err, HasSubstr("all goroutines are asleep - deadlock!"));
  const Checked trace = Check(ReadFile(OnlyTraceIn(dir)));
  EXPECT_TRUE(trace.HasFunction("Producer"));
}

TEST(Triggers, Stall) {
  const std::string dir = NewFolder("stall");
  tests::Child child({Runfile("tests/traces/traced_child"), "stall"},
                     {"PARKOUR_FLIGHT=1M,stall=50ms,dir=" + dir});
  EXPECT_NE(child.ReadErrorUntil("-1-stall.trace: go tool trace", kPatience),
            std::nullopt);
  child.WriteLine("end");
  EXPECT_EQ(child.Finish(kPatience).exit_status, 0);
  Check(ReadFile(dir + "/" + FirstIn(dir)));
}

TEST(Probes, AreInTheProgram) {
  tests::Child readelf(
      {"/usr/bin/readelf", "-n", Runfile("tests/traces/traced_child")});
  const Outcome outcome = readelf.Finish(kPatience);
  for (const char* name :
       {"go_create", "go_start", "go_block", "go_unblock", "go_destroy"}) {
    EXPECT_THAT(outcome.out, HasSubstr(std::string("Name: ") + name));
  }
}

TEST(Triggers, NotWithoutAFolder) {
  EXPECT_THAT(Child("deadlock", {"PARKOUR_FLIGHT=1M"}, 2),
              Not(HasSubstr("go tool trace")));
}

}  // namespace
}  // namespace parkour::tests
