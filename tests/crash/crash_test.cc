// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Programs that must end in a certain way, with the right words: the table
// below is the specification. Each case runs as a process of its own.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "parkour/base/sanitizer.h"
#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPatience(PARKOUR_ASAN || PARKOUR_TSAN ? 60 : 20);
// For how long a process is watched not to die.
constexpr milliseconds kHold(200);

// What the test does while the process runs.
enum class Play {
  kWatch,    // nothing
  kHold,     // reads "ready", sees it live on, sends a line
  kConnect,  // reads an address, sees it live on, connects there
};

using Words = std::vector<std::string>;

struct Expected {
  std::string name;
  int exit_status;  // -1: the signal below
  // Texts on stderr, in this order; '#' stands for a number.
  Words err;
  Words out = {};    // the same, of stdout
  Words never = {};  // in neither
  Play play = Play::kWatch;
  int signal = 0;

  friend void PrintTo(const Expected& e, std::ostream* os) { *os << e.name; }
};

// Sanitizers' frames are larger, and so are the stacks (runtime/stack.h).
std::string Limit(size_t bytes) {
  return "runtime: goroutine # stack exceeds " +
         std::to_string(bytes * (PARKOUR_ASAN || PARKOUR_TSAN ? 4 : 1)) +
         "-byte limit\nfatal error: stack overflow\n";
}

const char kAsleep[] =
    "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine ";
const char kNoGoroutines[] =
    "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n";
const char kBoom[] =
    "panic: std::runtime_error: boom\n\ngoroutine # [running]:\n";
const char kInBlocking[] =
    "fatal error: runtime: a call into Parkour between EnterSyscall and "
    "ExitSyscall";
const char kOverflowTrace[] = "\ngoroutine # [running]:\n";

