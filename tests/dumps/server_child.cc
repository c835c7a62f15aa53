// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// server_child NAME: runs one program of servers.h, until its standard input
// ends.

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>

#include "parkour/runtime/g.h"
#include "parkour/runtime/stack.h"
#include "parkour/tests/dumps/servers.h"

namespace parkour::tests {
namespace {

using runtime::WaitReason;

std::atomic<int> bug_line{0};

struct Count {
  runtime::GStatus status;
  WaitReason reason;  // kZero: any
  int64_t n = 0;
};

int64_t CountOf(runtime::GStatus status, WaitReason reason) {
  Count count{status, reason};
  runtime::ForEachG(
      [](runtime::G* gp, void* arg) {
        auto* const c = static_cast<Count*>(arg);
        c->n += runtime::readgstatus(gp) == c->status &&
                (c->reason == WaitReason::kZero ||
                 gp->waitreason.load(std::memory_order_relaxed) == c->reason);
      },
      &count);
  return count.n;
}

void ReadyWhen(Count awaited) {
  std::thread([awaited] {
    while (CountOf(runtime::kGwaiting, WaitReason::kChanReceiveNil) < 1 ||
           CountOf(awaited.status, awaited.reason) < awaited.n) {
      std::this_thread::yield();
    }
    std::printf("ready %d\n", bug_line.load());
    std::fflush(stdout);
  }).detach();
}

}  // namespace

void BugIsAt(int line) { bug_line = line; }

void AwaitParked(int64_t n, WaitReason reason) {
  while (CountOf(runtime::kGwaiting, reason) < n) runtime::Gosched();
}

void ReadyWhenParked(int64_t n, WaitReason reason) {
  ReadyWhen({runtime::kGwaiting, reason, n});
}

void ReadyWhenBlocking(int64_t n) {
  ReadyWhen({runtime::kGsyscall, WaitReason::kZero, n});
}

}  // namespace parkour::tests

int main(int argc, char** argv) {
  using namespace parkour::tests;
  std::thread([] {
    char c;
    while (read(STDIN_FILENO, &c, 1) == 1) {
    }
    _exit(0);
  }).detach();
  for (std::span<const Server> group : {Hangs(), Quits()}) {
    for (const Server& s : group) {
      if (argc == 2 && std::strcmp(s.name, argv[1]) == 0) return s.main();
    }
  }
  std::fprintf(stderr, "usage: %s NAME\n", argv[0]);
  return 64;
}
