// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Echoes datagrams: datagrams NETWORK ADDRESS, with udp, udp4, udp6 or
// unixgram. Try it: echo hello | socat - udp:127.0.0.1:8080
#include <cstdio>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "parkour/parkour.h"

using namespace parkour;

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: datagrams NETWORK ADDRESS\n");
    return 2;
  }
  return parkour::Main(argc, argv, [&]() -> absl::Status {
    absl::StatusOr<net::PacketConn> conn = net::ListenPacket(argv[1], argv[2]);
    if (!conn.ok()) return conn.status();
    absl::Cleanup close = [&] { conn->Close().IgnoreError(); };
    std::printf("listening on %s\n", conn->LocalAddr().String().c_str());
    std::fflush(stdout);

    auto [ctx, stop] = signal::NotifyContext(context::Background(), {SIGTERM});
    context::AfterFunc(ctx, [c = *conn] { c.Close().IgnoreError(); });
    std::string buf(65536, '\0');
    for (;;) {
      net::ReadFromResult got = conn->ReadFrom(buf);
      if (net::IsClosed(got.err)) return absl::OkStatus();
      if (!got.ok()) continue;  // an earlier answer reached nobody
      conn->WriteTo({buf.data(), got.n}, got.addr).err.IgnoreError();
    }
  });
}
