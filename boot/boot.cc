// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The front door: joins the rooms that do not know each other.

#include <string>

#include "absl/status/status.h"
#include "parkour/base/check.h"
#include "parkour/base/sys.h"
#include "parkour/base/thread.h"
#include "parkour/boot/main.h"
#include "parkour/poll/netpoll_epoll.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/quit.h"
#include "parkour/runtime/start.h"
#include "parkour/runtime/watcher.h"
#include "parkour/sysmon/sysmon.h"
#include "parkour/tracing/environment.h"
#include "parkour/tracing/triggers.h"

namespace parkour::runtime {

// The strong definition of the runtime's weak one.
void BootRuntime() {
  poll::netpollinit();
  SetNetpoller(poll::EpollPoller());
  trace::RecordFromEnvironment();
  const bool watched = watcherStart();
  if (watched) InstallQuitDump();
  trace::InstallTriggers(watched);
  // Last: it reads what the others set.
  if (sysmon::Start() != 0) {
    base::Throw(
        "runtime: the system refuses the first thread (see ulimit -u, "
        "kernel.threads-max and pids.max)");
  }
}

void AfterBoot() { trace::StartFromEnvironment(); }

}  // namespace parkour::runtime

namespace parkour::internal {
namespace {

constexpr size_t kMainStackSize = size_t{8} << 20;
constexpr int64_t kLongSleep = 1000000000;

struct MainCall {
  int (*fn)(void*);
  void* arg;
  int status = 0;
  base::Note done{};
};

void RunMainGoroutine(void* closure) {
  MainCall* const call = *static_cast<MainCall**>(closure);
  call->status = call->fn(call->arg);
  if (runtime::G* gp = runtime::getm()->curg; gp->locals != nullptr) {
    runtime::destroyLocals(gp);
  }
  // From here on a standstill is the end, not a deadlock. (After Goexit it is
  // one: this line is not reached.)
  runtime::sched.is_main_program.store(false);
  call->done.Wakeup();
}

// A goroutine's crash is being reported: that is how the program ends, although
// Main has returned. Go: proc.go (main: panicking)
void AwaitCrash() {
  while (base::CrashBegun()) base::SleepFor(kLongSleep);
}

}  // namespace

int RunMain(int (*fn)(void*), void* arg) {
  runtime::Sched& sched = runtime::sched;
  static base::Atomic<bool> called{false};
  if (called.exchange(true)) {
    base::Fatal("parkour::Main called again: it is the whole program");
  }
  // Go: os/rlimit.go. A server's connections are limited by the system's
  // administrator, not by the shell's default.
  base::sys::RaiseFileLimit();
  MainCall call{fn, arg};
  {
    runtime::RuntimeScope in;
    if (!runtime::getm()->proxy) {
      base::Fatal("parkour::Main called in a goroutine");
    }
    Spawn spawn({.stack_size = kMainStackSize}, sizeof(MainCall*),
                alignof(MainCall*), RunMainGoroutine,
                __builtin_return_address(0), Stack::kNow);
    if (!spawn.status().ok()) GoFailed(spawn.status());
    *static_cast<MainCall**>(spawn.closure()) = &call;
    sched.is_main_program.store(true);
    spawn.StartMain();
    // From here on this thread sleeps like one that waits inside the runtime;
    // until the goroutine was queued it did not.
    sched.proxies_parked.fetch_add(1);
  }
  call.done.Sleep();
  AwaitCrash();
  trace::StopFromEnvironment();
  sched.ended.store(true);
  // Nothing runs any further. What is parked stays so; user code that
  // computes stops at its next call into the runtime.
  sched.proxies_parked.fetch_sub(1);
  runtime::stopTheWorld();
  runtime::leaveRuntime();
  AwaitCrash();  // once more: nobody begins one now
  return call.status;
}

int ExitStatus(const absl::Status& result) {
  if (result.ok()) return 0;
  base::WriteStderr(std::string(result.message()) + "\n");
  return 1;
}

}  // namespace parkour::internal
