// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// local.h: listeners and connections of this machine for the tests that were
// Go's, and how these run: in a goroutine, and leaving nothing behind.
//
//   class NetTest : public LocalTest {};
//   GO_TEST(NetTest, TestCloseRead) { ... }
//
// Blocking: dialling and accepting park.

#ifndef PARKOUR_TESTS_CONFORMANCE_NET_LOCAL_H_
#define PARKOUR_TESTS_CONFORMANCE_NET_LOCAL_H_

#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/atomic.h"
#include "parkour/parkour.h"
#include "parkour/poll/testing.h"
#include "parkour/runtime/test_util.h"

#define GO_TEST(suite, name)                                                  \
  void suite##name();                                                         \
  TEST_F(suite, name) { ::parkour::poll::testing::InGoroutine(suite##name); } \
  void suite##name()

namespace parkour::tests {

using runtime::testing::Scaled;

class LocalTest : public poll::testing::LeakTest {};

// A path for a socket, short enough for one, which is free.
inline std::string SocketPath() {
  static base::Atomic<int> last{0};
  return "/tmp/parkour-" + std::to_string(getpid()) + "-" +
         std::to_string(last.fetch_add(1)) + ".sock";
}

// "tcp" and its kin on 127.0.0.1 or [::1]; "unix", "unixpacket" on a new path.
inline net::Listener LocalListener(std::string_view network) {
  absl::StatusOr<net::Listener> ln;
  if (network.starts_with("unix")) {
    absl::StatusOr<net::UnixListener> unix_ln = net::ListenUnix(
        network, net::UnixAddr{SocketPath(), std::string(network)});
    ln = unix_ln.ok() ? absl::StatusOr<net::Listener>(*unix_ln)
                      : unix_ln.status();
  } else {
    ln = net::Listen(network, network == "tcp6" ? "[::1]:0" : "127.0.0.1:0");
  }
  EXPECT_TRUE(ln.ok()) << ln.status();
  return ln.ok() ? *ln : net::Listener();
}

// A connection to where `addr` says.
inline absl::StatusOr<net::Conn> DialLocal(const net::Addr& addr) {
  if (addr.tcp() != nullptr) {
    absl::StatusOr<net::TCPConn> conn = net::DialTCP("tcp", {}, addr);
    if (!conn.ok()) return conn.status();
    return *conn;
  }
  absl::StatusOr<net::UnixConn> conn = net::DialUnix(addr.Network(), {}, addr);
  if (!conn.ok()) return conn.status();
  return *conn;
}

struct LocalPair {
  net::Conn client, server;
};

inline LocalPair ConnectTo(const net::Listener& ln) {
  absl::StatusOr<net::Conn> client = DialLocal(ln.Addr());
  EXPECT_TRUE(client.ok()) << client.status();
  if (!client.ok()) return {};
  absl::StatusOr<net::Conn> server = ln.Accept();
  EXPECT_TRUE(server.ok()) << server.status();
  if (!server.ok()) return {};
  return {*client, *server};
}

// Both ends of a connection; the listener is gone.
inline LocalPair Connect(std::string_view network) {
  const net::Listener ln = LocalListener(network);
  return ConnectTo(ln);
}

// A datagram socket on 127.0.0.1 or [::1].
inline net::UDPConn LocalUDP(std::string_view network = "udp4") {
  absl::StatusOr<net::UDPConn> conn = net::ListenUDP(
      network,
      net::UDPAddr{.ip = net::ParseIP(network == "udp6" ? "::1" : "127.0.0.1"),
                   .port = 0});
  EXPECT_TRUE(conn.ok()) << conn.status();
  return conn.ok() ? *conn : net::UDPConn();
}

inline absl::Time Past() { return absl::Now() - absl::Hours(1); }
inline absl::Time Never() { return absl::InfiniteFuture(); }

// The text of an error.
inline std::string Text(const absl::Status& err) {
  return std::string(err.message());
}

inline std::string Bytes(size_t n) {
  std::string out(n, '\0');
  uint32_t seed = 1;
  for (char& c : out) {
    seed = seed * 1664525u + 1013904223u;
    c = static_cast<char>(seed >> 24);
  }
  return out;
}

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_CONFORMANCE_NET_LOCAL_H_
