// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/net/net_test.go, by meaning.

#include "parkour/tests/conformance/net/local.h"

namespace parkour::tests {
namespace {

class NetTest : public LocalTest {};

constexpr const char* kStreams[] = {"tcp", "unix", "unixpacket"};

GO_TEST(NetTest, TestCloseRead) {
  for (const char* network : kStreams) {
    const LocalPair p = Connect(network);
    ASSERT_TRUE(p.client.CloseRead().ok()) << network;
    char b;
    const io::Result r = p.client.Read({&b, 1});
    EXPECT_EQ(r.n, 0u) << network;
    EXPECT_FALSE(r.ok()) << network;
  }
}

GO_TEST(NetTest, TestCloseWrite) {
  for (const char* network : kStreams) {
    const LocalPair p = Connect(network);
    ASSERT_TRUE(p.server.CloseWrite().ok()) << network;
    char b[1];
    // The peer sees the end, and can still answer.
    io::Result r = p.client.Read(b);
    EXPECT_EQ(r.n, 0u) << network;
    EXPECT_TRUE(io::IsEOF(r.err)) << network << " " << r.err;
    EXPECT_TRUE(p.client.Write("x").ok()) << network;
    r = p.server.Read(b);
    EXPECT_EQ(r.n, 1u) << network;
    r = p.server.Write("y");
    EXPECT_FALSE(r.ok()) << network;
    EXPECT_EQ(base::ErrnoOf(r.err), EPIPE) << network << " " << r.err;
  }
}

GO_TEST(NetTest, TestConnClose) {
  for (const char* network : kStreams) {
    const LocalPair p = Connect(network);
    ASSERT_TRUE(p.client.Close().ok()) << network;
    char b[1];
    EXPECT_TRUE(net::IsClosed(p.client.Read(b).err)) << network;
    EXPECT_TRUE(net::IsClosed(p.client.Write("x").err)) << network;
    EXPECT_TRUE(net::IsClosed(p.client.Close())) << network;
  }
}

GO_TEST(NetTest, TestListenerClose) {
  for (const char* network : kStreams) {
    const net::Listener ln = LocalListener(network);
    const net::Addr addr = ln.Addr();
    ASSERT_TRUE(ln.Close().ok()) << network;
    EXPECT_TRUE(net::IsClosed(ln.Accept().status())) << network;
    EXPECT_TRUE(net::IsClosed(ln.Close())) << network;
    if (addr.unix_addr() != nullptr) {
      EXPECT_NE(access(addr.unix_addr()->name.c_str(), F_OK), 0) << network;
    }
    EXPECT_FALSE(DialLocal(addr).ok()) << network;
  }
}

GO_TEST(NetTest, TestPacketConnClose) {
  const std::string path = SocketPath();
  const absl::StatusOr<net::UnixConn> gram =
      net::ListenUnixgram("unixgram", net::UnixAddr{path, "unixgram"});
  ASSERT_TRUE(gram.ok()) << gram.status();
  for (const net::PacketConn& conn :
       {net::PacketConn(LocalUDP()), net::PacketConn(*gram)}) {
    ASSERT_TRUE(conn.Close().ok());
    char b[1];
    EXPECT_TRUE(net::IsClosed(conn.ReadFrom(b).err));
    EXPECT_TRUE(net::IsClosed(conn.WriteTo("x", conn.LocalAddr()).err));
    EXPECT_TRUE(net::IsClosed(conn.Close()));
  }
  unlink(path.c_str());
}

GO_TEST(NetTest, TestZeroByteRead) {
  for (const char* network : kStreams) {
    const LocalPair p = Connect(network);
    const io::Result r = p.client.Read({});
    EXPECT_EQ(r.n, 0u);
    EXPECT_TRUE(r.ok()) << network << " " << r.err;
  }
}

// A deadline that is set while somebody reads ends the read.
GO_TEST(NetTest, TestReadTimeoutUnblocksRead) {
  for (const char* network : kStreams) {
    const LocalPair p = Connect(network);
    sync::WaitGroup wg;
    wg.Go([&] {
      char b[1];
      const io::Result r = p.server.Read(b);
      EXPECT_TRUE(net::IsTimeout(r.err)) << network << " " << r.err;
    });
    ASSERT_TRUE(poll::testing::AwaitParked(1));
    EXPECT_TRUE(p.server.SetReadDeadline(Past()).ok());
    wg.Wait();
    ASSERT_TRUE(poll::testing::AwaitNobodyParked());
  }
}

GO_TEST(NetTest, TestCloseUnblocksRead) {
  for (const char* network : kStreams) {
    const LocalPair p = Connect(network);
    sync::WaitGroup wg;
    wg.Go([&] {
      char b[1];
      const io::Result r = p.server.Read(b);
      EXPECT_TRUE(io::IsEOF(r.err)) << network << " " << r.err;
    });
    ASSERT_TRUE(poll::testing::AwaitParked(1));
    EXPECT_TRUE(p.client.Close().ok());
    wg.Wait();
    ASSERT_TRUE(poll::testing::AwaitNobodyParked());
  }
}

GO_TEST(NetTest, TestNotTemporaryRead) {
  for (int i = 0; i < 20; ++i) {
    const LocalPair p = Connect("tcp");
    EXPECT_TRUE(p.server.As<net::TCPConn>().SetLinger(0).ok());
    EXPECT_TRUE(p.server.Close().ok());
    char b[1];
    const io::Result r = p.client.Read(b);
    ASSERT_FALSE(r.ok());
    EXPECT_FALSE(io::IsEOF(r.err)) << r.err;
    EXPECT_FALSE(net::IsTemporary(r.err)) << r.err;
  }
}

// Go asks whether its error types are errors; ours are all one type. What can
// be asked is that each tells what it is.
GO_TEST(NetTest, TestErrors) {
  const LocalPair p = Connect("tcp");
  EXPECT_TRUE(p.client.Close().ok());
  const auto error = net::OpErrorOf(p.client.Write("x").err);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->op, "write");
  EXPECT_EQ(error->net, "tcp");
  EXPECT_EQ(error->source, p.client.LocalAddr().String());
  EXPECT_EQ(error->addr, p.client.RemoteAddr().String());
  EXPECT_TRUE(error->closed);
}

}  // namespace
}  // namespace parkour::tests
