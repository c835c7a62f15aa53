// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Hosts that start other programs, from goroutines, while goroutines run.
// tests/crash has the fork after which nothing of Parkour may be called.

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "parkour/tests/embed/cases.h"

namespace parkour::tests {
namespace {

constexpr int kGoroutines = 4;
constexpr int kRounds = 25;

int WaitFor(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

// Runs one(i) in goroutines, many times, beside all other kinds; each must
// return 0.
template <typename F>
int Beside(F one) {
  StartBusyGoroutines();
  std::atomic<int> failed = 0;
  sync::WaitGroup wg;
  for (int i = 0; i < kGoroutines; ++i) {
    wg.Go([&failed, one] {
      for (int j = 0; j < kRounds; ++j) failed += one() != 0;
    });
  }
  wg.Go([&failed] { failed += !Work(2); });
  wg.Wait();
  return failed == 0 ? 0 : 1;
}

int ForkExec() {
  return Beside([] {
    const pid_t pid = fork();
    if (pid == 0) {
      execl("/bin/sh", "sh", "-c", "exit 3", nullptr);
      _exit(99);
    }
    return WaitFor(pid) - 3;
  });
}

int VforkExec() {
  return Beside([] {
    const pid_t pid = vfork();
    if (pid == 0) {
      execl("/bin/true", "true", nullptr);
      _exit(99);
    }
    return WaitFor(pid);
  });
}

int PosixSpawn() {
  return Beside([] {
    char name[] = "true";
    char* const argv[] = {name, nullptr};
    pid_t pid;
    if (posix_spawn(&pid, "/bin/true", nullptr, nullptr, argv, environ) != 0) {
      return 1;
    }
    return WaitFor(pid);
  });
}

int Popen() {
  return Beside([] {
    FILE* const f = popen("echo words of a child", "r");
    if (f == nullptr) return 1;
    char line[64] = "";
    const bool read = std::fgets(line, sizeof(line), f) != nullptr;
    if (!read || std::strcmp(line, "words of a child\n") != 0) return 1;
    return pclose(f);
  });
}

int System() {
  return Beside([] { return std::system("exit 3") - (3 << 8); });
}

// The child of a fork ends as any process does, exit handlers and all.
int ForkExit() {
  StartBusyGoroutines();
  std::atexit([] { Say("exit handler"); });
  const pid_t pid = fork();
  if (pid == 0) std::exit(3);
  return WaitFor(pid) == 3 ? 0 : 1;
}

// A fork before the first use is none of the runtime's business.
int ForkBeforeFirstUse() {
  const pid_t pid = fork();
  if (!Work(2)) return 99;
  return pid == 0 ? 3 : WaitFor(pid) - 3;
}

constexpr HostCase kCases[] = {
    {"fork_exec", ForkExec},
    {"vfork_exec", VforkExec},
    {"posix_spawn", PosixSpawn},
    {"popen", Popen},
    {"system", System},
    {"fork_exit", ForkExit},
    {"fork_before_first_use", ForkBeforeFirstUse},
    {"work", [] { return Work(20) ? 0 : 1; }},
};

}  // namespace

std::span<const HostCase> Processes() { return kCases; }

}  // namespace parkour::tests
