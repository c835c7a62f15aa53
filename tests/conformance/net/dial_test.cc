// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's src/net/dial_test.go and dial_unix_test.go, by meaning, but for what is
// in dial_race_test.cc.

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "local.h"
#include "parkour/base/clock.h"
#include "parkour/base/error.h"
#include "parkour/net/sockaddr.h"
#include "parkour/net/testing.h"

using namespace parkour;

namespace {

using poll::testing::AwaitParked;
using poll::testing::Eventually;
using tests::Text;

class DialTest : public tests::LocalTest {};

const context::Context& Bg() {
  static const auto& background = *new context::Context(context::Background());
  return background;
}

// A listener that answers nobody: its queue of one is full.
class BlackHole {
 public:
  explicit BlackHole(int family = AF_INET, int port = 0) {
    fd_ = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const net::TCPAddr addr{
        .ip = family == AF_INET ? net::IPv4(127, 0, 0, 1) : net::IPv6loopback,
        .port = port};
    sockaddr_storage sa{};
    socklen_t len = net::ToSockaddr(addr, family, &sa);
    sockaddr* const any = reinterpret_cast<sockaddr*>(&sa);
    if (bind(fd_, any, len) != 0 || listen(fd_, 0) != 0) {
      close(fd_);
      fd_ = -1;
      return;
    }
    getsockname(fd_, any, &len);
    addr_ = net::FromSockaddr(any);
    peer_ = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(connect(peer_, any, len), 0);
  }
  ~BlackHole() {
    if (fd_ >= 0) close(fd_);
    if (peer_ >= 0) close(peer_);
  }
  BlackHole(const BlackHole&) = delete;

  bool ok() const { return fd_ >= 0; }
  const net::TCPAddr& addr() const { return addr_; }

 private:
  int fd_ = -1;
  int peer_ = -1;
  net::TCPAddr addr_;
};

// "dual.example" is [::1] and 127.0.0.1; at one port the first is a black hole
// and the second listens.
struct HalfDead {
  HalfDead() : fake("") {
    fake.system->Set("dual.example", {"::1", "127.0.0.1"});
    for (int i = 0; i < 50 && hole == nullptr; ++i) {
      live = tests::LocalListener("tcp4");
      hole = std::make_unique<BlackHole>(AF_INET6, live.Addr().tcp()->port);
      if (!hole->ok()) hole.reset();
    }
  }

  std::string address() const {
    return "dual.example:" + std::to_string(live.Addr().tcp()->port);
  }

