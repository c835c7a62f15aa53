// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/net/conn_test.go, packetconn_test.go, server_test.go,
// protoconn_test.go, by meaning.

#include "absl/strings/str_cat.h"
#include "parkour/tests/conformance/net/local.h"

namespace parkour::tests {
namespace {

class ConnTest : public LocalTest {};
class PacketConnTest : public LocalTest {};
class ServerTest : public LocalTest {};
class ProtoConnTest : public LocalTest {};

constexpr absl::Duration kSoon = absl::Seconds(60);

// Reads once and sends it back.
void Transponder(const net::Conn& c) {
  EXPECT_TRUE(c.SetDeadline(absl::Now() + kSoon).ok());
  char buf[256];
  const io::Result r = c.Read(buf);
  EXPECT_TRUE(r.ok()) << r.err;
  EXPECT_TRUE(c.Write({buf, r.n}).ok());
}

std::string Ask(const net::Conn& c, std::string_view text) {
  EXPECT_TRUE(c.SetDeadline(absl::Now() + kSoon).ok());
  EXPECT_TRUE(c.Write(text).ok());
  char buf[256];
  const io::Result r = c.Read(buf);
  EXPECT_TRUE(r.ok()) << r.err;
  return std::string(buf, r.n);
}

GO_TEST(ConnTest, TestConnAndListener) {
  for (const std::string network :
       {"tcp", "tcp4", "tcp6", "unix", "unixpacket"}) {
    const net::Listener ln = LocalListener(network);
    ASSERT_TRUE(ln) << network;
    const std::string plain = network.starts_with("tcp") ? "tcp" : network;
    EXPECT_EQ(ln.Addr().Network(), plain);
    const LocalPair p = ConnectTo(ln);
    EXPECT_EQ(p.client.LocalAddr().Network(), plain);
    EXPECT_EQ(p.client.RemoteAddr().Network(), plain);
    EXPECT_EQ(p.server.LocalAddr().Network(), plain);
    EXPECT_EQ(p.client.RemoteAddr().String(), ln.Addr().String());
    EXPECT_EQ(p.server.LocalAddr().String(), ln.Addr().String());
    EXPECT_EQ(p.server.RemoteAddr().String(), p.client.LocalAddr().String());
    sync::WaitGroup wg;
    wg.Go([&] { Transponder(p.server); });
    EXPECT_EQ(Ask(p.client, "CONN AND LISTENER TEST"),
              "CONN AND LISTENER TEST");
    wg.Wait();
  }
}

struct Gram {
  net::PacketConn conn;
  std::string path;
  Gram(const Gram&) = delete;
  explicit Gram(std::string_view network) {
    if (network != "unixgram") {
      conn = LocalUDP(network);
      return;
    }
    path = SocketPath();
    auto c = net::ListenUnixgram("unixgram", net::UnixAddr{path, "unixgram"});
    EXPECT_TRUE(c.ok()) << c.status();
    if (c.ok()) conn = *c;
  }
  ~Gram() {
    conn.Close().IgnoreError();
    if (!path.empty()) unlink(path.c_str());
  }
};

GO_TEST(PacketConnTest, TestPacketConn) {
  for (const std::string network : {"udp4", "udp6", "unixgram"}) {
    const Gram a(network), b(network);
    char buf[128];
    EXPECT_TRUE(a.conn.SetDeadline(absl::Now() + kSoon).ok());
    EXPECT_TRUE(b.conn.SetDeadline(absl::Now() + kSoon).ok());
    const io::Result sent = a.conn.WriteTo("PACKETCONN", b.conn.LocalAddr());
    EXPECT_EQ(sent.n, 10u) << sent.err;
    const net::ReadFromResult got = b.conn.ReadFrom(buf);
    ASSERT_TRUE(got.ok()) << got.err;
    EXPECT_EQ(std::string(buf, got.n), "PACKETCONN");
    EXPECT_EQ(got.addr.String(), a.conn.LocalAddr().String());
    EXPECT_TRUE(b.conn.WriteTo("BACK", got.addr).ok());
    const net::ReadFromResult back = a.conn.ReadFrom(buf);
    EXPECT_EQ(std::string(buf, back.n), "BACK");
    EXPECT_EQ(back.addr.String(), b.conn.LocalAddr().String());
  }
}

GO_TEST(PacketConnTest, TestConnAndPacketConn) {
  for (const std::string network : {"udp4", "udp6", "unixgram"}) {
    const Gram server(network);
    net::Conn client;
    std::string path;
    if (network == "unixgram") {
      path = SocketPath();
      auto c = net::DialUnix(network, net::UnixAddr{path, network},
                             server.conn.LocalAddr());
      ASSERT_TRUE(c.ok()) << c.status();
      client = *c;
    } else {
      auto c = net::DialUDP(network, {}, server.conn.LocalAddr());
      ASSERT_TRUE(c.ok()) << c.status();
      client = *c;
    }
    sync::WaitGroup wg;
    wg.Go([&] {
      char buf[128];
      const net::ReadFromResult got = server.conn.ReadFrom(buf);
      EXPECT_TRUE(got.ok()) << got.err;
      EXPECT_EQ(got.addr.String(), client.LocalAddr().String());
      EXPECT_TRUE(server.conn.WriteTo({buf, got.n}, got.addr).ok());
    });
    EXPECT_EQ(Ask(client, "PACKET AND CONN"), "PACKET AND CONN") << network;
    wg.Wait();
    client.Close().IgnoreError();
    if (!path.empty()) unlink(path.c_str());
  }
}

// ---- server_test.go ----

void ServeAndDial(std::string_view network, int listeners, int dials) {
  std::vector<net::Listener> lns;
  sync::WaitGroup servers, clients;
  for (int i = 0; i < listeners; ++i) {
    lns.push_back(LocalListener(network));
    servers.Go([ln = lns.back(), dials] {
      for (int j = 0; j < dials; ++j) {
        absl::StatusOr<net::Conn> c = ln.Accept();
        if (!c.ok()) return;
        Transponder(*c);
      }
    });
  }
  for (const net::Listener& ln : lns) {
    for (int j = 0; j < dials; ++j) {
      clients.Go([addr = ln.Addr(), j] {
        const absl::StatusOr<net::Conn> c = DialLocal(addr);
        ASSERT_TRUE(c.ok()) << c.status();
        const std::string text = absl::StrCat("SERVER TEST ", j);
        EXPECT_EQ(Ask(*c, text), text);
      });
    }
  }
  clients.Wait();
  for (const net::Listener& ln : lns) EXPECT_TRUE(ln.Close().ok());
  servers.Wait();
}

GO_TEST(ServerTest, TestTCPServer) {
  ServeAndDial("tcp", 10, 10);
  ServeAndDial("tcp6", 3, 3);
}

GO_TEST(ServerTest, TestUnixAndUnixpacketServer) {
  ServeAndDial("unix", 10, 10);
  ServeAndDial("unixpacket", 10, 10);
}

void ServePackets(const std::string& network) {
  constexpr int kClients = 5;
  const Gram server(network);
  sync::WaitGroup wg;
  wg.Go([&] {
    char buf[256];
    for (int i = 0; i < kClients; ++i) {
      const net::ReadFromResult got = server.conn.ReadFrom(buf);
      ASSERT_TRUE(got.ok()) << got.err;
      EXPECT_TRUE(server.conn.WriteTo({buf, got.n}, got.addr).ok());
    }
  });
  for (int i = 0; i < kClients; ++i) {
    wg.Go([&, i] {
      const Gram client(network);
      const std::string text = absl::StrCat("PACKET SERVER ", i);
      EXPECT_TRUE(client.conn.WriteTo(text, server.conn.LocalAddr()).ok());
      char buf[256];
      const net::ReadFromResult got = client.conn.ReadFrom(buf);
      EXPECT_TRUE(got.ok()) << got.err;
      EXPECT_EQ(std::string(buf, got.n), text);
    });
  }
  wg.Wait();
}

GO_TEST(ServerTest, TestUDPServer) {
  ServePackets("udp4");
  ServePackets("udp6");
}

GO_TEST(ServerTest, TestUnixgramServer) { ServePackets("unixgram"); }

// ---- protoconn_test.go ----

GO_TEST(ProtoConnTest, TestTCPListenerSpecificMethods) {
  auto ln = net::ListenTCP("tcp4", net::TCPAddr{.ip = net::IPv4(127, 0, 0, 1)});
  ASSERT_TRUE(ln.ok()) << ln.status();
  EXPECT_EQ(ln->Addr().Network(), "tcp");
  EXPECT_TRUE(ln->SetDeadline(absl::Now() + absl::Nanoseconds(1)).ok());
  EXPECT_TRUE(net::IsTimeout(ln->Accept().status()));
  EXPECT_TRUE(net::IsTimeout(ln->AcceptTCP().status()));
  const auto file = ln->File();
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->Close().ok());
}

GO_TEST(ProtoConnTest, TestTCPConnSpecificMethods) {
  const LocalPair p = Connect("tcp");
  const net::TCPConn c = p.client.As<net::TCPConn>();
  ASSERT_TRUE(c);
  EXPECT_TRUE(c.SetKeepAlive(false).ok());
  EXPECT_TRUE(c.SetKeepAlivePeriod(absl::Seconds(3)).ok());
  EXPECT_TRUE(c.SetLinger(0).ok());
  EXPECT_TRUE(c.SetNoDelay(false).ok());
  EXPECT_NE(c.LocalAddr().tcp(), nullptr);
  EXPECT_NE(c.RemoteAddr().tcp(), nullptr);
  EXPECT_TRUE(c.SetReadBuffer(2048).ok());
  EXPECT_TRUE(c.SetWriteBuffer(2048).ok());
  EXPECT_TRUE(c.SetDeadline(absl::Now() + kSoon).ok());
  EXPECT_TRUE(c.SetReadDeadline(absl::Now() + kSoon).ok());
  EXPECT_TRUE(c.SetWriteDeadline(absl::Now() + kSoon).ok());
  sync::WaitGroup wg;
  wg.Go([&] { Transponder(p.server); });
  EXPECT_EQ(Ask(c, "TCPCONN TEST"), "TCPCONN TEST");
  wg.Wait();
  const auto file = c.File();
  ASSERT_TRUE(file.ok()) << file.status();
}

GO_TEST(ProtoConnTest, TestUDPConnSpecificMethods) {
  const net::UDPConn c = LocalUDP();
  EXPECT_NE(c.LocalAddr().udp(), nullptr);
  EXPECT_TRUE(c.RemoteAddr().IsNil());
  EXPECT_TRUE(c.SetDeadline(absl::Now() + kSoon).ok());
  EXPECT_TRUE(c.SetReadBuffer(2048).ok());
  EXPECT_TRUE(c.SetWriteBuffer(2048).ok());
  char buf[64];
  EXPECT_EQ(c.WriteTo("UDPCONN TEST", c.LocalAddr()).n, 12u);
  EXPECT_EQ(c.ReadFrom(buf).n, 12u);
  const net::WriteMsgResult sent = c.WriteMsg("UDPCONN", {}, c.LocalAddr());
  EXPECT_EQ(sent.n, 7u) << sent.err;
  EXPECT_EQ(sent.oobn, 0u);
  const net::ReadMsgResult got = c.ReadMsg(buf);
  EXPECT_EQ(got.n, 7u) << got.err;
  EXPECT_EQ(got.addr, c.LocalAddr());
  const auto file = c.File();
  ASSERT_TRUE(file.ok()) << file.status();
  // Write wants a peer.
  EXPECT_EQ(base::ErrnoOf(c.Write("x").err), EDESTADDRREQ);
}

GO_TEST(ProtoConnTest, TestUnixListenerSpecificMethods) {
  const std::string path = SocketPath();
  auto ln = net::ListenUnix("unix", net::UnixAddr{path, "unix"});
  ASSERT_TRUE(ln.ok()) << ln.status();
  EXPECT_EQ(ln->Addr().String(), path);
  EXPECT_TRUE(ln->SetDeadline(absl::Now() + absl::Nanoseconds(1)).ok());
  EXPECT_TRUE(net::IsTimeout(ln->Accept().status()));
  EXPECT_TRUE(net::IsTimeout(ln->AcceptUnix().status()));
  const auto file = ln->File();
  ASSERT_TRUE(file.ok()) << file.status();
}

GO_TEST(ProtoConnTest, TestUnixConnSpecificMethods) {
  const std::string a = SocketPath(), b = SocketPath();
  auto c1 = net::ListenUnixgram("unixgram", net::UnixAddr{a, "unixgram"});
  auto c2 = net::ListenUnixgram("unixgram", net::UnixAddr{b, "unixgram"});
  ASSERT_TRUE(c1.ok() && c2.ok()) << c1.status() << c2.status();
  EXPECT_EQ(c1->LocalAddr().String(), a);
  EXPECT_TRUE(c1->RemoteAddr().IsNil());
  EXPECT_TRUE(c1->SetDeadline(absl::Now() + kSoon).ok());
  EXPECT_TRUE(c1->SetReadBuffer(2048).ok());
  EXPECT_TRUE(c1->SetWriteBuffer(2048).ok());
  char buf[64];
  EXPECT_TRUE(c1->WriteTo("UNIXCONN TEST", c2->LocalAddr()).ok());
  const net::ReadFromResult got = c2->ReadFrom(buf);
  EXPECT_EQ(got.n, 13u) << got.err;
  EXPECT_EQ(got.addr, c1->LocalAddr());
  const net::WriteMsgResult sent = c2->WriteMsg("MSG", {}, c1->LocalAddr());
  EXPECT_EQ(sent.n, 3u) << sent.err;
  EXPECT_EQ(sent.oobn, 0u);
  char oob[64];
  const net::ReadMsgResult msg = c1->ReadMsg(buf, oob);
  EXPECT_EQ(msg.n, 3u) << msg.err;
  EXPECT_EQ(msg.oobn, 0u);
  EXPECT_EQ(msg.addr, c2->LocalAddr());
  const auto file = c1->File();
  EXPECT_TRUE(file.ok()) << file.status();
  unlink(a.c_str());
  unlink(b.c_str());
}

}  // namespace
}  // namespace parkour::tests
