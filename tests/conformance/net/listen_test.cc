// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's src/net/listen_test.go, by meaning.

#include <errno.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <string>
#include <vector>

#include "local.h"
#include "parkour/base/error.h"

using namespace parkour;

namespace {

using poll::testing::AwaitParked;
using tests::Text;

class ListenTest : public tests::LocalTest {};

const context::Context& Bg() {
  static const auto& background = *new context::Context(context::Background());
  return background;
}

// A socket of either kind, until it goes.
struct Bound {
  net::Listener tcp{};
  net::PacketConn udp{};
  std::string addr{};
};

absl::StatusOr<Bound> Bind(const std::string& network,
                           const std::string& address) {
  if (network.starts_with("tcp")) {
    const auto ln = net::Listen(network, address);
    if (!ln.ok()) return ln.status();
    return Bound{.tcp = *ln, .addr = ln->Addr().String()};
  }
  const auto conn = net::ListenPacket(network, address);
  if (!conn.ok()) return conn.status();
  return Bound{.udp = *conn, .addr = conn->LocalAddr().String()};
}

std::string PortOf(const std::string& addr) {
  return addr.substr(addr.rfind(':'));
}

// A second socket at the same address fails, in whatever form it is given.
void ExpectTaken(const std::string& network, const std::string& first,
                 const std::vector<std::pair<std::string, std::string>>& more) {
  const auto bound = Bind(network, first + ":0");
  ASSERT_TRUE(bound.ok()) << network << ' ' << bound.status();
  for (const auto& [again, host] : more) {
    const auto second = Bind(again, host + PortOf(bound->addr));
    EXPECT_EQ(base::ErrnoOf(second.status()), EADDRINUSE)
        << again << ' ' << host << " after " << network << ' ' << first;
  }
}

void SingleStack(const std::string& kind) {
  const std::string v4 = kind + "4", v6 = kind + "6";
  ExpectTaken(kind, "", {{kind, ""}, {kind, "0.0.0.0"}, {kind, "[::]"}});
  ExpectTaken(kind, "127.0.0.1", {{kind, "127.0.0.1"}, {v4, "127.0.0.1"}});
  ExpectTaken(kind, "[::1]", {{kind, "[::1]"}, {v6, "[::1]"}});
  ExpectTaken(v4, "", {{v4, ""}, {v4, "0.0.0.0"}});
  ExpectTaken(v4, "0.0.0.0", {{v4, ""}});
  ExpectTaken(v6, "", {{v6, ""}, {v6, "[::]"}});
  ExpectTaken(v4, "127.0.0.1", {{v4, "127.0.0.1"}});
  ExpectTaken(v6, "[::1]", {{v6, "[::1]"}});
}

GO_TEST(ListenTest, TestTCPListener) { SingleStack("tcp"); }

GO_TEST(ListenTest, TestUDPListener) { SingleStack("udp"); }

// Which two may have one port: wildcards of both families take it on both.
void DualStack(const std::string& kind) {
  const std::string v4 = kind + "4", v6 = kind + "6";
  // Whatever listens on both families keeps out those of one.
  for (const char* wildcard : {"", "0.0.0.0", "[::]"}) {
    ExpectTaken(
        kind, wildcard,
        {{kind, ""}, {v4, ""}, {v6, ""}, {kind, "0.0.0.0"}, {kind, "[::]"}});
  }
  ExpectTaken(v4, "", {{kind, ""}});
  ExpectTaken(v6, "", {{kind, ""}});
  // Those of one family keep to it.
  const struct {
    std::string first, first_host, second, second_host;
  } apart[] = {
      {v4, "", v6, ""},
      {v6, "", v4, ""},
      {v4, "0.0.0.0", v6, "[::]"},
      {v6, "[::]", v4, "0.0.0.0"},
      {v4, "127.0.0.1", v6, "[::1]"},
      {kind, "127.0.0.1", kind, "[::1]"},
      {kind, "[::1]", kind, "127.0.0.1"},
  };
  for (const auto& c : apart) {
    // The other family's port may be another process's: some try has it free.
    bool both = false;
    for (int i = 0; i < 20 && !both; ++i) {
      const auto first = Bind(c.first, c.first_host + ":0");
      ASSERT_TRUE(first.ok()) << first.status();
      both = Bind(c.second, c.second_host + PortOf(first->addr)).ok();
    }
    EXPECT_TRUE(both) << c.first << ' ' << c.first_host << " and " << c.second
                      << ' ' << c.second_host;
  }
}

GO_TEST(ListenTest, TestDualStackTCPListener) { DualStack("tcp"); }

GO_TEST(ListenTest, TestDualStackUDPListener) { DualStack("udp"); }

// No address at all is the wildcard.
GO_TEST(ListenTest, TestWildWildcardListener) {
  EXPECT_TRUE(net::Listen("tcp", "").ok());
  EXPECT_TRUE(net::ListenPacket("udp", "").ok());
  EXPECT_TRUE(net::ListenTCP("tcp", net::Addr()).ok());
  EXPECT_TRUE(net::ListenUDP("udp", net::Addr()).ok());
}

// The port is free as soon as Close has returned, somebody accepting or not.
GO_TEST(ListenTest, TestClosingListener) {
  const net::Listener ln = tests::LocalListener("tcp4");
  const std::string at = ln.Addr().String();
  sync::WaitGroup wg;
  wg.Go([&] {
    for (;;) {
      const auto conn = ln.Accept();
      if (!conn.ok()) {
        EXPECT_TRUE(net::IsClosed(conn.status())) << conn.status();
        return;
      }
    }
  });
  ASSERT_TRUE(AwaitParked(1));
  EXPECT_TRUE(ln.Close().ok());
  const auto again = net::Listen("tcp", at);
  EXPECT_TRUE(again.ok()) << again.status();
  wg.Wait();
}

GO_TEST(ListenTest, TestListenConfigControl) {
  std::vector<std::string> seen;
  const net::ListenConfig config{.Control = [&seen](std::string_view network,
                                                    std::string_view address,
                                                    int fd) {
    int type = 0;
    socklen_t len = sizeof(type);
    EXPECT_EQ(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
    seen.push_back(std::string(network) + ' ' + std::string(address));
    return absl::OkStatus();
  }};
  const std::string path = tests::SocketPath();
  EXPECT_TRUE(config.Listen(Bg(), "tcp", "127.0.0.1:0").ok());
  EXPECT_TRUE(config.Listen(Bg(), "tcp6", "[::1]:0").ok());
  EXPECT_TRUE(config.Listen(Bg(), "unix", path).ok());
  EXPECT_TRUE(config.ListenPacket(Bg(), "udp", "127.0.0.1:0").ok());
  EXPECT_TRUE(config.ListenPacket(Bg(), "unixgram", path).ok());
  unlink(path.c_str());
  EXPECT_EQ(seen, (std::vector<std::string>{"tcp4 127.0.0.1:0", "tcp6 [::1]:0",
                                            "unix " + path, "udp4 127.0.0.1:0",
                                            "unixgram " + path}));
  // Its error ends it.
  const net::ListenConfig refuses{
      .Control = [](std::string_view, std::string_view, int) {
        return absl::PermissionDeniedError("not here");
      }};
  EXPECT_EQ(Text(refuses.Listen(Bg(), "tcp", "127.0.0.1:0").status()),
            "listen tcp 127.0.0.1:0: not here");
  EXPECT_EQ(Text(refuses.ListenPacket(Bg(), "udp", "127.0.0.1:0").status()),
            "listen udp 127.0.0.1:0: not here");
}

// Parkour's own: many sockets at one address.
GO_TEST(ListenTest, ReusePort) {
  const net::ListenConfig shared{.ReusePort = true};
  const auto first = shared.Listen(Bg(), "tcp", "127.0.0.1:0");
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string at = first->Addr().String();
  EXPECT_TRUE(shared.Listen(Bg(), "tcp", at).ok());
  EXPECT_EQ(base::ErrnoOf(net::Listen("tcp", at).status()), EADDRINUSE);
}

// Networks that are not for listening, or not in this way.
GO_TEST(ListenTest, WrongNetworks) {
  EXPECT_EQ(Text(net::Listen("udp", "127.0.0.1:0").status()),
            "listen udp 127.0.0.1:0: address 127.0.0.1:0: unexpected address "
            "type");
  EXPECT_EQ(Text(net::ListenPacket("tcp", "127.0.0.1:0").status()),
            "listen tcp 127.0.0.1:0: address 127.0.0.1:0: unexpected address "
            "type");
  EXPECT_EQ(Text(net::Listen("http", ":80").status()),
            "listen http: unknown network http");
  EXPECT_EQ(Text(net::Listen("tcp", ":badport").status()),
            "listen tcp: lookup tcp/badport: unknown port");
  EXPECT_EQ(Text(net::Listen("tcp", "no..host:0").status()),
            "listen tcp: lookup no..host: no such host");
}

}  // namespace
