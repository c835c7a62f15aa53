// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/quit.h"

#include <signal.h>

#include <cstdio>

#include "parkour/base/atomic.h"
#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/crash_report.h"
#include "parkour/runtime/dump.h"
#include "parkour/runtime/proc.h"

namespace parkour::runtime {
namespace {

constexpr int64_t kSecond = 1000000000;
constexpr size_t kStackSize = size_t{512} << 10;

base::Atomic<int64_t> last_quit{0};
base::Atomic<uint32_t> wanted{0};

// errno is as the handler found it: FutexWake of a valid word cannot fail.
void OnQuit(int) {
  const int64_t now = base::nanotime();
  const int64_t last = last_quit.exchange(now, base::kRelaxed);
  if (last != 0 && now - last < kSecond) {
    base::WriteStderr("SIGQUIT: quit\n");
    dieFromSignal(SIGQUIT);
  }
  wanted.store(1, base::kRelease);
  base::FutexWake(&wanted, 1);
}

bool IsOurs(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == OnQuit;
}

// For the deadlock check one M more runs meanwhile: a goroutine in hand may
// have been woken (scavenge.cc).
void ShowAll() {
  const TracebackLevel level = tracebackLevel();
  if (level.none) {
    base::WriteStderr("SIGQUIT: GOTRACEBACK=none shows no goroutines\n");
    return;
  }
  GoroutineDump dump(
      {.others = true, .system = level.system, .addresses = level.system});
  incidlelocked(-1);
  dump.Capture();
  char text[96];
  std::snprintf(text, sizeof(text), "SIGQUIT: %zu goroutines\n", dump.size());
  base::WriteStderr(text);
  dump.Print(ToStderr, nullptr);
  base::WriteStderr("\nSIGQUIT: end; two within a second end the program\n");
  incidlelocked(+1);
}

// Takes part in nothing else: nobody's sigwait loses a signal to this thread.
void Watch(void*) {
  sigset_t blocked;
  sigfillset(&blocked);
  for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT}) {
    sigdelset(&blocked, fault);
  }
  pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
  for (;;) {
    // Asleep it is a thread of the runtime's: see deadlock.cc.
    sched.proxies_parked.fetch_add(1, base::kAcqRel);
    while (wanted.exchange(0, base::kAcquire) == 0) {
      base::FutexWait(&wanted, 0, -1);
    }
    sched.proxies_parked.fetch_sub(1, base::kAcqRel);
    if (!base::CrashBegun()) ShowAll();
  }
}

}  // namespace

void InstallQuitDump() {
  struct sigaction action;
  if (sigaction(SIGQUIT, nullptr, &action) != 0 ||
      (action.sa_flags & SA_SIGINFO) != 0 || action.sa_handler != SIG_DFL ||
      base::StartThread("parkour-sigquit", kStackSize, Watch, nullptr) != 0) {
    return;
  }
  action = {};
  action.sa_handler = OnQuit;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGQUIT, &action, nullptr);
}

void quitAfterFork() {
  struct sigaction action;
  if (sigaction(SIGQUIT, nullptr, &action) != 0 || !IsOurs(action)) return;
  action = {};
  action.sa_handler = SIG_DFL;
  sigaction(SIGQUIT, &action, nullptr);
}

}  // namespace parkour::runtime
