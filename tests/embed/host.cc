// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// host CASE: runs one case of cases.h.

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "parkour/tests/embed/cases.h"

namespace parkour::tests {

void Say(const char* text) {
  std::printf("%s\n", text);
  std::fflush(stdout);
}

void StartRuntime() {
  sync::WaitGroup wg;
  for (int i = 0; i < 10; ++i) wg.Go([] { runtime::Gosched(); });
  wg.Wait();
}

void StartBusyGoroutines() {
  constexpr int kKinds = 6;
  const Chan<Unit> begun = MakeChan<Unit>();
  go([begun] {
    begun.Send({});
    for (;;) asm volatile("");
  });
  go([begun] {
    begun.Send({});
    for (;;) runtime::Gosched();
  });
  const Chan<int> ping = MakeChan<int>();
  go([begun, ping] {
    begun.Send({});
    for (int i = 0;; ++i) ping.Send(i);
  });
  go([ping] {
    for (;;) ping.Recv();
  });
  go([begun] {
    begun.Send({});
    for (;;) time::Sleep(absl::Microseconds(100));
  });
  go([begun] {
    const absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
    begun.Send({});
    while (ln->Accept().ok()) {
    }
  });
  go([begun] {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) return;
    begun.Send({});
    char c;
    while (read(fds[0], &c, 1) == 1) {
    }
  });
  for (int i = 0; i < kKinds; ++i) begun.Recv();
}

namespace {

bool Echo(const net::Listener& ln, int id) {
  const absl::StatusOr<net::Conn> conn = net::Dial("tcp", ln.Addr().String());
  if (!conn.ok()) return false;
  for (int i = 0; i < 20; ++i) {
    const std::string sent(1 + (id * 31 + i * 997) % 4000, 'a' + i);
    std::string echoed(sent.size(), '\0');
    if (!conn->Write(sent).ok()) return false;
    if (!io::ReadFull(*conn, {echoed.data(), echoed.size()}).ok()) return false;
    if (echoed != sent) return false;
  }
  return conn->Close().ok();
}

// Uses some of its stack and of the heap, in many sizes.
int Recurse(int depth) {
  const auto block = std::make_unique<char[]>(16 + depth * 61);
  std::memset(block.get(), depth, 16 + depth * 61);
  if (depth % 8 == 0) runtime::Gosched();
  return depth == 0 ? 0 : Recurse(depth - 1) + (block[depth] == char(depth));
}

}  // namespace

bool Work(int rounds, int goroutines, int connections) {
  std::atomic<int> wrong = 0;
  for (int round = 0; round < rounds; ++round) {
    const absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
    if (!ln.ok()) return false;
    sync::WaitGroup wg;
    wg.Go([&] {
      for (;;) {
        absl::StatusOr<net::Conn> conn = ln->Accept();
        if (!conn.ok()) return;
        go([conn = *conn] {
          io::Copy(conn, conn).err.IgnoreError();
          conn.Close().IgnoreError();
        });
      }
    });
    sync::WaitGroup clients;
    for (int i = 0; i < connections; ++i) {
      clients.Go([&, i] { wrong += !Echo(*ln, i); });
    }
    for (int i = 0; i < goroutines; ++i) {
      clients.Go([&, i] {
        wrong += Recurse(i % 64) != i % 64;
        if (i % 10 == 0) time::Sleep(absl::Microseconds(i));
      });
    }
    clients.Wait();
    ln->Close().IgnoreError();
    wg.Wait();
  }
  return wrong == 0;
}

}  // namespace parkour::tests

int main(int argc, char** argv) {
  using namespace parkour::tests;
  for (std::span<const HostCase> group : {Signals(), Exits(), Processes()}) {
    for (const HostCase& c : group) {
      if (argc == 2 && std::strcmp(c.name, argv[1]) == 0) return c.main();
    }
  }
  std::fprintf(stderr, "usage: %s CASE\n", argv[0]);
  return 64;
}
