// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A TCP proxy: proxy LISTEN UPSTREAM. Bytes go through the kernel (splice), and
// what one side finishes is finished on the other.
#include <cstdio>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "parkour/parkour.h"

using namespace parkour;

// Until `from` has finished sending; then `to` may finish answering.
void Forward(net::Conn to, net::Conn from) {
  auto [n, err] = io::Copy(to, from);
  if (err.ok()) err = to.CloseWrite();
  if (err.ok()) return;
  // One half failed: the other one has nobody left to talk to.
  to.Close().IgnoreError();
  from.Close().IgnoreError();
}

void Serve(net::Conn client, const std::string& upstream) {
  absl::Cleanup close = [&] { client.Close().IgnoreError(); };
  absl::StatusOr<net::Conn> server =
      net::DialTimeout("tcp", upstream, absl::Seconds(5));
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n",
                 std::string(server.status().message()).c_str());
    return;
  }
  absl::Cleanup close_server = [&] { server->Close().IgnoreError(); };
  sync::WaitGroup requests;
  requests.Go(Forward, *server, client);
  Forward(client, *server);
  requests.Wait();
}

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: proxy LISTEN UPSTREAM\n");
    return 2;
  }
  return parkour::Main(argc, argv, [&]() -> absl::Status {
    absl::StatusOr<net::Listener> ln = net::Listen("tcp", argv[1]);
    if (!ln.ok()) return ln.status();
    std::printf("listening on %s\n", ln->Addr().String().c_str());
    std::fflush(stdout);
    for (;;) {
      absl::StatusOr<net::Conn> client = ln->Accept();
      if (net::IsTemporary(client.status())) {
        time::Sleep(absl::Milliseconds(10));  // out of descriptors
        continue;
      }
      if (!client.ok()) return client.status();
      go(Serve, *std::move(client), std::string(argv[2]));
    }
  });
}
