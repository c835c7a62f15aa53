// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Echoes on any stream: stream_echo NETWORK ADDRESS. SIGTERM ends it.

#include <csignal>
#include <cstdio>

#include "parkour/parkour.h"

int main(int argc, char** argv) {
  using namespace parkour;
  return Main(argc, argv, [&] {
    absl::StatusOr<net::Listener> ln =
        net::Listen(argc == 3 ? argv[1] : "", argc == 3 ? argv[2] : "");
    if (!ln.ok()) return 1;
    auto [ctx, stop] = signal::NotifyContext(context::Background(), {SIGTERM});
    context::AfterFunc(ctx, [ln = *ln] { ln.Close().IgnoreError(); });
    std::printf("listening on %s\n", ln->Addr().String().c_str());
    std::fflush(stdout);
    for (;;) {
      absl::StatusOr<net::Conn> conn = ln->Accept();
      if (!conn.ok()) return net::IsClosed(conn.status()) ? 0 : 1;
      go([conn = *conn] {
        io::Copy(conn, conn).err.IgnoreError();
        conn.CloseWrite().IgnoreError();
      });
    }
  });
}
