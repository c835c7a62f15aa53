// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// How a host ends while goroutines run. tests/crash has the ends of programs
// of Main's.

#include <pthread.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <thread>

#include "parkour/tests/embed/cases.h"

namespace parkour::tests {
namespace {

// What an exit handler may want: goroutines, channels, timers, the network.
void UseRuntime(const char* who) {
  const Chan<int> ch = MakeChan<int>();
  go([ch] {
    time::Sleep(absl::Milliseconds(1));
    ch.Send(1);
  });
  if (ch.Recv() != 1 || !Work(1, 20, 1))
    return Say("the runtime does not work");
  Say(who);
}

int ReturnFromMain() {
  StartBusyGoroutines();
  return 5;
}

int ExitInPlainThread() {
  StartBusyGoroutines();
  std::thread([] { std::exit(6); }).join();
  return 1;
}

int ExitInGoroutine() {
  StartBusyGoroutines();
  std::atexit([] { Say("exit handler"); });
  go([] { std::exit(6); });
  Chan<int>().Recv();
  return 1;
}

int QuickExitInGoroutine() {
  StartBusyGoroutines();
  std::at_quick_exit([] { Say("quick exit handler"); });
  std::atexit([] { Say("exit handler"); });
  go([] { std::quick_exit(6); });
  Chan<int>().Recv();
  return 1;
}

struct UsesRuntime {
  explicit UsesRuntime(const char* who) : who(who) {}
  ~UsesRuntime() { UseRuntime(who); }
  const char* const who;
};

// Before the runtime's first use and after it; all run after main.
void RegisterHandlers() {
  std::atexit([] { UseRuntime("handler from before"); });
  static UsesRuntime before("static object from before");
  StartBusyGoroutines();
  static UsesRuntime after("static object from after");
  std::atexit([] { UseRuntime("handler from after"); });
}

int HandlersUseRuntime() {
  RegisterHandlers();
  return 4;
}

int HandlersUseRuntimeInGoroutine() {
  RegisterHandlers();
  go([] { std::exit(4); });
  Chan<int>().Recv();
  return 1;
}

// The process goes on until somebody ends it.
int MainThreadExits() {
  StartBusyGoroutines();
  go([] {
    time::Sleep(absl::Milliseconds(5));
    Say("alone");
    std::exit(3);
  });
  pthread_exit(nullptr);
}

// The host's own idea of an exception that nobody catches is for its threads.
void SetTerminate() {
  std::set_terminate([] {
    Say("host's terminate handler");
    _exit(7);
  });
}

int TerminateInPlainThread() {
  SetTerminate();
  StartRuntime();
  std::thread([] { throw std::runtime_error("boom"); }).join();
  return 1;
}

int TerminateInGoroutine() {
  SetTerminate();
  go([] { throw std::runtime_error("boom"); });
  Chan<int>().Recv();
  return 1;
}

constexpr HostCase kCases[] = {
    {"return_from_main", ReturnFromMain},
    {"exit_in_plain_thread", ExitInPlainThread},
    {"exit_in_goroutine", ExitInGoroutine},
    {"quick_exit_in_goroutine", QuickExitInGoroutine},
    {"handlers_use_runtime", HandlersUseRuntime},
    {"handlers_use_runtime_in_goroutine", HandlersUseRuntimeInGoroutine},
    {"main_thread_exits", MainThreadExits},
    {"terminate_in_plain_thread", TerminateInPlainThread},
    {"terminate_in_goroutine", TerminateInGoroutine},
};

}  // namespace

std::span<const HostCase> Exits() { return kCases; }

}  // namespace parkour::tests