std::vector<Expected> Table() {
  const size_t kKiB = 1024;
  return {
      // Deadlocks.
      {"main_receives", 2, {kAsleep, "1 [chan receive]:\n", "ReceiveForever("}},
      {"several",
       2,
       {kAsleep, "1 [chan send (nil chan)]:\n",
        "goroutine # [chan send, name \"sender\"]:\n", "created by ",
        " in goroutine 1\n",
        "goroutine # [sync.WaitGroup.Wait, "
        "name \"a name of more than thirty-one \"]:\n",
        "goroutine # [sync.Mutex.Lock]:\n",
        "goroutine # [chan receive (nil chan)]:\n"}},
      {"cycle",
       2,
       {"all goroutines are asleep - deadlock!\n\n", " deadlock: goroutine ",
        " waits for sync.Mutex 0x", " held by goroutine ",
        ", which waits for sync.Mutex 0x"}},
      {"main_goexit", 2, {kNoGoroutines}},
      {"main_goexit_others_finish", 2, {kNoGoroutines}, {"worker done\n"}},
      {"timer_pending", 0, {}, {}, {"deadlock"}},
      {"timer_then_deadlock", 2, {kAsleep, "1 [chan receive]:"}, {"slept\n"}},
      {"network_pending", 0, {}, {}, {"deadlock"}, Play::kConnect},
      {"network_then_deadlock",
       2,
       {kAsleep, "1 [chan receive]:"},
       {},
       {},
       Play::kConnect},
      {"thread_sends", 0, {}, {}, {"deadlock"}, Play::kHold},
      {"thread_then_deadlock",
       2,
       {kAsleep, "1 [chan receive]:"},
       {},
       {},
       Play::kHold},
      {"thread_waits_too", 2, {kAsleep, "1 [chan receive]:"}},
      {"in_blocking", 0, {}, {}, {"deadlock"}, Play::kHold},
      {"library_waits", 0, {}, {}, {"deadlock"}, Play::kHold},
      {"no_descriptor_left", 0, {}, {}, {"deadlock"}, Play::kHold},

      // Exceptions that nobody catches.
      {"exception_in_goroutine",
       2,
       {kBoom, "ThrowBoom(", "created by ", "SpawnThrower(",
        " in goroutine 1\n"},
       {},
       {"OnTerminate", "__cxa_throw", "parkour::runtime"}},
      {"exception_in_lambda",
       2,
       {kBoom, "ThrowBoom(", "created by ", "SpawnLambda(",
        " in goroutine 1\n"}},
      {"exception_in_main",
       2,
       {"panic: std::runtime_error: boom\n\ngoroutine 1 [running]:\n",
        "ThrowBoom("}},
      {"exception_in_library", 2, {kBoom, "ThrowBoom(", "created by "}},
      {"no_std_exception",
       2,
       {"panic: parkour::tests::Odd\n", "goroutine # [running]:\n", "ThrowOdd(",
        "created by "}},
      {"exception_is_text",
       2,
       {"panic: char const*: a text\n", "goroutine # [running]:\n"}},
      {"exception_is_string", 2, {"panic: std::string: a string\n\ngoroutine"}},
      {"exception_is_number", 2, {"panic: int: 42\n\ngoroutine"}},
      {"exception_from_destructor",
       2,
       {"panic: std::logic_error: late\n", "goroutine # [running]:\n",
        "Throws::~Throws("}},
      {"exception_past_other_catch", 2, {kBoom, "ThrowBoom("}, {}, {"caught"}},
      {"exception_in_plain_thread",
       -1,
       {"terminate called after throwing", "boom"},
       {},
       {"panic:", "goroutine"},
       Play::kWatch,
       SIGABRT},

      // Stack overflows.
      {"overflow",
       2,
       {Limit(256 * kKiB), kOverflowTrace, "Recurse<", " frames elided...",
        "Outermost<", "created by "}},
      {"overflow_in_main",
       2,
       {Limit(8192 * kKiB), "\ngoroutine 1 [running]:\n", "Recurse<",
        " frames elided...", "Outermost<"}},
      {"overflow_huge_frames",
       2,
       {Limit(256 * kKiB), kOverflowTrace, "Recurse<", "Outermost<"}},
      {"overflow_small_stack",
       2,
       {Limit(64 * kKiB), "\ngoroutine # [running, name \"small\"]:\n",
        "Recurse<", "Outermost<"}},
      {"overflow_in_malloc",
       2,
       {Limit(256 * kKiB), kOverflowTrace, "RecurseInMalloc(",
        "goroutine 1 [sleep]:\n"}},
      {"overflow_reused_stack",
       2,
       {Limit(256 * kKiB), kOverflowTrace, "Recurse<", "created by "}},
      {"overflow_host_handler",
       2,
       {Limit(256 * kKiB), kOverflowTrace},
       {},
       {"host handler"}},

      // Faults that are none of ours.
      {"segv",
       -1,
       {"runtime: signal 11 in goroutine #\n"},
       {},
       {"stack overflow"},
       Play::kWatch,
       SIGSEGV},
      {"segv_sent", -1, {}, {}, {"goroutine"}, Play::kWatch, SIGSEGV},
      {"segv_host_handler", 7, {"host handler\n"}, {}, {"runtime: signal 11"}},

      // Misuse.
      {"send_on_closed",
       2,
       {"panic: send on closed channel\n\ngoroutine 1 [running]:\n",
        "SendOnClosed("},
       {},
       {"base::Panic", "chansend", "parkour::runtime"}},
      {"send_on_closed_system",
       2,
       {"panic: send on closed channel\n\ngoroutine 1 gp=0x", " [running]:\n",
        "base::Panic", "chansend", "SendOnClosed(", "goroutineEntry"}},
      {"parked_sender_closed",
       2,
       {"panic: send on closed channel\n\ngoroutine # [running]:\n",
        "created by "}},
      {"close_of_closed",
       2,
       {"panic: close of closed channel\n\ngoroutine 1 [running]:\n"}},
      {"close_of_nil",
       2,
       {"panic: close of nil channel\n\ngoroutine 1 [running]:\n"}},
      {"unlock_of_unlocked",
       2,
       {"fatal error: sync: unlock of unlocked mutex\n\n"
        "goroutine 1 [running]:\n"}},
      {"negative_waitgroup",
       2,
       {"panic: sync: negative WaitGroup counter\n\n"
        "goroutine 1 [running]:\n"}},
      {"misuse_in_plain_thread",
       2,
       {"panic: sync: negative WaitGroup counter\n"}},
      {"go_nil_pointer", 2, {"fatal error: go of nil func value\n"}},
      {"go_nil_function", 2, {"fatal error: go of nil func value\n"}},
      {"goexit_swallowed",
       2,
       {"fatal error: runtime.Goexit was swallowed by a catch (...)",
        "goroutine 1 [running]:\n", "SwallowEverything("}},
      {"goexit_rethrown", 0, {}, {"rethrown\n"}, {"fatal"}},
      {"goexit_in_plain_thread",
       2,
       {"fatal error: runtime.Goexit called outside a goroutine\n"}},
      {"go_after_fork",
       2,
       {"fatal error: runtime used after fork: only exec "}},
      {"chan_after_fork",
       2,
       {"fatal error: runtime used after fork: only exec "}},
      {"fork_exec", 9, {}, {"executed\n"}, {"fatal"}},
      {"park_in_blocking", 2, {kInBlocking}},
      {"nested_blocking", 2, {kInBlocking}},
      {"no_exit_syscall", 2, {kInBlocking}},
      {"no_enter_syscall",
       2,
       {"fatal error: runtime: ExitSyscall without EnterSyscall\n"}},
      {"main_twice",
       2,
       {"fatal error: parkour::Main called again"},
       {"first\n"},
       {"second"}},
      {"main_in_goroutine",
       2,
       {"fatal error: parkour::Main called in a goroutine\n"}},

      // Ends.
      {"status", 7, {}},
      {"no_status", 0, {}, {"Main has returned\n"}},
      {"absl_status", 0, {}, {}, {"\n"}},
      {"absl_error",
       1,
       {"listen tcp: address 99999: invalid port\n"},
       {"Main has returned\n"},
       {"fatal"}},
      {"others_stop", 0, {}, {"stopped\n"}, {"ran on"}},
      {"deferred_do_not_run", 0, {}, {}, {"destructor"}},
      {"static_destructors",
       3,
       {},
       {"local destructor on the main thread\n",
        "static destructor on the main thread\n",
        "exit handler on the main thread\n",
        "static destructor on the main thread\n"},
       {"wrong thread"}},
      {"hogs", 5, {}},
      {"exit_in_goroutine", 6, {}},
      {"blocked_threads", 8, {}},
      {"close_after_main",
       4,
       {},
       {"closed\n", "not closed again\n", "slept\n"}},
      {"wait_after_main", 2, {"fatal error: parkour: a wait after Main"}},
      {"thread_ends_wait_after_main",
       3,
       {},
       {"received\n"},
       {"fatal"},
       Play::kHold},
      {"thread_waits_at_the_end", 9, {}, {}, {"fatal"}},
      {"panic_while_main_returns", 2, {"Slow: slow\n\ngoroutine # [running]:"}},
  };
}

