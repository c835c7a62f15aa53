// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The examples from outside, as their users would run them. Those that other
// people's programs talk to are in tests/peers.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "parkour/tests/child/child.h"
#include "parkour/tests/child/server.h"

namespace parkour::tests {
namespace {

constexpr std::chrono::seconds kPatience(60);

// For programs that end while some of their goroutines are parked: this option
// would move frames to where LeakSanitizer looks only if their thread runs.
const std::vector<std::string> kFramesInStacks = {
    "ASAN_OPTIONS=detect_stack_use_after_return=0"};

// netcat, as the README uses it; ends when the server does.
std::unique_ptr<Child> Dial(const Server& server) {
  return std::make_unique<Child>(std::vector<std::string>{
      "/usr/bin/nc", "-N", "127.0.0.1", server.port()});
}

std::string NextLine(Child& child) {
  return child.ReadLine(kPatience).value_or("(no line)");
}

// A file of the test's own.
std::string TempFile(const std::string& name, const std::string& text = "") {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path) << text;
  return path;
}

TEST(Chat, WhatOneSaysAllHear) {
  Server server({"examples/chat/chat", "127.0.0.1:0"});
  const auto Enter = [&](std::string* name) {
    auto client = Dial(server);
    const std::string greeting = NextLine(*client);
    EXPECT_EQ(greeting.compare(0, 8, "you are "), 0) << greeting;
    *name = greeting.substr(std::min<size_t>(8, greeting.size()));
    EXPECT_EQ(NextLine(*client), *name + " has come");
    return client;
  };
  std::string ann, bob;
  const auto a = Enter(&ann);
  const auto b = Enter(&bob);
  EXPECT_EQ(NextLine(*a), bob + " has come");
  a->WriteLine("hello");
  EXPECT_EQ(NextLine(*a), ann + ": hello");
  EXPECT_EQ(NextLine(*b), ann + ": hello");
  b->WriteLine("and hello to you");
  EXPECT_EQ(NextLine(*a), bob + ": and hello to you");
  const Outcome left = b->Finish(kPatience);
  EXPECT_FALSE(left.timed_out);
  EXPECT_EQ(left.out, bob + ": and hello to you\n");
  EXPECT_EQ(NextLine(*a), bob + " has gone");
}

TEST(Pipeline, Counts) {
  std::vector<std::string> argv = {Runfile("examples/pipeline/pipeline")};
  std::multiset<std::string> expected;
  for (int i = 0; i < 20; ++i) {
    std::string text;
    for (int line = 0; line < i; ++line) text += "one two  three\n";
    argv.push_back(TempFile("text" + std::to_string(i), text));
    expected.insert(std::to_string(i) + " " + std::to_string(15 * i) + " " +
                    argv.back());
  }
  const Outcome outcome = Child(argv).Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.err << outcome.hang;
  std::istringstream lines(outcome.out);
  std::multiset<std::string> found;
  for (std::string line; std::getline(lines, line);) found.insert(line);
  expected.insert("190 2850 total");
  EXPECT_EQ(found, expected);
}

TEST(Pipeline, EndsAtTheFirstError) {
  std::vector<std::string> argv = {Runfile("examples/pipeline/pipeline")};
  argv.resize(100, TempFile("text", "words\n"));
  argv[50] = "/no/such/file";
  const Outcome outcome = Child(argv).Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 1) << outcome.hang;
  EXPECT_EQ(outcome.err, "cannot open /no/such/file\n");
  EXPECT_EQ(outcome.out.find("total"), std::string::npos);
}

TEST(Crawler, FindsAllPages) {
  Child crawler({Runfile("examples/crawler/crawler"), "300"});
  const Outcome outcome = crawler.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.err << outcome.hang;
  EXPECT_EQ(outcome.out, "300 pages\n");
}

TEST(Crawler, EndsAtTheFirstError) {
  Child crawler({Runfile("examples/crawler/crawler"), "300", "123"});
  const Outcome outcome = crawler.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 1) << outcome.hang;
  EXPECT_EQ(outcome.err, "/123 is broken\n");
}

TEST(Workers, DoEveryJobOnceAndNotFaster) {
  const auto start = std::chrono::steady_clock::now();
  Child workers({Runfile("examples/workers/workers"), "3", "100"},
                kFramesInStacks);
  constexpr int kJobs = 30;
  for (int i = 0; i < kJobs; ++i) workers.WriteLine(std::to_string(i));
  const Outcome outcome = workers.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.err << outcome.hang;
  // One token may be there at once, the others take 10 ms each; but a tick
  // that comes late does not move those after it.
  EXPECT_GE(std::chrono::steady_clock::now() - start,
            std::chrono::milliseconds(10 * (kJobs - 2)));
  std::istringstream lines(outcome.out);
  std::set<int> jobs;
  int job = -1;
  for (std::string line; std::getline(lines, line);) {
    if (std::sscanf(line.c_str(), "%d done by ", &job) == 1) {
      EXPECT_TRUE(jobs.insert(job).second) << line;
    } else {
      EXPECT_EQ(line, "all done");
    }
  }
  EXPECT_EQ(jobs.size(), size_t{kJobs});
}

TEST(Workers, StopAtASignal) {
  Child workers({Runfile("examples/workers/workers"), "1", "1"},
                kFramesInStacks);
  workers.WriteLine("first");
  EXPECT_EQ(NextLine(workers), "first done by 0");
  workers.Signal(SIGTERM);
  // Its standard input is still open.
  EXPECT_EQ(NextLine(workers), "stopped");
  EXPECT_EQ(workers.Finish(kPatience).exit_status, 0);
}

