// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/crash_test.go, crash_unix_test.go, traceback_test.go and what
// proc_test.go runs as a program of its own, by meaning. Most of it is asked
// by tests/crash; this is the rest. Left out: panics within panics (a C++
// exception that leaves a destructor ends the program).

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <regex>
#include <string>
#include <vector>

#include "parkour/base/sanitizer.h"
#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

using std::chrono::seconds;

constexpr seconds kPatience(PARKOUR_ASAN || PARKOUR_TSAN ? 60 : 30);

const char kAsleep[] = "fatal error: all goroutines are asleep - deadlock!\n";

Outcome RunCase(const std::string& name,
                std::vector<std::string> env = {"GOTRACEBACK=all"}) {
  // A fault's outcome as it is without a sanitizer; what a dying process has
  // not given back is nobody's concern.
  const std::string options = "handle_segv=0:handle_abort=0:detect_leaks=0";
  env.push_back("ASAN_OPTIONS=" + options);
  env.push_back("UBSAN_OPTIONS=" + options);
  env.push_back("TSAN_OPTIONS=" + options +
                ":halt_on_error=1:atexit_sleep_ms=0");
  Child child({Runfile("tests/conformance/runtime/runtime_child"), name}, env);
  Outcome outcome = child.Finish(kPatience);
  EXPECT_FALSE(outcome.timed_out) << outcome.hang;
  return outcome;
}

void ExpectStart(const std::string& text, const std::string& start) {
  EXPECT_EQ(text.substr(0, start.size()), start) << text.substr(0, 4096);
}

void ExpectPart(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos)
      << '"' << part << "\" is missing in " << text.substr(0, 4096);
}

int Count(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return static_cast<int>(
      std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {}));
}

const char kHeader[] = "\ngoroutine [0-9]+ \\[";

TEST(CrashTest, TestLockedDeadlock) {
  const Outcome o = RunCase("LockedDeadlock");
  EXPECT_EQ(o.exit_status, 2);
  ExpectStart(o.err, kAsleep);
  ExpectPart(o.err, "goroutine 1 [chan receive (nil chan), locked to thread");
}

TEST(CrashTest, TestLockedDeadlock2) {
  const Outcome o = RunCase("LockedDeadlock2");
  EXPECT_EQ(o.exit_status, 2);
  ExpectStart(o.err, kAsleep);
}

TEST(CrashTest, TestNoHelperGoroutines) {
  const Outcome o = RunCase("NoHelperGoroutines");
  EXPECT_EQ(o.exit_status, 2);
  ExpectPart(o.err, "oops");
  EXPECT_EQ(Count(o.err, kHeader), 1) << o.err;
}

TEST(CrashTest, TestThreadExhaustion) {
  const Outcome o = RunCase("ThreadExhaustion");
  EXPECT_EQ(o.exit_status, 2);
  ExpectStart(o.err,
              "runtime: program exceeds 10-thread limit\n"
              "fatal error: thread exhaustion\n");
}

TEST(CrashTest, TestNetpollDeadlock) {
  const Outcome o = RunCase("NetpollDeadlock", {"DIAL_EARLY=1"});
  EXPECT_EQ(o.exit_status, 0) << o.err;
  EXPECT_EQ(o.out, "refused\ndone\n");
}

TEST(CrashTest, TestNetpollWaiters) {
  EXPECT_EQ(RunCase("NetpollWaiters").exit_status, 0);
}

// The text of an exception is the program's own code: it may yield, ...
TEST(CrashTest, TestPanicDeadlockGosched) {
  const Outcome o = RunCase("PanicDeadlockGosched");
  EXPECT_EQ(o.exit_status, 2);
  ExpectStart(o.err, "panic: ");
  ExpectPart(o.err, "late words\n\ngoroutine 1 [running");
}

// ... block, ...
TEST(CrashTest, TestPanicDeadlockSyscall) {
  const Outcome o = RunCase("PanicDeadlockSyscall");
  EXPECT_EQ(o.exit_status, 2);
  ExpectStart(o.err, "panic: ");
  ExpectPart(o.err, "late words\n\ngoroutine 1 [running");
}

// ... and fail.
TEST(CrashTest, TestPanicLoop) {
  const Outcome o = RunCase("PanicLoop");
  EXPECT_EQ(o.exit_status, 2);
  ExpectStart(o.err, "panic: ");
  ExpectPart(o.err, "while it is described");
  EXPECT_EQ(Count(o.err, "panic: "), 1) << o.err;
}

