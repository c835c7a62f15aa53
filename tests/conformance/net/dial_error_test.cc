// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Of Go's src/net/error_test.go, by meaning: what Dial and Listen say when they
// fail.

#include <errno.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "local.h"
#include "parkour/base/error.h"
#include "parkour/net/sock_posix.h"
#include "parkour/net/testing.h"

using namespace parkour;

namespace {

using tests::Text;

class DialErrorTest : public tests::LocalTest {};

// The parts of an operation's error are there, and the text is made of them.
void ExpectOp(const absl::Status& err, const std::string& op,
              const std::string& network) {
  ASSERT_FALSE(err.ok());
  const std::optional<net::OpError> e = net::OpErrorOf(err);
  ASSERT_TRUE(e.has_value()) << err;
  EXPECT_EQ(e->op, op) << err;
  EXPECT_EQ(e->net, network) << err;
  EXPECT_FALSE(e->text.empty()) << err;
  EXPECT_EQ(Text(err).find(op + " " + network), 0u) << err;
  EXPECT_FALSE(net::IsClosed(err));
}

struct Case {
  std::string network, address;
  std::string why;  // how the text ends
};

GO_TEST(DialErrorTest, TestDialError) {
  net::testing::Fake fake("");  // knows no name
  const std::vector<Case> cases = {
      {"foo", "", "unknown network foo"},
      {"bar", "baz", "unknown network bar"},
      {"datakit", "mh/astro/r70", "unknown network datakit"},
      {"tcp", "", "missing address"},
      {"tcp", "127.0.0.1:☺", "lookup tcp/☺: unknown port"},
      {"tcp", "no-such-name:80", "lookup no-such-name: no such host"},
      {"tcp", "mh/astro/r70:http", "lookup mh/astro/r70: no such host"},
      {"tcp", "127.0.0.1", "missing port in address"},
      {"tcp", "127.0.0.1:99999", "address 99999: invalid port"},
      {"tcp4", "[::1]:1", "address ::1: no suitable address found"},
      {"udp", "127.0.0.1:-1", "address -1: invalid port"},
      {"ip4:icmp", "127.0.0.1", "unknown network ip4:icmp"},
      {"unix", "/path/to/somewhere", "connect: no such file or directory"},
      {"unixgram", "/path/to/somewhere", "connect: no such file or directory"},
      {"unixpacket", "/path/to/somewhere",
       "connect: no such file or directory"},
      {"unix", std::string(200, 'x'), "connect: invalid argument"},
  };
  const net::Dialer dialer{.Timeout = absl::Minutes(1),
                           .Resolver = fake.resolver};
  for (const Case& c : cases) {
    const absl::StatusOr<net::Conn> conn = dialer.Dial(c.network, c.address);
    ExpectOp(conn.status(), "dial", c.network);
    EXPECT_TRUE(Text(conn.status()).ends_with(c.why)) << conn.status();
  }
}

GO_TEST(DialErrorTest, TestListenError) {
  const std::vector<Case> cases = {
      {"foo", "", "unknown network foo"},
      {"bar", "baz", "unknown network bar"},
      {"datakit", "mh/astro/r70", "unknown network datakit"},
      {"tcp", "127.0.0.1:☺", "lookup tcp/☺: unknown port"},
      {"tcp", "no..such..name:80", "lookup no..such..name: no such host"},
      {"tcp", "mh/astro/r70:http", "lookup mh/astro/r70: no such host"},
      {"tcp", "127.0.0.1:0x", "lookup tcp/0x: unknown port"},
      {"tcp", "127.0.0.1:0.0.0.0:1", "too many colons in address"},
      {"unix", "/path/to/somewhere", "bind: no such file or directory"},
      {"unixpacket", "/path/to/somewhere", "bind: no such file or directory"},
      {"unix", std::string(200, 'x'), "bind: invalid argument"},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<net::Listener> ln = net::Listen(c.network, c.address);
    ExpectOp(ln.status(), "listen", c.network);
    EXPECT_TRUE(Text(ln.status()).ends_with(c.why)) << ln.status();
  }
}

GO_TEST(DialErrorTest, TestListenPacketError) {
  const std::vector<Case> cases = {
      {"foo", "", "unknown network foo"},
      {"datakit", "mh/astro/r70", "unknown network datakit"},
      {"udp", "127.0.0.1:☺", "lookup udp/☺: unknown port"},
      {"udp", "no..such..name:80", "lookup no..such..name: no such host"},
      {"udp", "127.0.0.1", "missing port in address"},
      {"unixgram", "/path/to/somewhere", "bind: no such file or directory"},
      {"unixgram", std::string(200, 'x'), "bind: invalid argument"},
  };
  for (const Case& c : cases) {
    const auto conn = net::ListenPacket(c.network, c.address);
    ExpectOp(conn.status(), "listen", c.network);
    EXPECT_TRUE(Text(conn.status()).ends_with(c.why)) << conn.status();
  }
}

// The typed functions check what the others cannot get wrong.
GO_TEST(DialErrorTest, TestProtocolDialError) {
  const net::IP lo = net::IPv4(127, 0, 0, 1);
  ExpectOp(net::DialTCP("tcp", {}, net::TCPAddr{lo, 1 << 16}).status(), "dial",
           "tcp");
  ExpectOp(net::DialTCP("tcp", {}, net::Addr()).status(), "dial", "tcp");
  ExpectOp(net::DialTCP("udp", {}, net::TCPAddr{lo, 1}).status(), "dial",
           "udp");
  ExpectOp(net::DialUDP("udp", {}, net::UDPAddr{lo, 1 << 16}).status(), "dial",
           "udp");
  ExpectOp(net::DialUDP("tcp", {}, net::UDPAddr{lo, 1}).status(), "dial",
           "tcp");
  for (const char* network : {"unix", "unixpacket", "unixgram"}) {
    ExpectOp(net::DialUnix(network, {}, net::UnixAddr{"//", network}).status(),
             "dial", network);
    ExpectOp(net::DialUnix(network, {}, net::Addr()).status(), "dial", network);
  }
}

GO_TEST(DialErrorTest, TestProtocolListenError) {
  const net::IP lo = net::IPv4(127, 0, 0, 1);
  ExpectOp(net::ListenTCP("tcp", net::TCPAddr{lo, 1 << 16}).status(), "listen",
           "tcp");
  ExpectOp(net::ListenTCP("udp", net::TCPAddr{lo, 0}).status(), "listen",
           "udp");
  ExpectOp(net::ListenUDP("udp", net::UDPAddr{lo, 1 << 16}).status(), "listen",
           "udp");
  for (const char* network : {"unix", "unixpacket"}) {
    ExpectOp(net::ListenUnix(network, net::UnixAddr{"//", network}).status(),
             "listen", network);
  }
  ExpectOp(
      net::ListenUnixgram("unixgram", net::UnixAddr{"//", "unixgram"}).status(),
      "listen", "unixgram");
}

// An address of the wrong family is named by the error.
GO_TEST(DialErrorTest, TestDialAddrError) {
  const struct {
    const char *network, *ip, *addr;
  } cases[] = {
      {"tcp4", "::1", "[::1]:0"},
      {"tcp4", "2001:db8::1", "[2001:db8::1]:0"},
  };
  for (const auto& c : cases) {
    const absl::Status err =
        net::DialTCP(c.network, {}, net::TCPAddr{net::ParseIP(c.ip)}).status();
    ExpectOp(err, "dial", c.network);
    EXPECT_EQ(net::OpErrorOf(err)->addr, c.addr);
    EXPECT_TRUE(absl::IsInvalidArgument(err)) << err;
  }
}

// A context's errors in net's words keep what they are.
GO_TEST(DialErrorTest, TestContextError) {
  const absl::Status cancelled = net::MapContextError(context::Canceled());
  EXPECT_EQ(Text(cancelled), "operation was canceled");
  EXPECT_TRUE(absl::IsCancelled(cancelled));
  EXPECT_FALSE(net::IsTimeout(cancelled) || net::IsTemporary(cancelled));
  const absl::Status late = net::MapContextError(context::DeadlineExceeded());
  EXPECT_EQ(Text(late), "i/o timeout");
  EXPECT_TRUE(absl::IsDeadlineExceeded(late));
  EXPECT_TRUE(net::IsTimeout(late) && net::IsTemporary(late));
}

}  // namespace