  net::testing::Fake fake;
  net::Listener live;
  std::unique_ptr<BlackHole> hole;
};

// No host is this one.
GO_TEST(DialTest, TestDialLocal) {
  const net::Listener ln = tests::LocalListener("tcp4");
  absl::StatusOr<net::Conn> conn =
      net::Dial("tcp", ":" + std::to_string(ln.Addr().tcp()->port));
  ASSERT_TRUE(conn.ok()) << conn.status();
  EXPECT_TRUE(conn->RemoteAddr().tcp()->ip.IsLoopback());
}

// The fixture counts descriptors.
GO_TEST(DialTest, TestDialerDualStackFDLeak) {
  HalfDead half;
  if (half.hole == nullptr) GTEST_SKIP() << "no IPv6";
  const net::Dialer dialer{.FallbackDelay = absl::Milliseconds(1),
                           .Resolver = half.fake.resolver};
  sync::WaitGroup wg;
  for (int i = 0; i < 10; ++i) {
    wg.Go([&] {
      absl::StatusOr<net::Conn> conn = dialer.Dial("tcp", half.address());
      ASSERT_TRUE(conn.ok()) << conn.status();
      EXPECT_EQ(conn->RemoteAddr(), half.live.Addr());
      EXPECT_TRUE(conn->Close().ok());
    });
  }
  wg.Wait();
}

// The black hole has 300 ms, or what is asked for.
GO_TEST(DialTest, TestDialerDualStack) {
  HalfDead half;
  if (half.hole == nullptr) GTEST_SKIP() << "no IPv6";
  for (const int ms : {0, 10}) {
    const net::Dialer dialer{.FallbackDelay = absl::Milliseconds(ms),
                             .Resolver = half.fake.resolver};
    const int64_t start = base::nanotime();
    absl::StatusOr<net::Conn> conn = dialer.Dial("tcp", half.address());
    ASSERT_TRUE(conn.ok()) << conn.status();
    EXPECT_EQ(conn->RemoteAddr(), half.live.Addr());
    EXPECT_GE(base::nanotime() - start,
              (ms == 0 ? 300 : ms) * poll::testing::kMs);
  }
  // Below 0 there is no race, nor is there on a network of one family.
  const net::Dialer serial{.Timeout = absl::Milliseconds(50),
                           .FallbackDelay = absl::Milliseconds(-1),
                           .Resolver = half.fake.resolver};
  EXPECT_EQ(Text(serial.Dial("tcp", half.address()).status()),
            "dial tcp " + half.hole->addr().String() + ": i/o timeout");
  const net::Dialer four{.Resolver = half.fake.resolver};
  EXPECT_TRUE(four.Dial("tcp4", half.address()).ok());
}

GO_TEST(DialTest, TestDialerLocalAddr) {
  const std::map<std::string, net::Listener> listeners = {
      {"127.0.0.1", tests::LocalListener("tcp4")},
      {"::1", tests::LocalListener("tcp6")},
  };
  const net::Addr nil;
  const net::TCPAddr any, any4{.ip = net::IPv4zero}, any6{.ip = net::IPv6zero},
      v4{.ip = net::IPv4(127, 0, 0, 1)},
      v4in6{.ip = net::IPv4(127, 0, 0, 1).To16()}, v6{.ip = net::IPv6loopback};
  const struct {
    const char *network, *host;
    net::Addr local;
    bool ok;
  } cases[] = {
      {"tcp4", "127.0.0.1", nil, true},
      {"tcp4", "127.0.0.1", any, true},
      {"tcp4", "127.0.0.1", any4, true},
      {"tcp4", "127.0.0.1", v4, true},
      {"tcp4", "127.0.0.1", v4in6, true},
      {"tcp4", "127.0.0.1", v6, false},
      {"tcp4", "127.0.0.1", net::UDPAddr{}, false},
      {"tcp4", "127.0.0.1", net::UnixAddr{}, false},
      {"tcp6", "::1", nil, true},
      {"tcp6", "::1", any, true},
      {"tcp6", "::1", any6, true},
      {"tcp6", "::1", v6, true},
      {"tcp6", "::1", v4, false},
      {"tcp6", "::1", v4in6, false},
      {"tcp6", "::1", net::UDPAddr{}, false},
      {"tcp", "127.0.0.1", nil, true},
      {"tcp", "127.0.0.1", any, true},
      {"tcp", "127.0.0.1", any4, true},
      {"tcp", "127.0.0.1", v4, true},
      {"tcp", "127.0.0.1", v4in6, true},
      {"tcp", "127.0.0.1", v6, false},
      {"tcp", "::1", nil, true},
      {"tcp", "::1", any, true},
      {"tcp", "::1", any6, true},
      {"tcp", "::1", v6, true},
      {"tcp", "::1", v4, false},
      {"tcp", "::1", v4in6, false},
  };
  for (const auto& c : cases) {
    const net::Listener& ln = listeners.at(c.host);
    const net::Dialer dialer{.LocalAddr = c.local};
    const absl::StatusOr<net::Conn> conn =
        dialer.Dial(c.network, ln.Addr().String());
    EXPECT_EQ(conn.ok(), c.ok) << c.network << ' ' << c.host << " from "
                               << c.local.String() << ": " << conn.status();
    if (!conn.ok()) continue;
    EXPECT_TRUE(conn->LocalAddr().tcp()->ip.IsLoopback());
    EXPECT_TRUE(ln.Accept().ok());
  }
  // The port, too.
  const net::Listener& ln = listeners.at("127.0.0.1");
  const net::Listener other = tests::LocalListener("tcp4");
  const net::Addr from = other.Addr();
  EXPECT_TRUE(other.Close().ok());
  const absl::StatusOr<net::Conn> conn =
      net::Dialer{.LocalAddr = from}.Dial("tcp", ln.Addr().String());
  ASSERT_TRUE(conn.ok()) << conn.status();
  EXPECT_EQ(conn->LocalAddr(), from);
  EXPECT_EQ(Text(net::Dialer{.LocalAddr = net::UDPAddr{}}
                     .Dial("tcp", ln.Addr().String())
                     .status()),
            "dial tcp: address :0: mismatched local address type");
}

int Option(const net::Conn& conn, int level, int name) {
  int value = -1;
  conn.As<net::TCPConn>()
      .SyscallConn()
      .Control([&](int fd) {
        socklen_t len = sizeof(value);
        getsockopt(fd, level, name, &value, &len);
      })
      .IgnoreError();
  return value;
}

GO_TEST(DialTest, TestDialerKeepAlive) {
  const net::Listener ln = tests::LocalListener("tcp4");
  const struct {
    int seconds;
    int on, idle;
  } cases[] = {{-1, 0, 0}, {0, 1, 15}, {5, 1, 5}, {30, 1, 30}};
  for (const auto& c : cases) {
    const net::Dialer dialer{.KeepAlive = absl::Seconds(c.seconds)};
    const auto conn = dialer.Dial("tcp", ln.Addr().String());
    ASSERT_TRUE(conn.ok()) << conn.status();
    EXPECT_EQ(Option(*conn, SOL_SOCKET, SO_KEEPALIVE), c.on);
    if (c.on) {
      EXPECT_EQ(Option(*conn, IPPROTO_TCP, TCP_KEEPIDLE), c.idle);
    }
  }
  // The detailed setting wins.
  const net::Dialer dialer{
      .KeepAlive = absl::Seconds(-1),
      .KeepAliveConfig = {.Enable = true, .Idle = absl::Seconds(7)}};
  const auto conn = dialer.Dial("tcp", ln.Addr().String());
  ASSERT_TRUE(conn.ok()) << conn.status();
  EXPECT_EQ(Option(*conn, IPPROTO_TCP, TCP_KEEPIDLE), 7);
}

GO_TEST(DialTest, TestDialCancel) {
  const BlackHole hole;
  ASSERT_TRUE(hole.ok());
  const std::string at = hole.addr().String();
  const auto [ctx, cancel] = context::WithCancel(Bg());
  sync::WaitGroup wg;
  wg.Go([&, &ctx = ctx] {
    const absl::Status err = net::DialContext(ctx, "tcp", at).status();
    EXPECT_EQ(Text(err), "dial tcp " + at + ": operation was canceled");
    EXPECT_TRUE(absl::IsCancelled(err));
    EXPECT_FALSE(net::IsTimeout(err));
  });
  ASSERT_TRUE(AwaitParked(1));
  cancel();
  wg.Wait();
  // By a context's time limit it is a timeout.
  const auto [late, cancel_late] =
      context::WithTimeout(Bg(), absl::Milliseconds(20));
  const absl::Status err = net::DialContext(late, "tcp", at).status();
  EXPECT_EQ(Text(err), "dial tcp " + at + ": i/o timeout");
  EXPECT_TRUE(net::IsTimeout(err));
  cancel_late();
  // And by a Dialer's, whichever is earlier.
  const net::Dialer dialer{.Timeout = absl::Hours(1),
                           .Deadline = absl::Now() + absl::Milliseconds(20)};
  EXPECT_TRUE(net::IsTimeout(dialer.Dial("tcp", at).status()));
}

GO_TEST(DialTest, TestCancelAfterDial) {
  const net::Listener ln = tests::LocalListener("tcp4");
  for (int i = 0; i < tests::Scaled(100); ++i) {
    const auto [ctx, cancel] = context::WithTimeout(Bg(), absl::Hours(1));
    const auto conn = net::DialContext(ctx, "tcp", ln.Addr().String());
    ASSERT_TRUE(conn.ok()) << conn.status();
    const auto peer = ln.Accept();
    ASSERT_TRUE(peer.ok()) << peer.status();
    cancel();
    EXPECT_TRUE(conn->Write("x").ok());
    char buf[4];
    EXPECT_EQ(peer->Read(buf).n, 1u);
    EXPECT_TRUE(peer->Write("yz").ok());
    EXPECT_EQ(conn->Read(buf).n, 2u);
  }
}

GO_TEST(DialTest, TestDialListenerAddr) {
  const absl::StatusOr<net::Listener> ln = net::Listen("tcp4", ":0");
  ASSERT_TRUE(ln.ok()) << ln.status();
  const auto conn = net::Dial("tcp4", ln->Addr().String());
  EXPECT_TRUE(conn.ok()) << conn.status();
}

struct Called {
  std::string network, address;
  bool is_socket = false;
};

// How `network` is told to a control function, when dialling `address`.
Called ControlOf(const std::string& network, const std::string& address) {
  Called called;
  const net::Dialer dialer{
      .Control = [&called](std::string_view n, std::string_view a, int fd) {
        int type = 0;
        socklen_t len = sizeof(type);
        called = {std::string(n), std::string(a),
                  getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0};
        return absl::OkStatus();
      }};
  const auto conn = dialer.Dial(network, address);
  EXPECT_TRUE(conn.ok()) << conn.status();
  return called;
}

GO_TEST(DialTest, TestDialerControl) {
  for (const std::string network :
       {"tcp", "tcp4", "tcp6", "unix", "unixpacket"}) {
    const net::Listener ln = tests::LocalListener(network);
    const std::string address = ln.Addr().String();
    const Called called = ControlOf(network, address);
    EXPECT_EQ(called.network, network == "tcp" ? "tcp4" : network);
    EXPECT_EQ(called.address, address);
    EXPECT_TRUE(called.is_socket);
  }
  const net::UDPConn udp = tests::LocalUDP("udp4");
  for (const char* network : {"udp", "udp4"}) {
    EXPECT_EQ(ControlOf(network, udp.LocalAddr().String()).network, "udp4");
  }
  // Its error ends the dial.
  const net::Dialer refuses{
      .Control = [](std::string_view, std::string_view, int) {
        return absl::PermissionDeniedError("not there");
      }};
  EXPECT_EQ(Text(refuses.Dial("tcp", "127.0.0.1:1").status()),
            "dial tcp 127.0.0.1:1: not there");
}

GO_TEST(DialTest, TestDialerControlContext) {
  static const context::Key<int> kKey("dial");
  const net::Listener ln = tests::LocalListener("tcp4");
  int seen = 0;
  const net::Dialer dialer{
      .Control =
          [](std::string_view, std::string_view, int) {
            ADD_FAILURE() << "both were called";
            return absl::OkStatus();
          },
      .ControlContext =
          [&seen](const context::Context& ctx, std::string_view,
                  std::string_view, int) {
            if (const int* value = ctx.Value(kKey)) seen = *value;
            return absl::OkStatus();
          }};
  const auto conn = dialer.DialContext(context::WithValue(Bg(), kKey, 42),
                                       "tcp", ln.Addr().String());
  EXPECT_TRUE(conn.ok()) << conn.status();
  EXPECT_EQ(seen, 42);
}

// A deadline far in the future, by context and by Dialer, harms nothing.
GO_TEST(DialTest, TestDialWithNonZeroDeadline) {
  const net::Listener ln = tests::LocalListener("tcp4");
  const auto [ctx, cancel] =
      context::WithDeadline(Bg(), absl::FromUnixSeconds(1) + absl::Hours(1e6));
  const net::Dialer dialer{.Timeout = absl::Hours(1e7)};
  const auto conn = dialer.DialContext(ctx, "tcp", ln.Addr().String());
  EXPECT_TRUE(conn.ok()) << conn.status();
  cancel();
}

// ---- dial_unix_test.go ----

// The context ends while the connection comes about: the dial fails, and the
// connection is closed (the fixture counts descriptors). Go has a hook between
// the two; here the socket's control function cancels, after which loopback
// connects at once.
GO_TEST(DialTest, TestDialContextCancelRace) {
  const net::Listener ln = tests::LocalListener("tcp4");
  const std::string at = ln.Addr().String();
  for (int i = 0; i < tests::Scaled(200); ++i) {
    const auto [ctx, cancel] = context::WithCancel(Bg());
    const net::Dialer dialer{
        .Control = [&cancel = cancel](std::string_view, std::string_view, int) {
          cancel();
          return absl::OkStatus();
        }};
    const auto conn = dialer.DialContext(ctx, "tcp", at);
    ASSERT_FALSE(conn.ok());
    EXPECT_EQ(Text(conn.status()),
              "dial tcp " + at + ": operation was canceled");
  }
}

}  // namespace
