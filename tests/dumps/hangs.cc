// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Six bugs that make a server hang.

#include <unistd.h>

#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"
#include "parkour/tests/dumps/servers.h"

namespace parkour::tests {

using runtime::WaitReason;

struct Bank {
  sync::Mutex mu;
  int balance = 0;
};

// The lost Unlock: not on the way out that an overdraft takes.
PARKOUR_TESTS_FRAME bool Withdraw(Bank* bank,
                                  int n) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  PARKOUR_TESTS_BUG, bank->mu.Lock();
  if (bank->balance < n) return false;
  bank->balance -= n;
  bank->mu.Unlock();
  return true;
}

PARKOUR_TESTS_FRAME void Deposit(Bank* bank, int n) {
  std::lock_guard lock(bank->mu);
  bank->balance += n;
}

// The lock that is held while its holder waits for something else.
PARKOUR_TESTS_FRAME void HoldAndReceive(Bank* bank, const Chan<int>& never) {
  PARKOUR_TESTS_BUG;
  std::lock_guard lock(bank->mu);
  bank->balance = *never.Recv();  // NOLINT
}

// The forgotten Close: it ends when the channel does.
PARKOUR_TESTS_FRAME void Consume(const Chan<std::string>& lines) {
  PARKOUR_TESTS_BUG;
  for (int n = 0;; ++n) {
    if (!lines.Recv()) break;
    KeepFrame();
  }
}

PARKOUR_TESTS_FRAME void Produce(const Chan<std::string>& lines) {
  for (int i = 0; i < 3; ++i) lines.Send(std::to_string(i));
}

// The leak: who asked has given up, and nobody receives the answer.
PARKOUR_TESTS_FRAME void Answer(const Chan<int>& answers) {
  PARKOUR_TESTS_BUG, answers.Send(42);
  KeepFrame();
}

PARKOUR_TESTS_FRAME void Ask() {
  const Chan<int> answers = MakeChan<int>();
  go(Answer, answers);
  KeepFrame();
}

// The loop without an end.
PARKOUR_TESTS_FRAME void Spin(const Chan<int>& started) {
  PARKOUR_TESTS_BUG;
  started.Send(1);
  for (;;) KeepFrame();
}

// The call that blocks its thread.
PARKOUR_TESTS_FRAME void ReadForever(int fd) {
  char c;
  PARKOUR_TESTS_BUG;
  if (runtime::Blocking([&] { return read(fd, &c, 1); }) != 1) KeepFrame();
}

namespace {

template <typename F>
int Main(F f) {
  return parkour::Main(0, nullptr, [f] {
    f();
    Chan<int>().Recv();
  });
}

int LostUnlock() {
  return Main([] {
    Bank* const bank = new Bank;
    sync::WaitGroup wg;
    wg.Go([bank] { Withdraw(bank, 100); });
    wg.Wait();
    for (int i = 0; i < 3; ++i) go(Deposit, bank, 1);
    ReadyWhenParked(3, WaitReason::kSyncMutexLock);
  });
}

int HeldLock() {
  return Main([] {
    Bank* const bank = new Bank;
    go({.name = "holder"}, HoldAndReceive, bank, MakeChan<int>());
    AwaitParked(1, WaitReason::kChanReceive);
    for (int i = 0; i < 3; ++i) go(Deposit, bank, 1);
    ReadyWhenParked(3, WaitReason::kSyncMutexLock);
  });
}

int ForgottenClose() {
  return Main([] {
    const Chan<std::string> lines = MakeChan<std::string>();
    go({.name = "consumer"}, Consume, lines);
    Produce(lines);
    ReadyWhenParked(1, WaitReason::kChanReceive);
  });
}

int Leak() {
  return Main([] {
    for (int i = 0; i < 1000; ++i) Ask();
    ReadyWhenParked(1000, WaitReason::kChanSend);
  });
}

int EndlessLoop() {
  return Main([] {
    const Chan<int> started = MakeChan<int>();
    go({.name = "spinner"}, Spin, started);
    started.Recv();
    ReadyWhenParked(1, WaitReason::kChanReceiveNil);
  });
}

int BlockedThread() {
  return Main([] {
    int fds[2];
    if (pipe(fds) != 0) return;
    go({.name = "reader"}, ReadForever, fds[0]);
    ReadyWhenBlocking(1);
  });
}

constexpr Server kServers[] = {
    {"lost_unlock", LostUnlock},         {"held_lock", HeldLock},
    {"forgotten_close", ForgottenClose}, {"leak", Leak},
    {"endless_loop", EndlessLoop},       {"blocked_thread", BlockedThread},
};

}  // namespace

std::span<const Server> Hangs() { return kServers; }

}  // namespace parkour::tests
