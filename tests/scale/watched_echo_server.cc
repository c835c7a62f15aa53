// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The echo server of the examples, with a window: for every line on its
// standard input it prints what the runtime holds, and at the end of its input
// it ends.

#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>
#include <utility>

#include "parkour/parkour.h"
#include "parkour/poll/polldesc.h"

namespace {

using namespace parkour;

void Echo(net::Conn conn) {
  char buf[4096];
  for (;;) {
    auto [n, err] = conn.Read(buf);
    if (n > 0 && !conn.Write({buf, n}).ok()) return;
    if (!err.ok()) return;
  }
}

void Report() {
  std::printf("goroutines %ld polldescs %ld threads %ld procs %d\n",
              runtime::NumGoroutine(), poll::PollDescsInUse(),
              runtime::NumThread(), runtime::GOMAXPROCS(0));
  std::fflush(stdout);
}

// On a thread of its own: standard input blocks, and a report must not wait for
// the scheduler that it reports on.
void Answer() {
  char c;
  while (read(STDIN_FILENO, &c, 1) == 1) {
    if (c == '\n') Report();
  }
  _exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  return parkour::Main(argc, argv, [] {
    auto ln = net::Listen("tcp", "127.0.0.1:0");
    if (!ln.ok()) return 1;
    std::thread(Answer).detach();
    std::printf("listening on %s\n", ln->Addr().String().c_str());
    std::fflush(stdout);
    for (;;) {
      auto conn = ln->Accept();
      if (!conn.ok()) return 1;
      go(Echo, *std::move(conn));
    }
  });
}
