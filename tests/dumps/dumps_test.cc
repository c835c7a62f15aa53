// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A stranger with a server that hangs: sends it SIGQUIT, reads what it prints,
// and has to find the function, the line, the reason and how many.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "parkour/base/sanitizer.h"
#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr seconds kPatience(PARKOUR_ASAN || PARKOUR_TSAN ? 60 : 30);
const char kEnd[] = "\nSIGQUIT: end; two within a second end the program\n";

// One goroutine, or several alike: the lines between two empty ones.
using Part = std::string;

std::vector<Part> PartsOf(const std::string& dump) {
  std::vector<Part> parts;
  size_t at = 0;
  for (;;) {
    const size_t end = dump.find("\n\n", at);
    parts.push_back(dump.substr(at, end - at));
    if (end == std::string::npos) return parts;
    at = end + 2;
  }
}

class Hung {
 public:
  explicit Hung(const std::string& name, std::vector<std::string> env = {})
      : child_({Runfile("tests/dumps/server_child"), name}, WithOptions(env)) {
    const std::optional<std::string> line = child_.ReadLine(kPatience);
    EXPECT_TRUE(line.has_value() && line->starts_with("ready ")) << name;
    if (line) bug_line_ = line->substr(line->find(' ') + 1);
  }

  Child& child() { return child_; }

  // "hangs.cc:42", so many lines below the mark.
  std::string Bug(int below = 0) const {
    return "tests/dumps/hangs.cc:" +
           std::to_string(std::stoi(bug_line_) + below);
  }

  std::string Dump() {
    child_.Signal(SIGQUIT);
    const std::optional<std::string> dump =
        child_.ReadErrorUntil(kEnd, kPatience);
    EXPECT_TRUE(dump.has_value()) << "no dump";
    return dump.value_or("");
  }

  // The first goroutine of a dump that has all of these texts.
  Part Find(const std::vector<std::string>& texts) {
    return Find(Dump(), texts);
  }

  Part Find(const std::string& dump, const std::vector<std::string>& texts) {
    for (const Part& part : PartsOf(dump)) {
      bool all = true;
      for (const std::string& text : texts) {
        all = all && part.find(text) != std::string::npos;
      }
      if (all) return part;
    }
    ADD_FAILURE() << "no goroutine with " << testing::PrintToString(texts)
                  << " in\n"
                  << dump;
    return "";
  }

 private:
  static std::vector<std::string> WithOptions(std::vector<std::string> env) {
    const std::string options = "handle_abort=0:detect_leaks=0";
    env.push_back("ASAN_OPTIONS=" + options);
    env.push_back("TSAN_OPTIONS=" + options + ":halt_on_error=1");
    env.push_back("GOTRACEBACK=");  // the first one counts
    return env;
  }

  Child child_;
  std::string bug_line_ = "0";
};

TEST(AStrangerFinds, TheLostUnlock) {
  Hung server("lost_unlock", {"GODEBUG=lockholders=1"});
  const Part part = server.Find({"Deposit(...)"});
  EXPECT_THAT(part, HasSubstr("[sync.Mutex.Lock]:\n# waits for sync.Mutex 0x"));
  EXPECT_THAT(part, HasSubstr(", never unlocked by a "));
  EXPECT_THAT(part, HasSubstr(", locked at parkour::tests::Withdraw (" +
                              server.Bug() + ")\n"));
}

TEST(AStrangerFinds, TheHolderOfALock) {
  Hung server("held_lock", {"GODEBUG=lockholders=1"});
  const std::string dump = server.Dump();
  const Part waiter = server.Find(dump, {"Deposit(...)"});
  std::smatch m;
  ASSERT_TRUE(std::regex_search(
      waiter, m,
      std::regex(", held by goroutine ([0-9]+)(?:, locked at (.*))?\n")));
  // Where std::lock_guard is not inlined the place is in there, which is
  // nothing to tell.
#if PARKOUR_ASAN || !defined(__OPTIMIZE__)
  EXPECT_EQ(m[2], "");
#else
  EXPECT_EQ(m[2], "parkour::tests::HoldAndReceive (" + server.Bug(1) + ")");
#endif
  const std::string header =
      "goroutine " + m[1].str() + " [chan receive, name \"holder\"]:";
  const Part holder = server.Find(dump, {header});
  EXPECT_THAT(holder, HasSubstr("parkour::tests::HoldAndReceive(...)\n\t" +
                                server.Bug(2)));
}

TEST(AStrangerFinds, TheForgottenClose) {
  Hung server("forgotten_close");
  const Part part = server.Find({"[chan receive, name \"consumer\"]:"});
  EXPECT_THAT(part, HasSubstr("# waits for chan 0x"));
  EXPECT_THAT(part, HasSubstr("\nparkour::tests::Consume(...)\n\t" +
                              server.Bug(2) + " +0x"));
  EXPECT_THAT(part, HasSubstr("\ncreated by "));
  EXPECT_THAT(part, HasSubstr(" in goroutine 1\n\ttests/dumps/hangs.cc:"));
}

TEST(AStrangerFinds, TheLeak) {
  Hung server("leak");
  const Part part = server.Find({"Answer(...)"});
  EXPECT_THAT(part, HasSubstr("[chan send]:\n# 1000 goroutines like this: "));
  EXPECT_THAT(part, HasSubstr("\nparkour::tests::Answer(...)\n\t" +
                              server.Bug() + " +0x"));
  EXPECT_THAT(part, HasSubstr("\ncreated by parkour::tests::Ask(...) in "));
}

