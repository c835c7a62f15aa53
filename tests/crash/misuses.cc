// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What Go, too, punishes with the end of the process.

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "parkour/tests/crash/cases.h"

namespace parkour::tests {

PARKOUR_TESTS_FRAME void SendOnClosed(const Chan<int>& ch) {
  ch.Send(1);
  KeepFrame();
}

PARKOUR_TESTS_FRAME void SwallowEverything(void (*fn)()) {
  try {
    fn();
  } catch (...) {
  }
  KeepFrame();
}

namespace {

int SenderComesLate() {
  return RunMain([] {
    Chan<int> ch = MakeChan<int>(1);
    ch.Close();
    SendOnClosed(ch);
  });
}

int SenderComesLateSystem() {
  setenv("GOTRACEBACK", "system", 1);
  return SenderComesLate();
}

int ParkedSenderClosed() {
  return RunMain([] {
    Chan<int> ch = MakeChan<int>();
    go([ch] { ch.Send(1); });
    time::Sleep(absl::Milliseconds(20));
    ch.Close();  // panics in the sender, whether it has parked already or not
    time::Sleep(absl::InfiniteDuration());
  });
}

int CloseOfClosed() {
  return RunMain([] {
    Chan<int> ch = MakeChan<int>();
    ch.Close();
    ch.Close();
  });
}

int CloseOfNil() {
  return RunMain([] { Chan<int>().Close(); });
}

int UnlockOfUnlocked() {
  return RunMain([]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    sync::Mutex mu;
    mu.Unlock();
  });
}

int NegativeWaitGroup() {
  return RunMain([] {
    sync::WaitGroup wg;
    wg.Done();
  });
}

// From a plain thread: the words are the same.
int MisuseInPlainThread() {
  std::thread([] {
    sync::WaitGroup wg;
    wg.Done();
  }).join();
  return 0;
}

int GoNilPointer() {
  return RunMain([] {
    void (*volatile nil)() = nullptr;
    go(+nil);
  });
}

int GoNilFunction() {
  return RunMain([] { go(std::function<void()>()); });
}

int GoexitSwallowed() {
  return RunMain([] { SwallowEverything(runtime::Goexit); });
}

int GoexitRethrown() {
  return RunMain([] {
    sync::WaitGroup wg;
    wg.Go([] {
      try {
        runtime::Goexit();
      } catch (...) {
        Say("rethrown");
        throw;
      }
    });
    wg.Wait();
  });
}

int GoexitInPlainThread() {
  std::thread([] { runtime::Goexit(); }).join();
  return 0;
}

// The status of a forked child; 100 if a signal ended it.
template <typename F>
int InFork(F child) {
  const pid_t pid = fork();
  if (pid == 0) {
    child();
    _exit(50);
  }
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return 100;
  return WEXITSTATUS(status);
}

int GoAfterFork() {
  return RunMain([] { return InFork([] { go([] {}); }); });
}

int ChanAfterFork() {
  return RunMain([] {
    Chan<int> ch = MakeChan<int>();
    return InFork([&] { ch.Recv(); });
  });
}

int ForkExec() {
  return RunMain([] {
    return InFork(
        [] { execl("/bin/sh", "sh", "-c", "echo executed; exit 9", nullptr); });
  });
}

int ParkInBlocking() {
  return RunMain(
      [] { runtime::Blocking([] { time::Sleep(absl::Milliseconds(1)); }); });
}

int NestedBlocking() {
  return RunMain([] { runtime::Blocking([] { runtime::Blocking([] {}); }); });
}

int NoExitSyscall() {
  return RunMain([] {
    go([] { runtime::EnterSyscall(); });
    Chan<int>().Recv();
  });
}

int NoEnterSyscall() {
  return RunMain([] { runtime::ExitSyscall(); });
}

int MainTwice() {
  RunMain([] { Say("first"); });
  return RunMain([] { Say("second"); });
}

int MainInGoroutine() {
  go([] { RunMain([] {}); });
  Chan<int>().Recv();
  return 0;
}

constexpr Case kCases[] = {
    {"send_on_closed", SenderComesLate},
    {"send_on_closed_system", SenderComesLateSystem},
    {"parked_sender_closed", ParkedSenderClosed},
    {"close_of_closed", CloseOfClosed},
    {"close_of_nil", CloseOfNil},
    {"unlock_of_unlocked", UnlockOfUnlocked},
    {"negative_waitgroup", NegativeWaitGroup},
    {"misuse_in_plain_thread", MisuseInPlainThread},
    {"go_nil_pointer", GoNilPointer},
    {"go_nil_function", GoNilFunction},
    {"goexit_swallowed", GoexitSwallowed},
    {"goexit_rethrown", GoexitRethrown},
    {"goexit_in_plain_thread", GoexitInPlainThread},
    {"go_after_fork", GoAfterFork},
    {"chan_after_fork", ChanAfterFork},
    {"fork_exec", ForkExec},
    {"park_in_blocking", ParkInBlocking},
    {"nested_blocking", NestedBlocking},
    {"no_exit_syscall", NoExitSyscall},
    {"no_enter_syscall", NoEnterSyscall},
    {"main_twice", MainTwice},
    {"main_in_goroutine", MainInGoroutine},
};

}  // namespace

std::span<const Case> Misuses() { return kCases; }

}  // namespace parkour::tests