TEST(Embedding, ServesAndEnds) {
  Server server({"examples/embedding/embedding", "127.0.0.1:0"});
  {
    const auto one = Dial(server);
    const auto two = Dial(server);
    one->WriteLine("2 3");
    EXPECT_EQ(NextLine(*one), "6");
    two->WriteLine("0.5 3");
    EXPECT_EQ(NextLine(*two), "1.5");
    one->WriteLine("7 7");
    EXPECT_EQ(NextLine(*one), "49");
    two->WriteLine("end");
    EXPECT_EQ(two->Finish(kPatience).exit_status, 0);
    // Whoever is still there is served.
    one->WriteLine("3 3");
    EXPECT_EQ(NextLine(*one), "9");
  }
  const Outcome outcome = server.child().Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.err << outcome.hang;
}

TEST(Sqlite, KeepsWhatWasWritten) {
  const std::string file = TempFile("guests");
  unlink(file.c_str());
  constexpr int kGuests = 8;
  constexpr int kLines = 5;
  std::set<std::string> answers;
  {
    Server server({"examples/sqlite/guestbook", file, "127.0.0.1:0"});
    std::vector<std::unique_ptr<Child>> guests;
    for (int i = 0; i < kGuests; ++i) guests.push_back(Dial(server));
    for (const auto& guest : guests) {
      for (int i = 0; i < kLines; ++i) guest->WriteLine("it's me");
    }
    for (const auto& guest : guests) {
      for (int i = 0; i < kLines; ++i) answers.insert(NextLine(*guest));
    }
  }
  EXPECT_EQ(answers.size(), size_t{kGuests * kLines});
  EXPECT_EQ(answers.count("line " + std::to_string(kGuests * kLines)), 1u);
  // The file is there when the server has gone.
  Server server({"examples/sqlite/guestbook", file, "127.0.0.1:0"});
  const auto guest = Dial(server);
  guest->WriteLine("again");
  EXPECT_EQ(NextLine(*guest), "line " + std::to_string(kGuests * kLines + 1));
}

TEST(Sqlite, SaysWhatIsWrong) {
  Child server({Runfile("examples/sqlite/guestbook"), "/no/such/folder/file"});
  const Outcome outcome = server.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 1) << outcome.hang;
  EXPECT_EQ(outcome.err, "unable to open database file\n");
}

// ---- What goes wrong in the first hour ----

struct Mistake {
  std::vector<std::string> argv;  // TAKEN: an address that is taken
  int exit_status;
  std::string words;
};

TEST(Mistakes, AreNamed) {
  Server server({"examples/echo/echo_server", "127.0.0.1:0"});
  const std::string taken =
      "listen tcp " + server.address() + ": bind: address already in use\n";
  const std::string port =
      "listen tcp: address 8080: missing port in address\n";
  const Mistake mistakes[] = {
      {{"chat/chat", "TAKEN"}, 1, taken},
      {{"echo/echo_server", "TAKEN"}, 1, taken},
      {{"echo/echo_server", "8080"}, 1, port},
      {{"embedding/embedding", "TAKEN"}, 1, taken},
      {{"http/http", "TAKEN"}, 1, taken},
      {{"proxy/proxy", "TAKEN", "127.0.0.1:1"}, 1, taken},
      {{"resp/resp", "TAKEN"}, 1, taken},
      {{"shutdown/shutdown", "TAKEN"}, 1, taken},
      {{"sqlite/guestbook", TempFile("taken"), "TAKEN"}, 1, taken},
      {{"datagrams/datagrams", "udp", "8080"},
       1,
       "listen udp: address 8080: missing port in address\n"},
      {{"datagrams/datagrams"}, 2, "usage: datagrams NETWORK ADDRESS\n"},
      {{"crawler/crawler", "many"}, 2, "usage: crawler [PAGES [BROKEN]]\n"},
      {{"echo/client", "TAKEN", "0", "1", "1"},
       2,
       "usage: client ADDRESS CONNECTIONS ROUND_TRIPS BYTES\n"},
      {{"proxy/proxy", "TAKEN"}, 2, "usage: proxy LISTEN UPSTREAM\n"},
      {{"sqlite/guestbook"}, 2, "usage: guestbook FILE [ADDRESS]\n"},
      {{"workers/workers", "3"}, 2, "usage: workers COUNT JOBS_PER_SECOND\n"},
  };
  for (Mistake mistake : mistakes) {
    const std::string program = mistake.argv[0];
    mistake.argv[0] = Runfile("examples/" + program);
    for (std::string& arg : mistake.argv) {
      if (arg == "TAKEN") arg = server.address();
    }
    const Outcome outcome = Child(mistake.argv).Finish(kPatience);
    EXPECT_EQ(outcome.exit_status, mistake.exit_status)
        << program << outcome.hang;
    EXPECT_EQ(outcome.err, mistake.words) << program;
    EXPECT_EQ(outcome.out, "") << program;
  }
}

TEST(Client, NobodyListens) {
  std::string address;
  {
    Server server({"examples/echo/echo_server", "127.0.0.1:0"});
    address = server.address();
  }
  Child client({Runfile("examples/echo/client"), address, "10", "1", "64"});
  const Outcome outcome = client.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 1) << outcome.hang;
  EXPECT_EQ(outcome.err,
            "dial tcp " + address + ": connect: connection refused\n");
}

}  // namespace
}  // namespace parkour::tests
