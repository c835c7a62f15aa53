// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/signal/sigqueue.h"

#include <signal.h>

#include <climits>

#include "parkour/base/atomic.h"
#include "parkour/base/check.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/sched.h"
#include "parkour/runtime/start.h"

namespace parkour::signal {
namespace {

constexpr size_t kStackSize = size_t{256} << 10;

// Of the program's own faults.
constexpr uint64_t kFaults = Bit(SIGILL) | Bit(SIGTRAP) | Bit(SIGABRT) |
                             Bit(SIGBUS) | Bit(SIGFPE) | Bit(SIGSEGV) |
                             Bit(SIGSYS);
constexpr uint64_t kKernels = Bit(SIGKILL) | Bit(SIGSTOP);
// The C library's, for cancelling threads and for setuid.
constexpr uint64_t kLibrarys = Bit(32) | Bit(33);

base::Atomic<uint64_t> wanted{0};
base::Atomic<uint64_t> pending{0};
base::Atomic<uint32_t> delivering{0};
base::Atomic<uint32_t> news{0};

// Of the signals that are not the host's.
Owner owners[kMaxSignal + 1];
struct sigaction hosts[kMaxSignal + 1];

// errno is as the handler found it: FutexWake of a valid word cannot fail.
void OnSignal(int signal) {
  delivering.fetch_add(1, base::kSeqCst);
  const bool ours = (wanted.load(base::kSeqCst) & Bit(signal)) != 0;
  if (ours) {
    pending.fetch_or(Bit(signal), base::kSeqCst);
    WakeQueue();
  }
  delivering.fetch_sub(1, base::kSeqCst);
  // Blocked while we are here: it comes when we return.
  if (!ours) raise(signal);
}

// Takes part in nothing but what is wanted: a program that blocks its signals
// in all of its threads gets them here, and nobody's sigwait loses any.
void SetMask() {
  const uint64_t open = wanted.load(base::kSeqCst) | kFaults | Bit(SIGPROF);
  sigset_t blocked;
  sigfillset(&blocked);
  for (int signal = 1; signal <= kMaxSignal; ++signal) {
    if (open & Bit(signal)) sigdelset(&blocked, signal);
  }
  pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
}

void RunQueue(void* arg) {
  const auto deliver = reinterpret_cast<void (*)()>(arg);
  for (;;) {
    news.store(0, base::kSeqCst);
    SetMask();
    deliver();
    // Asleep it is a thread of the runtime's: see deadlock.cc.
    runtime::sched.proxies_parked.fetch_add(1, base::kAcqRel);
    base::FutexWait(&news, 0, -1);
    runtime::sched.proxies_parked.fetch_sub(1, base::kAcqRel);
  }
}

}  // namespace

const uint64_t kAllSignals = ~(kFaults | kKernels | kLibrarys);

void SetOwner(int signal, Owner owner) {
  Owner& now = owners[signal];
  if (now == owner) return;
  struct sigaction action = {};
  struct sigaction before;
  sigemptyset(&action.sa_mask);
  switch (owner) {
    case Owner::kHost:
      action = hosts[signal];
      break;
    case Owner::kQueue:
      action.sa_handler = OnSignal;
      action.sa_flags = SA_ONSTACK | SA_RESTART;
      wanted.fetch_or(Bit(signal), base::kSeqCst);
      break;
    case Owner::kNobody:
      action.sa_handler = SIG_IGN;
      break;
  }
  PARKOUR_CHECK(sigaction(signal, &action, &before) == 0);
  if (owner != Owner::kQueue) wanted.fetch_and(~Bit(signal), base::kSeqCst);
  if (now == Owner::kHost) hosts[signal] = before;
  now = owner;
}

void AwaitHandlers() {
  while (delivering.load(base::kSeqCst) != 0) runtime::Gosched();
}

uint64_t TakePending() { return pending.exchange(0, base::kSeqCst); }

void StartQueue(void (*deliver)()) {
  // Here and not at the thread's first call: all Ms get the signal mask of the
  // thread that starts the runtime.
  runtime::ensureStarted();
  if (base::StartThread("parkour-signal", kStackSize, RunQueue,
                        reinterpret_cast<void*>(deliver)) != 0) {
    base::Fatal("signal: the system refuses the thread that waits for signals");
  }
}

void WakeQueue() {
  news.store(1, base::kSeqCst);
  base::FutexWake(&news, INT_MAX);
}

}  // namespace parkour::signal
