// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Standstills that are deadlocks, and some that only look like one.

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "parkour/tests/crash/cases.h"

namespace parkour::tests {

PARKOUR_TESTS_FRAME void ReceiveForever() {
  MakeChan<int>().Recv();
  KeepFrame();
}

namespace {

int MainReceives() {
  return RunMain([] { ReceiveForever(); });
}

void LockForGood(sync::Mutex* mu) ABSL_NO_THREAD_SAFETY_ANALYSIS { mu->Lock(); }

int Several() {
  return RunMain([] {
    Chan<int> ch = MakeChan<int>();
    sync::WaitGroup never;
    sync::Mutex mu;
    never.Add(1);
    LockForGood(&mu);
    go({.name = "sender"}, [&] { ch.Send(1); });
    go({.name = "a name of more than thirty-one bytes"}, [&] { never.Wait(); });
    go(LockForGood, &mu);
    go([] { Chan<int>().Recv(); });
    Chan<int>().Send(1);
  });
}

// Two goroutines, two locks, the other order.
int Cycle() {
  setenv("GODEBUG", "lockholders=1", 1);
  return RunMain([] {
    sync::Mutex a;
    sync::Mutex b;
    sync::MutexLock has_a(&a);
    Chan<Unit> ready = MakeChan<Unit>();
    go([&] {
      sync::MutexLock has_b(&b);
      ready.Close();
      sync::MutexLock never(&a);
    });
    ready.Recv();
    sync::MutexLock never(&b);
  });
}

int MainGoexit() {
  return RunMain([] { runtime::Goexit(); });
}

int MainGoexitOthersFinish() {
  return RunMain([] {
    Chan<Unit> start = MakeChan<Unit>();
    go([start] {
      start.Recv();
      time::Sleep(absl::Milliseconds(50));
      Say("worker done");
    });
    // Runs after main's goroutine is on its way out.
    struct AtExit {
      Chan<Unit> start;
      ~AtExit() { start.Close(); }
    } at_exit{start};
    runtime::Goexit();
  });
}

int TimerPending() {
  return RunMain([] {
    Chan<int> ch = MakeChan<int>();
    go([ch] {
      time::Sleep(absl::Milliseconds(300));
      ch.Send(1);
    });
    return ch.Recv() == 1 ? 0 : 1;
  });
}

// Whether the deadlock is seen once the last timer has run.
int TimerThenDeadlock() {
  return RunMain([] {
    go([] {
      time::Sleep(absl::Milliseconds(50));
      Say("slept");
    });
    MakeChan<int>().Recv();
  });
}

int AcceptOne(bool then_deadlock) {
  return RunMain([then_deadlock] {
    auto ln = net::Listen("tcp", "127.0.0.1:0");
    if (!ln.ok()) return 1;
    Chan<int> accepted = MakeChan<int>();
    go([=] {
      if (!ln->Accept().ok()) return;
      ln->Close().IgnoreError();
      if (!then_deadlock) accepted.Send(1);
    });
    Say(ln->Addr().String().c_str());
    return accepted.Recv() == 1 ? 0 : 1;
  });
}

int NetworkPending() { return AcceptOne(/*then_deadlock=*/false); }

int NetworkThenDeadlock() { return AcceptOne(/*then_deadlock=*/true); }

int ThreadSends() {
  return RunMain([] {
    Chan<int> ch = MakeChan<int>();
    std::thread sender([ch] {
      Say("ready");
      AwaitTest();
      ch.Send(1);
    });
    const bool received = ch.Recv() == 1;
    sender.join();
    return received ? 0 : 1;
  });
}

int ThreadThenDeadlock() {
  return RunMain([] {
    std::thread([] {
      Say("ready");
      AwaitTest();
    }).detach();
    MakeChan<int>().Recv();
  });
}

// A plain thread that waits inside the runtime cannot help either.
int ThreadWaitsToo() {
  return RunMain([] {
    Chan<int> ch = MakeChan<int>();
    std::thread([ch] { ch.Recv(); }).detach();
    ch.Recv();
  });
}

int InBlocking() {
  return RunMain([] {
    Chan<int> ch = MakeChan<int>();
    go([ch] {
      runtime::Blocking([] {
        Say("ready");
        AwaitTest();
      });
      ch.Send(1);
    });
    return ch.Recv() == 1 ? 0 : 1;
  });
}

// Not a program of Main's: something else may still wake the goroutines.
int LibraryWaits() {
  Chan<int> ch = MakeChan<int>();
  go([ch] { ch.Recv(); });
  Say("ready");
  AwaitTest();
  return 0;
}

// How many threads there are cannot be known.
int NoDescriptorLeft() {
  return RunMain([] {
    Chan<int> ch = MakeChan<int>();
    Chan<Unit> runs = MakeChan<Unit>();
    std::thread([ch, runs] {
      runs.Send({});
      AwaitTest();
      ch.Send(1);
    }).detach();
    runs.Recv();
    const rlimit none = {3, 3};
    setrlimit(RLIMIT_NOFILE, &none);
    Say("ready");
    return ch.Recv() == 1 ? 0 : 1;
  });
}

constexpr Case kCases[] = {
    {"main_receives", MainReceives},
    {"several", Several},
    {"cycle", Cycle},
    {"main_goexit", MainGoexit},
    {"main_goexit_others_finish", MainGoexitOthersFinish},
    {"timer_pending", TimerPending},
    {"timer_then_deadlock", TimerThenDeadlock},
    {"network_pending", NetworkPending},
    {"network_then_deadlock", NetworkThenDeadlock},
    {"thread_sends", ThreadSends},
    {"thread_then_deadlock", ThreadThenDeadlock},
    {"thread_waits_too", ThreadWaitsToo},
    {"in_blocking", InBlocking},
    {"library_waits", LibraryWaits},
    {"no_descriptor_left", NoDescriptorLeft},
};

}  // namespace

std::span<const Case> Deadlocks() { return kCases; }

}  // namespace parkour::tests
