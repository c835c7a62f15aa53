// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// runtime_child CASE: the whole programs that crash_test.cc watches. What is
// expected of each stands there.

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>

#include "parkour/base/lock.h"
#include "parkour/parkour.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/sched.h"
#include "parkour/runtime/test_util.h"

namespace parkour::tests {

// Not inlined, and not left by a jump: looked for in the stacks.
[[gnu::noinline]] void DescendAndThrow(int depth) {
  if (depth > 0) {
    DescendAndThrow(depth - 1);
  } else {
    throw std::runtime_error("bottom");
  }
  asm volatile("");
}

namespace {

using runtime::testing::Eventually;

void Say(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

template <typename F>
int RunMain(F&& fn) {
  return parkour::Main(0, nullptr, std::forward<F>(fn));
}

void Forever() { Chan<Unit>().Recv(); }

int LockedDeadlock() {
  return RunMain([] {
    runtime::LockOSThread();
    Forever();
  });
}

int LockedDeadlock2() {
  return RunMain([] {
    go([] {
      runtime::LockOSThread();
      Forever();
    });
    Forever();
  });
}

// Timers, the poller and a channel of signals have their threads, but no
// goroutines.
int NoHelperGoroutines() {
  return RunMain([] {
    time::AfterFunc(absl::Hours(1), [] {});
    const auto ln = net::Listen("tcp", "127.0.0.1:0");
    if (!ln.ok()) return 1;
    signal::Notify(MakeChan<int>(1), {SIGUSR1});
    throw std::runtime_error("oops");
  });
}

// As many goroutines as NumGoroutine says are in the report of a deadlock.
int NumGoroutine() {
  return RunMain([] {
    const Chan<Unit> started = MakeChan<Unit>();
    for (int i = 0; i < 20; ++i) {
      go([started] {
        started.Send({});
        Forever();
      });
    }
    for (int i = 0; i < 20; ++i) started.Recv();
    Say(std::to_string(runtime::NumGoroutine()) + " goroutines");
    Forever();
  });
}

int ThreadExhaustion() {
  return RunMain([] {
    {
      base::MutexLock lock(&runtime::sched.lock);
      runtime::sched.maxmcount = 10;
    }
    const Chan<int> c = MakeChan<int>();
    for (int i = 0; i < 100; ++i) {
      go([c, i] {
        c.Send(i);
        runtime::LockOSThread();
        Forever();
      });
      c.Recv();
    }
  });
}

// A connection that nobody accepts, long before main.
int DialNobody() {
  const auto ln = net::Listen("tcp", "127.0.0.1:0");
  if (!ln.ok()) return 0;
  const std::string address = ln->Addr().String();
  ln->Close().IgnoreError();
  return net::Dial("tcp", address).ok() ? 0 : 1;
}
const int refused = std::getenv("DIAL_EARLY") != nullptr ? DialNobody() : -1;

int NetpollDeadlock() {
  return RunMain([] {
    Say(refused == 1 ? "refused" : "not dialled");
    Say("done");
  });
}

// Says 0 once nobody waits for the network any more.
int NetpollWaiters() {
  return RunMain([] {
    const auto ln = net::Listen("tcp", "127.0.0.1:0");
    if (!ln.ok()) return 1;
    base::Atomic<int> failed{0};
    sync::WaitGroup wg;
    for (int i = 0; i < 20; ++i) {
      wg.Go([&failed, &ln] {
        const auto server = ln->Accept();
        char text[8];
        if (!server.ok() || server->Read(text).n != 5) failed.fetch_add(1);
      });
      wg.Go([&failed, &ln] {
        const auto client = net::Dial("tcp", ln->Addr().String());
        if (!client.ok() || !client->Write("hello").ok()) failed.fetch_add(1);
      });
    }
    wg.Wait();
    const auto none = [] { return runtime::netpollWaiters.load() == 0; };
    if (!Eventually(none)) return 2;
    return failed.load() == 0 ? 0 : 3;
  });
}

// Whose text is only made when it is asked for.
class Panic : public std::exception {
 public:
  explicit Panic(std::function<void()> on_what)
      : on_what_(std::move(on_what)) {}
  const char* what() const noexcept override {
    on_what_();
    return "late words";
  }

 private:
  const std::function<void()> on_what_;
};

int PanicDeadlockGosched() {
  return RunMain([] {
    throw Panic([] {
      for (int i = 0; i < 10; ++i) runtime::Gosched();
    });
  });
}

int PanicDeadlockSyscall() {
  return RunMain([] {
    throw Panic([] {
      runtime::Blocking([] { usleep(1000); });
      time::Sleep(absl::Milliseconds(1));
    });
  });
}

int PanicLoop() {
  return RunMain([] {
    throw Panic([] { throw std::runtime_error("while it is described"); });
  });
}

// main returns as soon as the other goroutine's panic is on its way.
int PanicRace() {
  return RunMain([] {
    const Chan<Unit> panicking = MakeChan<Unit>(1);
    go([panicking] { throw Panic([panicking] { panicking.Send({}); }); });
    panicking.Recv();
  });
}

int DoublePanic() {
  return RunMain([] {
    base::Atomic<int> ready{0};
    for (int i = 0; i < 2; ++i) {
      go([&ready] {
        ready.fetch_add(1);
        while (ready.load() < 2) runtime::Gosched();
        throw std::runtime_error("twice");
      });
    }
    Forever();
  });
}

// A destructor that Goexit runs throws and catches; Goexit goes on.
int RecoveredPanicAfterGoexit() {
  return RunMain([] {
    struct Recovers {
      ~Recovers() {
        try {
          throw std::runtime_error("hello");
        } catch (const std::runtime_error& e) {
          Say(e.what());
        }
      }
    } recovers;
    runtime::Goexit();
  });
}

int TracebackShallow() {
  return RunMain([] { DescendAndThrow(20); });
}

int TracebackDeep() {
  return RunMain([] { DescendAndThrow(500); });
}

int SignalExitStatus() {
  return RunMain([] {
    kill(getpid(), SIGTERM);
    Forever();
  });
}

// What the program ignores stays ignored.
int SignalIgnoreSIGTRAP() {
  ::signal(SIGTRAP, SIG_IGN);
  return RunMain([] {
    kill(getpid(), SIGTRAP);
    go([] { raise(SIGTRAP); });
    time::Sleep(absl::Milliseconds(1));
    Say("OK");
  });
}

bool RunTrue() {
  char name[] = "/bin/true";
  char* const argv[] = {name, nullptr};
  pid_t pid = 0;
  if (posix_spawn(&pid, name, nullptr, nullptr, argv, environ) != 0) {
    return false;
  }
  int status = 0;
  return runtime::Blocking([&] { return waitpid(pid, &status, 0); }) == pid &&
         WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Programs are started while signals come in for the whole process group.
int SignalDuringExec() {
  constexpr int kTries = 10;
  setpgid(0, 0);
  return RunMain([] {
    const Chan<int> c = MakeChan<int>(kTries);
    signal::Notify(c, {SIGWINCH});
    sync::WaitGroup wg;
    sync::WaitGroup drain;
    drain.Go([c] {
      for (int sig : c) static_cast<void>(sig);
    });
    base::Atomic<int> failed{0};
    for (int i = 0; i < kTries; ++i) {
      wg.Go([&failed] {
        if (!RunTrue()) failed.fetch_add(1);
      });
      wg.Go([] { kill(-getpgrp(), SIGWINCH); });
    }
    wg.Wait();
    signal::Stop(c);
    c.Close();
    drain.Wait();
    return failed.load();
  });
}

// All Ps of GOMAXPROCS, from the environment, are there to be used.
int BigGOMAXPROCS() {
  return RunMain([] {
    Say(std::to_string(runtime::GOMAXPROCS(0)) + " Ps");
    sync::WaitGroup wg;
    for (int i = 0; i < 5000; ++i) wg.Go([] { runtime::Gosched(); });
    wg.Wait();
  });
}

struct Case {
  const char* name;
  int (*main)();
};

constexpr Case kCases[] = {
    {"BigGOMAXPROCS", BigGOMAXPROCS},
    {"DoublePanic", DoublePanic},
    {"LockedDeadlock", LockedDeadlock},
    {"LockedDeadlock2", LockedDeadlock2},
    {"NetpollDeadlock", NetpollDeadlock},
    {"NetpollWaiters", NetpollWaiters},
    {"NoHelperGoroutines", NoHelperGoroutines},
    {"NumGoroutine", NumGoroutine},
    {"PanicDeadlockGosched", PanicDeadlockGosched},
    {"PanicDeadlockSyscall", PanicDeadlockSyscall},
    {"PanicLoop", PanicLoop},
    {"PanicRace", PanicRace},
    {"RecoveredPanicAfterGoexit", RecoveredPanicAfterGoexit},
    {"SignalDuringExec", SignalDuringExec},
    {"SignalExitStatus", SignalExitStatus},
    {"SignalIgnoreSIGTRAP", SignalIgnoreSIGTRAP},
    {"ThreadExhaustion", ThreadExhaustion},
    {"TracebackDeep", TracebackDeep},
    {"TracebackShallow", TracebackShallow},
};

}  // namespace

int RunCase(const char* name) {
  for (const Case& c : kCases) {
    if (std::strcmp(c.name, name) == 0) return c.main();
  }
  std::fprintf(stderr, "no case %s\n", name);
  return 64;
}

}  // namespace parkour::tests

int main(int argc, char** argv) {
  return parkour::tests::RunCase(argc == 2 ? argv[1] : "");
}
