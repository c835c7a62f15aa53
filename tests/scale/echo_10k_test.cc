// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// 10,000 connections at once, each 100 round trips of 64 bytes, every byte
// compared: by the example's own server and client, each a process of its own.

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "parkour/base/sanitizer.h"
#include "parkour/tests/child/proc_status.h"
#include "parkour/tests/scale/echo_load.h"

namespace parkour::tests {
namespace {

constexpr int kRoundTrips = PARKOUR_ASAN || PARKOUR_TSAN ? 20 : 100;
constexpr int kBytes = 64;

// Beyond those that hold a P: one in the poller, some that block or spin.
constexpr int64_t kExtraMs = 4;
// Threads that are no Ms: main's, which sleeps in Main, sysmon, and the one
// that ThreadSanitizer brings along.
constexpr int64_t kOtherThreads = 2 + PARKOUR_TSAN;

// Runs the client against the server; its line of totals must say that all
// went well.
void RunClient(const std::string& address, int connections) {
  Child client({Runfile("examples/echo/client"), address,
                std::to_string(connections), std::to_string(kRoundTrips),
                std::to_string(kBytes)});
  const Outcome outcome = client.Finish(kPatience);
  EXPECT_FALSE(outcome.timed_out) << outcome.hang;
  EXPECT_EQ(outcome.exit_status, 0) << outcome.out << outcome.err;
  const std::string totals =
      std::to_string(connections) + " connections, " +
      std::to_string(int64_t{connections} * kRoundTrips) + " round trips of " +
      std::to_string(kBytes) + " bytes, ";
  EXPECT_EQ(outcome.out.substr(0, totals.size()), totals);
  std::printf("%s", outcome.out.c_str());
}

TEST(Echo10kTest, ExampleServer) {
  const int connections = Connections();
  Child server({Runfile("examples/echo/echo_server"), "127.0.0.1:0"},
               {"GOMAXPROCS=2"});
  const std::optional<std::string> address = ListeningOn(&server);
  ASSERT_TRUE(address.has_value());
  const int64_t files_before = OpenFiles(server.pid());

  RunClient(*address, connections);

  const int64_t ms = ProcStatus(server.pid(), "Threads") - kOtherThreads;
  std::printf("%ld Ms\n", ms);
  EXPECT_GE(ms, 1);
  EXPECT_LE(ms, 2 + kExtraMs);
  // The poller's own may have come on top since.
  int64_t files = 0;
  EXPECT_TRUE(Eventually([&] {
    files = OpenFiles(server.pid());
    return files <= files_before;
  })) << files_before
      << " descriptors before, " << files << " after";
  EXPECT_TRUE(server.Running());
}

struct Report {
  long goroutines = -1, polldescs = -1, threads = -1;
  int procs = -1;
};

Report Ask(Child* server) {
  Report r;
  server->WriteLine("");
  const std::optional<std::string> line = server->ReadLine(kPatience);
  EXPECT_TRUE(line.has_value());
  if (line) {
    EXPECT_EQ(std::sscanf(line->c_str(),
                          "goroutines %ld polldescs %ld threads %ld procs %d",
                          &r.goroutines, &r.polldescs, &r.threads, &r.procs),
              4)
        << *line;
  }
  return r;
}

// Nothing is left over in the server, twice: what the first crowd left behind
// is what the second uses.
TEST(Echo10kTest, NothingLeftOver) {
  const int connections = Connections() / 4;
  Child server({Runfile("tests/scale/watched_echo_server")});
  const std::optional<std::string> address = ListeningOn(&server);
  ASSERT_TRUE(address.has_value());
  const Report before = Ask(&server);
  EXPECT_EQ(before.goroutines, 1);
  EXPECT_EQ(before.polldescs, 1);
  for (int crowd = 0; crowd < 2; ++crowd) {
    RunClient(*address, connections);
    Report after;
    EXPECT_TRUE(Eventually([&] {
      after = Ask(&server);
      return after.goroutines == before.goroutines &&
             after.polldescs == before.polldescs;
    })) << after.goroutines
        << " goroutines, " << after.polldescs << " polldescs";
    EXPECT_LE(after.threads, after.procs + kExtraMs + 1);  // 1: sysmon
  }
  const Outcome outcome = server.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.err;
}

}  // namespace
}  // namespace parkour::tests
