// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The runtime inside programs with a life of their own: the table below says
// how each of cases.h ends. Each runs as a process, those whose end is a race
// several times.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <string>
#include <vector>

#include "parkour/base/sanitizer.h"
#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

using std::chrono::seconds;

constexpr bool kSanitizer = PARKOUR_ASAN || PARKOUR_TSAN;
constexpr seconds kPatience(kSanitizer ? 120 : 60);
constexpr int kOften = kSanitizer ? 3 : 15;

struct Expected {
  std::string name;
  int exit_status;  // -1: the signal below
  std::vector<std::string> out = {};
  std::vector<std::string> err = {};
  std::vector<std::string> never = {};  // in neither
  int times = 1;
  int signal = 0;

  friend void PrintTo(const Expected& e, std::ostream* os) { *os << e.name; }
};

const char kOverflow[] = "-byte limit\nfatal error: stack overflow\n";
const char kHost[] = "host handler\n";
const char kSegv[] = "runtime: signal 11 in goroutine ";
const char kBus[] = "runtime: signal 7 in goroutine ";

std::vector<Expected> Table() {
  return {
      // Signals.
      {"handler_after_chains", 2, {}, {kHost, kOverflow}},
      {"handler_after_keeps", 7, {}, {kHost}, {"overflow"}},
      {"old_style_handler_before", 7, {}, {kHost}},
      {"old_style_handler_overflow", 2, {}, {kOverflow}, {kHost}},
      {"handler_recovers", 0},
      {"segv_ignored", -1, {}, {kSegv}, {}, 1, SIGSEGV},
      {"segv_ignored_overflow", 2, {}, {kOverflow}},
      {"bus_default", -1, {}, {kBus}, {}, 1, SIGBUS},
      {"bus_handler_before", 7, {}, {kHost}},
      {"segv_in_plain_thread", -1, {}, {}, {"goroutine"}, 1, SIGSEGV},
      {"host_alt_stack", 7, {}, {"on the host's stack\n"}, {"goroutine"}},
      {"all_blocked_overflow", 2, {}, {kOverflow}},
      {"all_blocked_sigwait", 0, {"waited for\n"}},

      // Ends.
      {"return_from_main", 5, {}, {}, {}, kOften},
      {"exit_in_plain_thread", 6, {}, {}, {}, kOften},
      {"exit_in_goroutine", 6, {"exit handler\n"}, {}, {}, kOften},
      {"quick_exit_in_goroutine",
       6,
       {"quick exit handler\n"},
       {},
       {"\nexit handler"},
       kOften},
      {"handlers_use_runtime",
       4,
       {"handler from after\n", "static object from after\n",
        "static object from before\n", "handler from before\n"},
       {},
       {"does not work"},
       kOften / 3},
      {"handlers_use_runtime_in_goroutine",
       4,
       {"handler from after\n", "static object from after\n",
        "static object from before\n", "handler from before\n"},
       {},
       {"does not work"},
       kOften / 3},
      {"main_thread_exits", 3, {"alone\n"}, {}, {}, kOften / 3},
      {"terminate_in_plain_thread",
       7,
       {"host's terminate handler\n"},
       {},
       {"panic"}},
      {"terminate_in_goroutine",
       2,
       {},
       {"panic: std::runtime_error: boom\n"},
       {"host's"}},

      // Processes.
      {"fork_exec", 0},
      {"vfork_exec", 0},
      {"posix_spawn", 0},
      {"popen", 0},
      {"system", 0},
      {"fork_exit", 0, {"exit handler\n", "exit handler\n"}},
      {"fork_before_first_use", 0},
      {"work", 0},
  };
}

void ExpectInOrder(const std::string& text,
                   const std::vector<std::string>& words, const char* where) {
  size_t at = 0;
  for (const std::string& word : words) {
    const size_t found = text.find(word, at);
    if (found == std::string::npos) {
      ADD_FAILURE() << "\"" << word << "\" is missing in " << where << ":\n"
                    << text;
      return;
    }
    at = found + word.size();
  }
}

// Of the sanitizers: a fault's outcome is the host's affair, and what a process
// that ends in the middle of its work has not given back is no leak.
std::vector<std::string> Environment() {
  const std::string options =
      "handle_segv=0:handle_sigbus=0:handle_abort=0:"
      "allow_user_segv_handler=1:detect_leaks=0";
  return {"ASAN_OPTIONS=" + options, "UBSAN_OPTIONS=" + options,
          "TSAN_OPTIONS=" + options + ":halt_on_error=1:atexit_sleep_ms=0",
          "GOTRACEBACK=single"};
}

class EmbedTest : public testing::TestWithParam<Expected> {};

TEST_P(EmbedTest, EndsAsItShould) {
  const Expected& e = GetParam();
  for (int i = 0; i < e.times && !HasFailure(); ++i) {
    Child child({Runfile("tests/embed/host"), e.name}, Environment());
    const Outcome outcome = child.Finish(kPatience);
    EXPECT_FALSE(outcome.timed_out) << outcome.hang;
    EXPECT_EQ(outcome.exit_status, e.exit_status) << outcome.err;
    EXPECT_EQ(outcome.signal, e.signal) << outcome.err;
    ExpectInOrder(outcome.err, e.err, "stderr");
    ExpectInOrder(outcome.out, e.out, "stdout");
    for (const std::string& word : e.never) {
      EXPECT_EQ(outcome.err.find(word), std::string::npos) << outcome.err;
      EXPECT_EQ(outcome.out.find(word), std::string::npos) << outcome.out;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, EmbedTest, testing::ValuesIn(Table()),
                         [](const testing::TestParamInfo<Expected>& info) {
                           return info.param.name;
                         });

}  // namespace
}  // namespace parkour::tests
