// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A key-value server for redis-cli and redis-benchmark: PING, ECHO, SET, GET,
// DEL, INCR, DBSIZE. Try it: redis-cli -p 6380 set a 1
#include <cstdio>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "commands.h"
#include "parkour/parkour.h"
#include "resp.h"

using namespace parkour;

void Serve(net::Conn conn) {
  absl::Cleanup close = [&] { conn.Close().IgnoreError(); };
  bufio::Reader in(conn);
  bufio::Writer out(conn);
  for (;;) {
    absl::StatusOr<resp::Command> command = resp::Read(in);
    if (absl::IsInvalidArgument(command.status())) {
      out.WriteString("-ERR Protocol error\r\n").err.IgnoreError();
      out.Flush().IgnoreError();
    }
    if (!command.ok()) return;
    if (!command->empty() && !out.WriteString(Execute(*command)).ok()) return;
    // Pipelined commands are answered in one piece.
    if (in.Buffered() == 0 && !out.Flush().ok()) return;
  }
}

int main(int argc, char** argv) {
  return parkour::Main(argc, argv, [&]() -> absl::Status {
    absl::StatusOr<net::Listener> ln =
        net::Listen("tcp", argc > 1 ? argv[1] : "127.0.0.1:6380");
    if (!ln.ok()) return ln.status();
    std::printf("listening on %s\n", ln->Addr().String().c_str());
    std::fflush(stdout);
    for (;;) {
      absl::StatusOr<net::Conn> conn = ln->Accept();
      if (net::IsTemporary(conn.status())) {
        time::Sleep(absl::Milliseconds(10));  // out of descriptors
        continue;
      }
      if (!conn.ok()) return conn.status();
      go(Serve, *std::move(conn));
    }
  });
}
