// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// conns.h: a connection for the examples to read from and write to.
//
// Blocking: parks, for as long as the loopback takes.

#ifndef PARKOUR_TESTS_HEADERS_CONNS_H_
#define PARKOUR_TESTS_HEADERS_CONNS_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "parkour/io/io.h"
#include "parkour/net/net.h"

namespace parkour::tests {

// The two ends of a connection.
struct Conns {
  net::Conn conn;  // the example's
  net::Conn peer;
};

inline Conns Connect() {
  absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  EXPECT_TRUE(ln.ok()) << ln.status();
  if (!ln.ok()) return {};
  absl::StatusOr<net::Conn> conn = net::Dial("tcp", ln->Addr().String());
  EXPECT_TRUE(conn.ok()) << conn.status();
  if (!conn.ok()) return {};
  absl::StatusOr<net::Conn> peer = ln->Accept();
  EXPECT_TRUE(peer.ok()) << peer.status();
  return peer.ok() ? Conns{*conn, *peer} : Conns();
}

// A connection from which `text` can be read, and then the end.
inline Conns ConnectAndSend(std::string_view text) {
  const Conns conns = Connect();
  EXPECT_TRUE(conns.peer.Write(text).ok());
  EXPECT_TRUE(conns.peer.CloseWrite().ok());
  return conns;
}

// Closes one end and returns what the other has got.
inline std::string CloseAndReceive(const Conns& conns) {
  EXPECT_TRUE(conns.conn.CloseWrite().ok());
  return io::ReadAll(conns.peer).value_or("no text");
}

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_HEADERS_CONNS_H_
