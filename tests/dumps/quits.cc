// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What becomes of SIGQUIT in programs that have ideas of their own, and the
// report of a deadlock between locks.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "absl/base/thread_annotations.h"
#include "parkour/tests/dumps/servers.h"

namespace parkour::tests {

PARKOUR_TESTS_FRAME void LockBoth(sync::Mutex* first, sync::Mutex* second,
                                  const Chan<int>& mine, const Chan<int>& other)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  first->Lock();
  mine.Close();
  other.Recv();
  second->Lock();
}

namespace {

void Say(const char* text) {
  std::printf("%s\n", text);
  std::fflush(stdout);
}

int Idle() {
  return parkour::Main(0, nullptr, [] {
    ReadyWhenParked(1, runtime::WaitReason::kChanReceiveNil);
    Chan<int>().Recv();
  });
}

int HostHandler() {
  struct sigaction sa = {};
  sa.sa_handler = [](int) {
    if (write(STDOUT_FILENO, "host\n", 5) != 5) _exit(1);
  };
  sigaction(SIGQUIT, &sa, nullptr);
  return Idle();
}

int Ignored() {
  ::signal(SIGQUIT, SIG_IGN);
  return Idle();
}

int Notified() {
  return parkour::Main(0, nullptr, [] {
    const Chan<int> quits = MakeChan<int>(1);
    signal::Notify(quits, {SIGQUIT});
    Say("ready 0");
    if (quits.Recv() == SIGQUIT) Say("notified");
    signal::Stop(quits);
    Say("stopped");
    Chan<int>().Recv();
  });
}

// The child of a fork has nobody who would print: the default is back.
int Forked() {
  return parkour::Main(0, nullptr, [] {
    const pid_t pid = fork();
    if (pid == 0) {
      raise(SIGQUIT);
      _exit(50);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    Say(WIFSIGNALED(status) && WTERMSIG(status) == SIGQUIT ? "default"
                                                           : "not default");
  });
}

// Two that take two locks in different orders.
int Cycle() {
  return parkour::Main(0, nullptr, [] {
    static sync::Mutex a;
    static sync::Mutex b;
    const Chan<int> has_a = MakeChan<int>();
    const Chan<int> has_b = MakeChan<int>();
    go(LockBoth, &a, &b, has_a, has_b);
    go(LockBoth, &b, &a, has_b, has_a);
    ReadyWhenParked(2, runtime::WaitReason::kSyncMutexLock);
    Chan<int>().Recv();
  });
}

// Goroutines come and go, and wake each other, while dumps are made.
int Busy() {
  return parkour::Main(0, nullptr, [] {
    for (int i = 0; i < 50; ++i) {
      go([] {
        const Chan<int> ball = MakeChan<int>();
        go([ball] {
          while (ball.Recv()) ball.Send(1);
        });
        for (;;) {
          ball.Send(1);
          ball.Recv();
          sync::WaitGroup wg;
          wg.Go([] { delete[] new char[100]; });
          wg.Wait();
        }
      });
    }
    ReadyWhenParked(1, runtime::WaitReason::kChanReceiveNil);
    Chan<int>().Recv();
  });
}

constexpr Server kServers[] = {
    {"idle", Idle},       {"host_handler", HostHandler},
    {"ignored", Ignored}, {"notified", Notified},
    {"forked", Forked},   {"cycle", Cycle},
    {"busy", Busy},
};

}  // namespace

std::span<const Server> Quits() { return kServers; }

}  // namespace parkour::tests
