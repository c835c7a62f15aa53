// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/watcher.h"

#include <signal.h>

#include "parkour/base/atomic.h"
#include "parkour/base/check.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/sched.h"

namespace parkour::runtime {
namespace {

// Symbols and files of debug information are read on it.
constexpr size_t kStackSize = size_t{1} << 20;
constexpr int kKinds = 3;

base::Atomic<uint32_t> wanted{0};
base::Atomic<void (*)()> works[kKinds] = {};

struct Watched {
  int signal = 0;
  void (*handler)(int) = nullptr;
};
Watched watched[kKinds];  // constant once goroutines run
int nwatched = 0;

// Takes part in nothing else: nobody's sigwait loses a signal to this thread.
void BlockSignals() {
  sigset_t blocked;
  sigfillset(&blocked);
  for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT}) {
    sigdelset(&blocked, fault);
  }
  pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
}

// With an M of its own: what it wakes is recorded in its name.
void Watch(void*) {
  BlockSignals();
  needm();
  for (;;) {
    // Asleep it is a thread of the runtime's: see deadlock.cc.
    sched.proxies_parked.fetch_add(1, base::kAcqRel);
    uint32_t now;
    while ((now = wanted.exchange(0, base::kAcquire)) == 0) {
      base::FutexWait(&wanted, 0, -1);
    }
    sched.proxies_parked.fetch_sub(1, base::kAcqRel);
    for (int i = 0; i < kKinds && !base::CrashBegun(); ++i) {
      if (now & (uint32_t{1} << i)) works[i].load(base::kAcquire)();
    }
  }
}

}  // namespace

bool watcherStart() {
  return base::StartThread("parkour-watcher", kStackSize, Watch, nullptr) == 0;
}

void watcherDo(WatchFor what, void (*work)()) {
  works[__builtin_ctz(what)].store(work, base::kRelease);
}

void watcherWake(WatchFor what) {
  wanted.fetch_or(what, base::kRelease);
  base::FutexWake(&wanted, 1);
}

bool watchSignal(int signal, void (*handler)(int)) {
  struct sigaction action;
  if (sigaction(signal, nullptr, &action) != 0 ||
      (action.sa_flags & SA_SIGINFO) != 0 || action.sa_handler != SIG_DFL) {
    return false;
  }
  action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  sigemptyset(&action.sa_mask);
  watched[nwatched++] = {signal, handler};
  return sigaction(signal, &action, nullptr) == 0;
}

void watcherAfterFork() {
  for (int i = 0; i < nwatched; ++i) {
    struct sigaction action;
    if (sigaction(watched[i].signal, nullptr, &action) != 0 ||
        (action.sa_flags & SA_SIGINFO) != 0 ||
        action.sa_handler != watched[i].handler) {
      continue;
    }
    action = {};
    action.sa_handler = SIG_DFL;
    sigaction(watched[i].signal, &action, nullptr);
  }
}

}  // namespace parkour::runtime
