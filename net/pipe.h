// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// pipe.h: a connection in memory, for tests of what talks over connections.
//
//   auto [client, server] = net::Pipe();
//   wg.Go([server = server, &got] { Serve(server, &got); });
//   ... client.Write("hello") ...      // returns when the server has read it
//
// Nothing is buffered: a Write returns when Reads at the other end have taken
// all of it. Deadlines work as a socket's. The ends' addresses are "pipe".
//
// Errors:   after our own Close "io: read/write on closed pipe" (for Write also
//           after the peer's); Read gets io::EOF() after the peer's. A deadline
//           that has passed: "read pipe: i/o timeout".
// Blocking: Read and Write park. Thread-safety: as Conn.
// See:      Go: net.Pipe

#ifndef PARKOUR_NET_PIPE_H_
#define PARKOUR_NET_PIPE_H_

#include <utility>

#include "parkour/net/conn.h"

namespace parkour::net {

std::pair<Conn, Conn> Pipe();

}  // namespace parkour::net

#endif  // PARKOUR_NET_PIPE_H_
