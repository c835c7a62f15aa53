// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// How a program of Main's ends.

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/tests/crash/cases.h"

namespace parkour::tests {
namespace {

int Seven() { return 7; }

int Status() { return RunMain(Seven); }

int NoStatus() {
  const int status = RunMain([] {});
  Say("Main has returned");
  return status;
}

int AbslStatus() {
  return RunMain([] { return absl::OkStatus(); });
}

int AbslError() {
  const int status =
      RunMain([] { return net::Listen("tcp", "127.0.0.1:99999").status(); });
  Say("Main has returned");
  return status;
}

int OthersStop() {
  // Counts its scheduling steps, and so does another that sleeps in between.
  static std::atomic<int64_t> steps = 0;
  const int status = RunMain([] {
    Chan<Unit> running = MakeChan<Unit>();
    go([running] {
      running.Send({});
      for (;;) {
        ++steps;
        runtime::Gosched();
      }
    });
    go([running] {
      running.Send({});
      for (;;) {
        ++steps;
        time::Sleep(absl::Milliseconds(1));
      }
    });
    running.Recv();
    running.Recv();
  });
  // One that computes finishes its step; the next call stops it. There is no
  // event to wait for: the check is that nothing happens.
  auto wait = [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  };
  wait();
  const int64_t before = steps;
  wait();
  Say(steps == before ? "stopped" : "ran on");
  return status;
}

int DeferredDoNotRun() {
  return RunMain([] {
    Chan<Unit> running = MakeChan<Unit>();
    go([running] {
      struct AtExit {
        ~AtExit() { Say("destructor of a parked goroutine"); }
      } at_exit;
      running.Send({});
      Chan<int>().Recv();
    });
    running.Recv();
    return 0;
  });
}

void SayWhere(const char* what) {
  std::printf("%s on the %s thread\n", what,
              gettid() == getpid() ? "main" : "wrong");
}

int StaticDestructors() {
  struct Static {
    ~Static() { SayWhere("static destructor"); }
  };
  static Static object;
  std::atexit([] { SayWhere("exit handler"); });
  struct Local {
    ~Local() { SayWhere("local destructor"); }
  } local;
  // Made in a goroutine, destroyed with the others.
  return RunMain([] {
    static Static made_in_goroutine;
    return 3;
  });
}

int Hogs() {
  static std::atomic<int> hogs = 0;
  return RunMain([] {
    for (int i = 0; i < 4; ++i) {
      go([] {
        ++hogs;
        for (;;) asm volatile("");
      });
    }
    while (hogs == 0) runtime::Gosched();
    return 5;
  });
}

int ExitInGoroutine() {
  return RunMain([] {
    go([] { std::exit(6); });
    time::Sleep(absl::InfiniteDuration());
  });
}

int BlockedThreads() {
  return RunMain([] {
    Chan<Unit> running = MakeChan<Unit>();
    go([running] {
      running.Send({});
      runtime::Blocking(AwaitTest);
    });
    running.Recv();
    return 8;
  });
}

// Main's own objects go last: closing what a stopped goroutine uses must not
// wait for that goroutine.
int CloseAfterMain() {
  net::Listener ln;
  const int status = RunMain([&] {
    ln = *net::Listen("tcp", "127.0.0.1:0");
    Chan<Unit> running = MakeChan<Unit>();
    go([&, running] {
      running.Send({});
      while (ln.Accept().ok()) {
      }
    });
    running.Recv();
    while (runtime::netpollWaiters.load() == 0) runtime::Gosched();
    return 4;
  });
  Say(ln.Close().ok() ? "closed" : "not closed");
  Say(ln.Close().ok() ? "closed again" : "not closed again");
  time::Sleep(absl::Milliseconds(1));
  Say("slept");
  return status;
}

// What the analysis objects to is the point.
void LockForGood(sync::Mutex* mu) ABSL_NO_THREAD_SAFETY_ANALYSIS { mu->Lock(); }

int WaitAfterMain() {
  static sync::Mutex mu;
  const int status = RunMain([] {
    Chan<Unit> running = MakeChan<Unit>();
    go([running] {
      LockForGood(&mu);
      running.Send({});
      Chan<int>().Recv();
    });
    running.Recv();
  });
  LockForGood(&mu);
  return status;
}

int ThreadEndsWaitAfterMain() {
  const int status = RunMain([] { return 3; });
  Chan<int> ch = MakeChan<int>();
  std::thread thread([ch] {
    AwaitTest();
    ch.Send(1);
  });
  Say("ready");
  Say(ch.Recv() == 1 ? "received" : "not received");
  thread.join();
  return status;
}

// A program's other threads may wait for anything while it ends.
int ThreadWaitsAtTheEnd() {
  static const Chan<int>& never = *new Chan<int>(MakeChan<int>());
  static std::atomic<bool> ended = false;
  const int status = RunMain([] {
    std::thread([] { never.Recv(); }).detach();
    std::thread([] {
      while (!ended) std::this_thread::yield();
      never.Recv();
    }).detach();
    return 9;
  });
  ended = true;
  // There is no event to wait for: the check is that nothing happens.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return status;
}

// A panic in the making is not overtaken by Main's return.
int PanicWhileMainReturns() {
  static std::atomic<bool> begun = false;
  struct Slow : std::exception {
    const char* what() const noexcept override {
      begun = true;
      // As above.
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      return "slow";
    }
  };
  return RunMain([] {
    go([] { throw Slow(); });
    while (!begun) runtime::Gosched();
    return 0;
  });
}

constexpr Case kCases[] = {
    {"status", Status},
    {"no_status", NoStatus},
    {"absl_status", AbslStatus},
    {"absl_error", AbslError},
    {"others_stop", OthersStop},
    {"deferred_do_not_run", DeferredDoNotRun},
    {"static_destructors", StaticDestructors},
    {"hogs", Hogs},
    {"exit_in_goroutine", ExitInGoroutine},
    {"blocked_threads", BlockedThreads},
    {"close_after_main", CloseAfterMain},
    {"wait_after_main", WaitAfterMain},
    {"thread_ends_wait_after_main", ThreadEndsWaitAfterMain},
    {"thread_waits_at_the_end", ThreadWaitsAtTheEnd},
    {"panic_while_main_returns", PanicWhileMainReturns},
};

}  // namespace

std::span<const Case> Exits() { return kCases; }

}  // namespace parkour::tests
