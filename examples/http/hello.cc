// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The least of an HTTP/1.1 server: GET answers "Hello, World!", connections are
// kept alive, requests may be pipelined. Try it: curl http://127.0.0.1:8080/
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "parkour/parkour.h"

using namespace parkour;

constexpr std::string_view kHello =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\n"
    "Hello, World!\n";
constexpr std::string_view kNo =
    "HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\n"
    "Content-Length: 0\r\n\r\n";

void Serve(net::Conn conn) {
  absl::Cleanup close = [&] { conn.Close().IgnoreError(); };
  bufio::Reader in(conn);
  bufio::Writer out(conn);
  for (;;) {
    // Who is slow, or silent, is not waited for.
    if (!conn.SetReadDeadline(absl::Now() + absl::Seconds(60)).ok()) return;
    auto [request, long_line, err] = in.ReadLine();
    const bool get = absl::StartsWith({request.data(), request.size()}, "GET ");
    if (!err.ok() || long_line) return;
    for (bool more = true, last = false; more;) {
      auto [line, prefix, failed] = in.ReadLine();
      if (!failed.ok() || prefix) return;
      last = last || absl::EqualsIgnoreCase({line.data(), line.size()},
                                            "Connection: close");
      more = !line.empty();
      if (!more && (last || !get)) {
        if (out.WriteString(get ? kHello : kNo).ok()) out.Flush().IgnoreError();
        return;
      }
    }
    if (!out.WriteString(kHello).ok()) return;
    // Pipelined requests are answered in one piece.
    if (in.Buffered() == 0 && !out.Flush().ok()) return;
  }
}

int main(int argc, char** argv) {
  return parkour::Main(argc, argv, [&]() -> absl::Status {
    absl::StatusOr<net::Listener> ln =
        net::Listen("tcp", argc > 1 ? argv[1] : "127.0.0.1:8080");
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