// What has begun to be reported is reported to its end, and the status is that
// of a crash, whoever returns from main meanwhile.
TEST(CrashTest, TestPanicRace) {
  for (int i = 0; i < 20; ++i) {
    const Outcome o = RunCase("PanicRace");
    if (o.exit_status == 0) {
      EXPECT_EQ(o.err, "");
      continue;
    }
    EXPECT_EQ(o.exit_status, 2);
    ExpectStart(o.err, "panic: ");
    ExpectPart(o.err, "late words\n\ngoroutine ");
    ExpectPart(o.err, "\ncreated by ");
  }
}

// Go prints both panics; here the second lets the first finish.
TEST(CrashTest, TestDoublePanic) {
  const Outcome o = RunCase("DoublePanic", {"GOTRACEBACK=single"});
  EXPECT_EQ(o.exit_status, 2);
  ExpectStart(o.err, "panic: std::runtime_error: twice\n\ngoroutine ");
  EXPECT_EQ(Count(o.err, "panic: "), 1) << o.err;
  EXPECT_EQ(Count(o.err, kHeader), 1) << o.err;
  EXPECT_EQ(Count(o.err, "\ncreated by "), 1) << o.err;
}

TEST(CrashTest, TestRecoveredPanicAfterGoexit) {
  const Outcome o = RunCase("RecoveredPanicAfterGoexit");
  EXPECT_EQ(o.exit_status, 2);
  EXPECT_EQ(o.out, "hello\n");
  ExpectStart(o.err,
              "fatal error: no goroutines (main called runtime.Goexit) - "
              "deadlock!");
}

TEST(CrashUnixTest, TestSignalExitStatus) {
  const Outcome o = RunCase("SignalExitStatus");
  EXPECT_EQ(o.signal, SIGTERM);
  EXPECT_EQ(o.err, "");
}

TEST(CrashUnixTest, TestSignalIgnoreSIGTRAP) {
  const Outcome o = RunCase("SignalIgnoreSIGTRAP");
  EXPECT_EQ(o.exit_status, 0) << o.err;
  EXPECT_EQ(o.out, "OK\n");
}

TEST(CrashUnixTest, TestSignalDuringExec) {
  EXPECT_EQ(RunCase("SignalDuringExec").exit_status, 0);
}

// The innermost fifty and the outermost fifty frames, the runtime's included.
TEST(TracebackTest, TestTracebackElision) {
  const Outcome deep = RunCase("TracebackDeep", {"GOTRACEBACK=system"});
  EXPECT_EQ(deep.exit_status, 2);
  const std::regex elided("\n\\.\\.\\.([0-9]+) frames elided\\.\\.\\.\n");
  std::smatch match;
  ASSERT_TRUE(std::regex_search(deep.err, match, elided));
  const std::string inner = match.prefix();
  const std::string outer = match.suffix();
  EXPECT_EQ(Count(inner, " sp=0x"), 50);
  EXPECT_EQ(Count(outer, " sp=0x"), 50);
  // 501 of them are the descent; the others lie around it.
  const int shown = Count(deep.err, "DescendAndThrow\\(");
  EXPECT_GE(std::stoi(match[1]), 501 - shown);
  EXPECT_LE(std::stoi(match[1]), 501 - shown + 10);

  const Outcome shallow = RunCase("TracebackShallow");
  EXPECT_EQ(shallow.exit_status, 2);
  EXPECT_EQ(shallow.err.find("elided"), std::string::npos);
  EXPECT_EQ(Count(shallow.err, "DescendAndThrow\\("), 21);
}

TEST(ProcTest, TestNumGoroutine) {
  const Outcome o = RunCase("NumGoroutine");
  EXPECT_EQ(o.exit_status, 2);
  EXPECT_EQ(o.out, "21 goroutines\n");
  EXPECT_EQ(Count(o.err, kHeader), 21) << o.err;
}

TEST(ProcTest, TestBigGOMAXPROCS) {
  const Outcome o = RunCase("BigGOMAXPROCS", {"GOMAXPROCS=1024"});
  EXPECT_EQ(o.exit_status, 0) << o.err;
  EXPECT_EQ(o.out, "1024 Ps\n");
  EXPECT_EQ(o.err, "");
}

}  // namespace
}  // namespace parkour::tests
