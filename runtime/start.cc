// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/start.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "parkour/base/check.h"
#include "parkour/base/sys.h"
#include "parkour/runtime/cpus.h"
#include "parkour/runtime/crash_report.h"
#include "parkour/runtime/fault.h"
#include "parkour/runtime/gdb_offsets.h"
#include "parkour/runtime/lifecycle.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/watcher.h"

namespace parkour::runtime {
namespace {

enum class State : uint32_t { kNone, kStarting, kRunning, kForked };

base::Atomic<State> state{State::kNone};
base::Mutex start_mu{base::LockRank::kStart};
int64_t start_time = 0;

// The child of a fork has one thread, and none of them is sysmon or an M. It
// may exec; whatever of ours it calls finds no M and asks for a start.
void AfterForkInChild() {
  if (state.load() == State::kNone) return;
  state.store(State::kForked);
  setm(nullptr);
  watcherAfterFork();
}

void StartRuntime(const Options& options) {
  // First: a fork in the middle of it is one that was too late, too.
  state.store(State::kStarting);
  pthread_atfork(nullptr, nullptr, AfterForkInChild);
  start_time = schedNanotime();
  sched.goidgen.store(kMainGoid);
  sched.lastpoll.store(start_time);
  // Go: proc.go (schedinit: initSigmask). A fault that is blocked ends the
  // process without a word, so Ms block none. Go: signal_unix.go
  // (minitSignalMask)
  pthread_sigmask(SIG_SETMASK, nullptr, &sched.sigmask);
  sigdelset(&sched.sigmask, SIGSEGV);
  sigdelset(&sched.sigmask, SIGBUS);
  sched_getaffinity(0, sizeof(sched.affinity), &sched.affinity);
  base::has_membarrier.store(base::sys::MembarrierRegister() == 0);
  if (options.computing_threads > 0) {
    sched.hogs_per_p = options.computing_threads;
  }
  if (options.stack_size > 0) SetDefaultStackSize(options.stack_size);
  if (options.max_threads > 0) {
    base::MutexLockAlive lock(&sched.lock);
    sched.maxmcount = options.max_threads;
  }
  const int procs = options.gomaxprocs > 0
                        ? options.gomaxprocs
                        : DefaultProcs(std::getenv("GOMAXPROCS"),
                                       AffinityCpus(), CgroupCpus());
  procresize(std::min(procs, static_cast<int>(kMaxProcs)));
  {
    base::MutexLockAlive lock(&sched.lock);
    for (int32_t i = sched.gomaxprocs.load() - 1; i >= 0; --i) {
      allp(i)->status.store(kPidle);
      pidleput(allp(i));
    }
  }
  InstallCrashReport();
  InitGdbOffsets();
  InstallFaultHandler();
  if (BootRuntime != nullptr) BootRuntime();
}

absl::Status Check(const Options& options) {
  const auto bad = [](const char* name) {
    return absl::InvalidArgumentError(
        absl::StrCat("runtime: Start: Options::", name, " is out of range"));
  };
  if (options.gomaxprocs < 0 || options.gomaxprocs > kMaxProcs) {
    return bad("gomaxprocs");
  }
  if (options.max_threads < 0) return bad("max_threads");
  if (options.stack_size > kMaxStackSize) return bad("stack_size");
  if (options.computing_threads < 0) return bad("computing_threads");
  return absl::OkStatus();
}

}  // namespace

bool started() { return state.load(base::kAcquire) == State::kRunning; }

absl::Status Start(const Options& options) {
  if (absl::Status status = Check(options); !status.ok()) return status;
  {
    base::MutexLock lock(&start_mu);
    if (state.load(base::kRelaxed) != State::kNone) {
      return absl::FailedPreconditionError("runtime: it has started already");
    }
    StartRuntime(options);
    state.store(State::kRunning, base::kRelease);
  }
  if (AfterBoot != nullptr) AfterBoot();
  return absl::OkStatus();
}

void ensureStarted() {
  if (state.load(base::kAcquire) == State::kRunning) return;
  if (state.load(base::kAcquire) == State::kForked) {
    base::Fatal("runtime used after fork: only exec may follow a fork");
  }
  {
    base::MutexLock lock(&start_mu);
    if (state.load(base::kRelaxed) != State::kNone) return;
    StartRuntime(Options());
    state.store(State::kRunning, base::kRelease);
  }
  if (AfterBoot != nullptr) AfterBoot();
}

int64_t startTime() { return start_time; }

bool worldEnded() { return sched.ended.load(base::kAcquire); }

}  // namespace parkour::runtime