// ThreadSanitizer keeps signals from code that calls nothing.
TEST(AStrangerFinds, TheEndlessLoop) {
  if (PARKOUR_TSAN) GTEST_SKIP();
  Hung server("endless_loop");
  const Part part = server.Find({"name \"spinner\"]:"});
  EXPECT_THAT(part, HasSubstr("parkour::tests::Spin(...)\n\t"));
  EXPECT_THAT(part, Not(HasSubstr("unavailable")));
}

// ThreadSanitizer puts signals off until a system call ends, but for a few:
// read is none of them.
TEST(AStrangerFinds, TheCallThatBlocks) {
  if (PARKOUR_TSAN) GTEST_SKIP();
  Hung server("blocked_thread");
  const Part part = server.Find({"[syscall, name \"reader\"]:"});
  EXPECT_THAT(
      part, HasSubstr("parkour::tests::ReadForever(...)\n\t" + server.Bug(1)));
}

TEST(Deadlock, NamesTheCycle) {
  Child child({Runfile("tests/dumps/server_child"), "cycle"},
              {"GOTRACEBACK=", "GODEBUG=lockholders=1"});
  EXPECT_TRUE(child.ReadLine(kPatience).has_value());
  // The thread that watches its input is one that might wake somebody.
  child.Signal(SIGQUIT);
  const std::string dump =
      child.ReadErrorUntil(kEnd, kPatience).value_or("no dump");
  std::smatch m;
  ASSERT_TRUE(std::regex_search(
      dump, m,
      std::regex("\n# deadlock: goroutine ([0-9]+) waits for sync.Mutex "
                 "0x[0-9a-f]+ held by goroutine ([0-9]+), which waits for "
                 "sync.Mutex 0x[0-9a-f]+ held by goroutine ([0-9]+)\n")))
      << dump;
  EXPECT_EQ(m[1], m[3]);
  EXPECT_NE(m[1], m[2]);
}

TEST(Quit, TheProgramGoesOn) {
  Hung server("idle");
  const std::string dump = server.Dump();
  EXPECT_THAT(dump, HasSubstr("SIGQUIT: 1 goroutines\n\n"
                              "goroutine 1 [chan receive (nil chan)]:\n"));
  // What the program called comes first; of what was inlined clang tells no
  // more than the name. Where nothing is inlined libbacktrace knows no line of
  // it (addr2line does).
#ifdef __OPTIMIZE__
  const std::string place = "\tparkour/chan/chan\\.h:";
#else
  const std::string place = "\t(parkour/chan/chan\\.h|\\?):";
#endif
  const std::regex first(
      " chan\\)\\]:\n(parkour::Chan<.*|Receive|Recv)\\(\\.\\.\\.\\)\n" + place);
  EXPECT_TRUE(std::regex_search(dump, first)) << dump;
  EXPECT_TRUE(server.child().Running());
  const Outcome outcome = server.child().Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0);
}

TEST(Quit, TwoWithinASecondEnd) {
  Hung server("idle");
  // Each is seen before the next is sent; on a machine that takes longer than
  // a second for that the program lives, rightly, and is asked again.
  for (int i = 0; i < 20 && server.child().Running(); ++i) {
    server.child().Signal(SIGQUIT);
    server.child().ReadErrorUntil("SIGQUIT: ", kPatience);
  }
  const Outcome outcome = server.child().Finish(kPatience);
  EXPECT_EQ(outcome.signal, SIGQUIT);
}

TEST(Quit, HandlersOfTheProgramsOwn) {
  Hung server("host_handler");
  server.child().Signal(SIGQUIT);
  EXPECT_EQ(server.child().ReadLine(kPatience), "host");
  EXPECT_EQ(server.child().Finish(kPatience).err, "");
}

TEST(Quit, IgnoredStaysIgnored) {
  Hung server("ignored");
  server.child().Signal(SIGQUIT);
  server.child().Signal(SIGQUIT);
  const Outcome outcome = server.child().Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_EQ(outcome.err, "");
}

TEST(Quit, NotifyComesFirst) {
  Hung server("notified");
  server.child().Signal(SIGQUIT);
  EXPECT_EQ(server.child().ReadLine(kPatience), "notified");
  EXPECT_EQ(server.child().ReadLine(kPatience), "stopped");
  EXPECT_THAT(server.Dump(), HasSubstr("goroutine 1 ["));
}

TEST(Quit, DefaultInTheChildOfAFork) {
  Child child({Runfile("tests/dumps/server_child"), "forked"});
  EXPECT_EQ(child.ReadLine(kPatience), "default");
}

TEST(Quit, NoneShowsNothing) {
  Hung server("idle", {"GOTRACEBACK=none"});
  server.child().Signal(SIGQUIT);
  EXPECT_EQ(server.child().ReadErrorUntil("\n", kPatience),
            "SIGQUIT: GOTRACEBACK=none shows no goroutines\n");
}

TEST(Quit, SystemHasAddresses) {
  Hung server("idle", {"GOTRACEBACK=system"});
  const std::string dump = server.Dump();
  const char kHeader[] =
      "goroutine 1 gp=0x[0-9a-f]+ m=nil \\[chan receive \\(nil chan\\)\\]:\n";
  EXPECT_TRUE(std::regex_search(dump, std::regex(kHeader))) << dump;
  EXPECT_THAT(dump, HasSubstr("\nparkour::runtime::"));
  const char kFrame[] =
      " \\+0x[0-9a-f]+ fp=0x[0-9a-f]+ sp=0x[0-9a-f]+ pc=0x[0-9a-f]+\n";
  EXPECT_TRUE(std::regex_search(dump, std::regex(kFrame))) << dump;
}

TEST(Quit, OfABusyProgram) {
  Hung server("busy");
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(server.Dump(), HasSubstr("goroutine 1 ["));
    usleep(1100000);  // two within a second would end it
  }
  EXPECT_TRUE(server.child().Running());
}

}  // namespace
}  // namespace parkour::tests