// Where `pattern` ends in `text`, not before `from`; npos if it is not there.
size_t FindEnd(std::string_view text, std::string_view pattern, size_t from) {
  for (; from < text.size(); ++from) {
    size_t at = from;
    size_t i = 0;
    for (; i < pattern.size() && at < text.size(); ++i) {
      if (pattern[i] == '#') {
        const size_t digits = at;
        while (at < text.size() && std::isdigit(text[at])) ++at;
        if (at == digits) break;
      } else if (text[at] == pattern[i]) {
        ++at;
      } else {
        break;
      }
    }
    if (i == pattern.size()) return at;
  }
  return std::string_view::npos;
}

void ExpectInOrder(const std::string& text, const Words& words,
                   const char* where) {
  size_t at = 0;
  for (const std::string& word : words) {
    const size_t end = FindEnd(text, word, at);
    if (end == std::string_view::npos) {
      ADD_FAILURE() << "\"" << word << "\" is missing"
                    << (FindEnd(text, word, 0) == std::string_view::npos
                            ? ""
                            : " after the words before it")
                    << " in " << where;
      return;
    }
    at = end;
  }
}

// Connects to "127.0.0.1:port", and is gone again.
void ConnectTo(const std::string& address) {
  const size_t colon = address.rfind(':');
  ASSERT_NE(colon, std::string::npos) << address;
  sockaddr_in peer = {};
  peer.sin_family = AF_INET;
  peer.sin_port =
      htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)), 0);
  close(fd);
}

class CrashTest : public testing::TestWithParam<Expected> {};

TEST_P(CrashTest, EndsAsItShould) {
  const Expected& e = GetParam();
  // Of the sanitizers: leave a fault's outcome as it is without them, and leave
  // what a dying process has not given back unmentioned.
  const std::string options = "handle_segv=0:handle_abort=0:detect_leaks=0";
  Child child({Runfile("tests/crash/crash_child"), e.name},
              {"ASAN_OPTIONS=" + options + ":detect_stack_use_after_return=1",
               "UBSAN_OPTIONS=" + options,
               "TSAN_OPTIONS=" + options + ":halt_on_error=1:atexit_sleep_ms=0",
               "GOTRACEBACK=single"});
  if (e.play != Play::kWatch) {
    const std::optional<std::string> line = child.ReadLine(kPatience);
    EXPECT_TRUE(line.has_value()) << "it says nothing";
    // A check that something does not happen: all it can do is to wait.
    EXPECT_EQ(child.ReadLine(kHold), std::nullopt);
    EXPECT_TRUE(child.Running()) << "it did not live on";
    if (e.play == Play::kHold) child.WriteLine("go on");
    if (e.play == Play::kConnect && line) ConnectTo(*line);
  }
  const Outcome outcome = child.Finish(kPatience);
  EXPECT_FALSE(outcome.timed_out) << outcome.hang;
  EXPECT_EQ(outcome.exit_status, e.exit_status);
  EXPECT_EQ(outcome.signal, e.signal);
  ExpectInOrder(outcome.err, e.err, "stderr");
  ExpectInOrder(outcome.out, e.out, "stdout");
  for (const std::string& word : e.never) {
    EXPECT_EQ(outcome.err.find(word), std::string::npos) << word;
    EXPECT_EQ(outcome.out.find(word), std::string::npos) << word;
  }
  if (HasFailure()) {
    GTEST_LOG_(INFO) << "stdout:\n"
                     << outcome.out << "stderr:\n"
                     << outcome.err.substr(0, 8192);
  }
}

INSTANTIATE_TEST_SUITE_P(, CrashTest, testing::ValuesIn(Table()),
                         [](const testing::TestParamInfo<Expected>& info) {
                           return info.param.name;
                         });

}  // namespace
}  // namespace parkour::tests
