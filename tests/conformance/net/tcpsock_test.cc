// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/net/tcpsock_test.go, tcpsock_unix_test.go, tcpconn_keepalive_test.go,
// rawconn_test.go, write_unix_test.go, by meaning. (Addresses: addr tests.)

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "absl/cleanup/cleanup.h"
#include "parkour/net/sock_posix.h"
#include "parkour/tests/conformance/net/local.h"

namespace parkour::tests {
namespace {

class TCPTest : public LocalTest {};
class KeepAliveTest : public LocalTest {};
class RawConnTest : public LocalTest {};
class WriteUnixTest : public LocalTest {};

GO_TEST(TCPTest, TestTCPConcurrentAccept) {
  const net::Listener ln = LocalListener("tcp");
  constexpr int kAcceptors = 10;
  const int dials = Scaled(10 * kAcceptors);
  sync::WaitGroup acceptors;
  for (int i = 0; i < kAcceptors; ++i) {
    acceptors.Go([&] {
      for (;;) {
        const absl::StatusOr<net::Conn> c = ln.Accept();
        if (!c.ok()) return;
        EXPECT_TRUE(c->Close().ok());
      }
    });
  }
  for (int i = 0; i < dials; ++i) {
    const absl::StatusOr<net::Conn> c = DialLocal(ln.Addr());
    EXPECT_TRUE(c.ok()) << c.status();
  }
  EXPECT_TRUE(ln.Close().ok());
  acceptors.Wait();
}

GO_TEST(TCPTest, TestTCPStress) {
  constexpr int kConns = 2;
  constexpr int kSize = 512;
  const int messages = Scaled(10000);
  const net::Listener ln = LocalListener("tcp");
  sync::WaitGroup wg;
  for (int i = 0; i < kConns; ++i) {
    const LocalPair p = ConnectTo(ln);
    for (const net::Conn& c : {p.client, p.server}) {
      wg.Go([&, c, first = c == p.client] {
        char buf[kSize] = {};
        for (int m = 0; m < messages; ++m) {
          if (first) {
            ASSERT_TRUE(c.Write({buf, kSize}).ok());
          }
          ASSERT_TRUE(io::ReadFull(c, buf).ok());
          if (!first) {
            ASSERT_TRUE(c.Write({buf, kSize}).ok());
          }
        }
      });
    }
  }
  wg.Wait();
}

// More in one call than the kernel takes: Writev of many pieces, and a Write.
GO_TEST(TCPTest, TestTCPBig) {
  const std::string data = Bytes(Scaled(32 << 20));
  for (const bool writev : {false, true}) {
    const LocalPair p = Connect("tcp");
    sync::WaitGroup wg;
    wg.Go([&] {
      std::vector<std::string_view> parts;
      for (size_t at = 0; at < data.size(); at += 3001) {
        parts.push_back(std::string_view(data).substr(at, 3001));
      }
      const io::Result r =
          writev ? p.client.Writev(parts) : p.client.Write(data);
      EXPECT_TRUE(r.ok()) << r.err;
      EXPECT_EQ(r.n, data.size());
      EXPECT_TRUE(p.client.Close().ok());
    });
    const absl::StatusOr<std::string> got = io::ReadAll(p.server);
    wg.Wait();
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_TRUE(*got == data);
  }
}

// Two pieces that come through a pipe, apart from each other, arrive both.
GO_TEST(TCPTest, TestCopyPipeIntoTCP) {
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  const net::File r(fds[0], "pipe"), w(fds[1], "pipe");
  const LocalPair p = Connect("tcp");
  sync::WaitGroup wg;
  wg.Go([&] {
    char buf[3];
    EXPECT_TRUE(io::ReadFull(p.server, {buf, 2}).ok());
    EXPECT_TRUE(w.Write("cd").ok());
    EXPECT_TRUE(w.Close().ok());
    char more[3];
    const auto rest = io::ReadFull(p.server, {more, 2});
    EXPECT_TRUE(rest.ok()) << rest.err;
    EXPECT_EQ(std::string(buf, 2) + std::string(more, 2), "abcd");
  });
  EXPECT_TRUE(w.Write("ab").ok());
  const io::Result copied = io::Copy(p.client, r);
  EXPECT_TRUE(copied.ok()) << copied.err;
  EXPECT_EQ(copied.n, 4u);
  wg.Wait();
}

int Option(const net::TCPConn& c, int level, int name) {
  int value = -1;
  const absl::Status err = c.SyscallConn().Control([&](int fd) {
    socklen_t len = sizeof(value);
    getsockopt(fd, level, name, &value, &len);
  });
  EXPECT_TRUE(err.ok()) << err;
  return value;
}

GO_TEST(TCPTest, TestDialTCPDefaultKeepAlive) {
  const LocalPair p = Connect("tcp");
  for (const net::Conn& c : {p.client, p.server}) {
    const net::TCPConn tcp = c.As<net::TCPConn>();
    EXPECT_EQ(Option(tcp, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(Option(tcp, IPPROTO_TCP, TCP_KEEPIDLE), 15);
    EXPECT_EQ(Option(tcp, IPPROTO_TCP, TCP_KEEPINTVL), 15);
    EXPECT_EQ(Option(tcp, IPPROTO_TCP, TCP_KEEPCNT), 9);
    EXPECT_EQ(Option(tcp, IPPROTO_TCP, TCP_NODELAY), 1);
  }
}

GO_TEST(TCPTest, TestTCPListenAfterClose) {
  const net::Listener ln = LocalListener("tcp");
  sync::WaitGroup wg;
  wg.Go([&] {
    for (;;) {
      const absl::StatusOr<net::Conn> c = ln.Accept();
      if (c.ok()) continue;
      EXPECT_TRUE(net::IsClosed(c.status())) << c.status();
      return;
    }
  });
  EXPECT_TRUE(ln.Close().ok());
  wg.Wait();
  EXPECT_TRUE(net::IsClosed(ln.Accept().status()));
}

// Dialling while the listener goes away gives a connection or an error, never
// one that is not connected.
GO_TEST(TCPTest, TestTCPSpuriousConnSetupCompletion) {
  const int tries = Scaled(10000);
  const net::Listener ln = LocalListener("tcp");
  sync::WaitGroup wg;
  wg.Go([&] {
    for (;;) {
      const absl::StatusOr<net::Conn> c = ln.Accept();
      if (!c.ok()) return;
      c->Close().IgnoreError();
    }
  });
  sync::Semaphore running(64);
  for (int i = 0; i < tries; ++i) {
    running.Acquire();
    wg.Go([&, i] {
      absl::Cleanup release = [&] { running.Release(); };
      const absl::StatusOr<net::Conn> c = DialLocal(ln.Addr());
      if (c.ok()) {
        const io::Result r = c->Write("x");
        EXPECT_NE(base::ErrnoOf(r.err), ENOTCONN) << r.err;
      }
      if (i == tries / 2) ln.Close().IgnoreError();
    });
  }
  wg.Wait();
}

// ---- tcpconn_keepalive_test.go ----

GO_TEST(KeepAliveTest, TestTCPConnKeepAliveConfig) {
  const LocalPair p = Connect("tcp");
  const net::TCPConn c = p.client.As<net::TCPConn>();
  const struct {
    net::KeepAliveConfig config;
    int on, idle, interval, count;
  } cases[] = {
      {{true, absl::Seconds(20), absl::Seconds(10), 4}, 1, 20, 10, 4},
      {{true, {}, {}, 0}, 1, 15, 15, 9},
      {{true, absl::Seconds(30), absl::Seconds(-1), -1}, 1, 30, 15, 9},
      {{true, absl::Milliseconds(1500), absl::Milliseconds(1), 3}, 1, 2, 1, 3},
      {{true, absl::Seconds(-1), absl::Seconds(7), -1}, 1, 2, 7, 3},
      {{false, absl::Seconds(5), absl::Seconds(6), 7}, 0, 5, 6, 7},
  };
  for (const auto& x : cases) {
    ASSERT_TRUE(c.SetKeepAliveConfig(x.config).ok());
    EXPECT_EQ(Option(c, SOL_SOCKET, SO_KEEPALIVE), x.on);
    EXPECT_EQ(Option(c, IPPROTO_TCP, TCP_KEEPIDLE), x.idle);
    EXPECT_EQ(Option(c, IPPROTO_TCP, TCP_KEEPINTVL), x.interval);
    EXPECT_EQ(Option(c, IPPROTO_TCP, TCP_KEEPCNT), x.count);
  }
  EXPECT_TRUE(p.client.Close().ok());
  EXPECT_EQ(Text(c.SetKeepAliveConfig({.Enable = true})),
            "set tcp " + c.LocalAddr().String() + "->" +
                c.RemoteAddr().String() + ": use of closed network connection");
}

void ExpectKeepAlive(const net::Conn& c) {
  const net::TCPConn tcp = c.As<net::TCPConn>();
  EXPECT_EQ(Option(tcp, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(Option(tcp, IPPROTO_TCP, TCP_KEEPIDLE), 20);
  EXPECT_EQ(Option(tcp, IPPROTO_TCP, TCP_KEEPINTVL), 10);
  EXPECT_EQ(Option(tcp, IPPROTO_TCP, TCP_KEEPCNT), 4);
}

const net::SocketHooks kHooks{.keep_alive = {.Enable = true,
                                             .Idle = absl::Seconds(20),
                                             .Interval = absl::Seconds(10),
                                             .Count = 4}};

GO_TEST(KeepAliveTest, TestTCPConnKeepAliveConfigDialer) {
  const net::Listener ln = LocalListener("tcp");
  const auto c = net::DialSocket("tcp", {}, ln.Addr(), 0, {}, kHooks);
  ASSERT_TRUE(c.ok()) << c.status();
  ExpectKeepAlive(*c);
  // Off is off.
  const auto off =
      net::DialSocket("tcp", {}, ln.Addr(), 0, {},
                      net::SocketHooks{.keep_alive = {.Enable = false}});
  ASSERT_TRUE(off.ok()) << off.status();
  EXPECT_EQ(Option(off->As<net::TCPConn>(), SOL_SOCKET, SO_KEEPALIVE), 0);
}

GO_TEST(KeepAliveTest, TestTCPConnKeepAliveConfigListener) {
  const auto ln = net::ListenSocket(
      "tcp", net::TCPAddr{.ip = net::IPv4(127, 0, 0, 1)}, kHooks);
  ASSERT_TRUE(ln.ok()) << ln.status();
  ExpectKeepAlive(ConnectTo(*ln).server);
}

// ---- rawconn_test.go ----

GO_TEST(RawConnTest, TestRawConnReadWrite) {
  const LocalPair p = Connect("tcp");
  const net::RawConn raw = p.server.As<net::TCPConn>().SyscallConn();
  std::string got;
  int calls = 0;
  sync::WaitGroup wg;
  wg.Go([&] {
    const absl::Status err = raw.Read([&](int fd) {
      ++calls;
      char buf[64];
      const ssize_t n = recv(fd, buf, sizeof(buf), 0);
      if (n > 0) got.assign(buf, static_cast<size_t>(n));
      return n > 0;
    });
    EXPECT_TRUE(err.ok()) << err;
  });
  ASSERT_TRUE(poll::testing::AwaitParked(1));
  EXPECT_TRUE(p.client.Write("HELLO-R-U-THERE").ok());
  wg.Wait();
  EXPECT_EQ(got, "HELLO-R-U-THERE");
  EXPECT_GE(calls, 2);
  EXPECT_TRUE(
      raw.Write([&](int fd) { return send(fd, "ANSWER", 6, 0) == 6; }).ok());
  char buf[8];
  EXPECT_EQ(p.client.Read(buf).n, 6u);

  // Deadlines end the wait; and after Close all fail.
  EXPECT_TRUE(
      p.server.SetReadDeadline(absl::Now() + absl::Milliseconds(5)).ok());
  absl::Status err = raw.Read([](int) { return false; });
  EXPECT_TRUE(net::IsTimeout(err)) << err;
  EXPECT_EQ(net::OpErrorOf(err)->op, "raw-read");
  EXPECT_TRUE(p.server.Close().ok());
  EXPECT_TRUE(net::IsClosed(raw.Read([](int) { return true; })));
  EXPECT_TRUE(net::IsClosed(raw.Write([](int) { return true; })));
}

GO_TEST(RawConnTest, TestRawConnControl) {
  const LocalPair p = Connect("tcp");
  const net::Listener ln = LocalListener("tcp");
  for (const net::RawConn& raw : {p.client.As<net::TCPConn>().SyscallConn(),
                                  ln.As<net::TCPListener>().SyscallConn()}) {
    int family = 0;
    EXPECT_TRUE(raw.Control([&](int fd) {
                     socklen_t len = sizeof(family);
                     getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len);
                   })
                    .ok());
    EXPECT_EQ(family, AF_INET);
  }
  const net::RawConn raw = p.client.As<net::TCPConn>().SyscallConn();
  EXPECT_TRUE(p.client.Close().ok());
  const absl::Status err = raw.Control([](int) { FAIL(); });
  EXPECT_EQ(Text(err), "raw-control tcp " + p.client.LocalAddr().String() +
                           ": use of closed network connection");
  EXPECT_FALSE(net::RawConn().Control([](int) {}).ok());
}

// ---- write_unix_test.go ----

// A writer that waits for room does not spin: f is asked once for each edge.
GO_TEST(WriteUnixTest, TestEndlessWrite) {
  const LocalPair p = Connect("unix");
  const net::RawConn raw = p.client.As<net::UnixConn>().SyscallConn();
  EXPECT_TRUE(
      p.client.SetWriteDeadline(absl::Now() + absl::Milliseconds(50)).ok());
  int calls = 0;
  const absl::Status err = raw.Write([&](int) {
    ++calls;
    return false;  // pretends that there is never room
  });
  EXPECT_TRUE(net::IsTimeout(err)) << err;
  EXPECT_LE(calls, 5);
  EXPECT_GE(calls, 1);
}

}  // namespace
}  // namespace parkour::tests
