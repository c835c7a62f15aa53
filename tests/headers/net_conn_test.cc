// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The examples of net's headers about connections.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "parkour/net/net.h"
#include "parkour/runtime/go.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/headers/conns.h"

using namespace parkour;

namespace {

// ---- net/conn.h ----

class Counted final : public net::ConnWrapper {
 public:
  using ConnWrapper::ConnWrapper;
  io::Result Write(std::string_view data) override {
    io::Result put = conn().Write(data);
    total += put.n;
    return put;
  }
  uint64_t total = 0;
};

TEST(NetConn, Wrapper) {
  const tests::Conns conns = tests::Connect();
  const net::Conn inner = conns.conn;
  net::Conn conn = net::MakeConn<Counted>(inner);
  EXPECT_TRUE(conn.Write("12345").ok());
  EXPECT_EQ(conn.As<Counted>()->total, 5u);
  EXPECT_FALSE(conn.As<net::TCPConn>());
}

// ---- net/conn_impl.h ----

class Silence final : public net::ConnImpl {
 public:
  io::Result Read(std::span<char>) override { return {0, io::EOF()}; }
  io::Result Write(std::string_view s) override { return {s.size(), {}}; }
  absl::Status Close() override { return absl::OkStatus(); }
  net::Addr LocalAddr() override { return {}; }
  net::Addr RemoteAddr() override { return {}; }
  absl::Status SetReadDeadline(absl::Time) override { return {}; }
  absl::Status SetWriteDeadline(absl::Time) override { return {}; }
};

TEST(NetConn, Impl) {
  net::Conn conn = net::MakeConn<Silence>();
  EXPECT_EQ(conn.Write("hello").n, 5u);
  EXPECT_EQ(io::ReadAll(conn).value_or("an error"), "");
  EXPECT_TRUE(conn.SetDeadline(absl::Now()).ok());
  EXPECT_FALSE(conn.CloseWrite().ok());
}

// ---- net/tcp.h ----

TEST(NetConn, Tcp) {
  const net::Conn conn = tests::Connect().conn;
  bool was = false;
  if (net::TCPConn tcp = conn.As<net::TCPConn>()) {
    tcp.SetLinger(0).IgnoreError();
    was = true;
  }
  EXPECT_TRUE(was);
}

// ---- net/keepalive.h ----

TEST(NetConn, KeepAlive) {
  const net::Conn conn = tests::Connect().conn;
  const net::TCPConn tcp = conn.As<net::TCPConn>();
  const absl::Status err =
      tcp.SetKeepAliveConfig({.Enable = true, .Idle = absl::Seconds(30)});
  EXPECT_TRUE(err.ok()) << err;
}

// ---- net/raw_conn.h ----

TEST(NetConn, Raw) {
  const net::Conn conn = tests::Connect().conn;
  const net::TCPConn tcp = conn.As<net::TCPConn>();
  int mss = 0;
  absl::Status err = tcp.SyscallConn().Control([&](int fd) {
    socklen_t len = sizeof(mss);
    getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, &len);
  });
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_GT(mss, 0);
}

// ---- net/udp.h ----

std::string Answer(const char* buf, size_t n) {
  return "re: " + std::string(buf, n);
}

TEST(NetConn, Udp) {
  const auto client = net::ListenUDP(
      "udp4", net::UDPAddr{.ip = net::IPv4(127, 0, 0, 1), .port = 0});
  ASSERT_TRUE(client.ok()) << client.status();
  const auto Serve = [&](int port) {
    // The example has port 53.
    auto conn = net::ListenUDP("udp", net::UDPAddr{.port = port});
    ASSERT_TRUE(conn.ok()) << conn.status();
    const int there = conn->LocalAddr().udp()->port;
    ASSERT_TRUE(client
                    ->WriteTo("ask", net::UDPAddr{.ip = net::IPv4(127, 0, 0, 1),
                                                  .port = there})
                    .ok());
    char buf[64];
    net::ReadFromResult got = conn->ReadFrom(buf);
    io::Result put;
    if (got.ok()) put = conn->WriteTo(Answer(buf, got.n), got.addr);
    EXPECT_TRUE(put.ok()) << put.err;
  };
  Serve(0);
  char buf[64];
  const net::ReadFromResult answer = client->ReadFrom(buf);
  EXPECT_EQ(std::string(buf, answer.n), "re: ask");
}

// ---- net/packet.h ----

TEST(NetConn, Packet) {
  const auto conn = net::ListenUDP(
      "udp4", net::UDPAddr{.ip = net::IPv4(127, 0, 0, 1), .port = 0});
  ASSERT_TRUE(conn.ok()) << conn.status();
  EXPECT_TRUE(conn->WriteTo("too long", conn->LocalAddr()).ok());
  char buf[4], oob[4];
  bool longer = false;
  const auto Read = [&](const net::UDPConn& conn) {
    net::ReadMsgResult got = conn.ReadMsg(buf, oob);
    if (got.flags & MSG_TRUNC) longer = true;
  };
  Read(*conn);
  EXPECT_TRUE(longer);
}

// ---- net/unix.h ----

TEST(NetConn, Unix) {
  const auto ln = net::ListenUnix("unix", net::UnixAddr{"", "unix"});
  ASSERT_TRUE(ln.ok()) << ln.status();
  const auto dialled = net::DialUnix("unix", {}, ln->Addr());
  const auto accepted = ln->AcceptUnix();
  ASSERT_TRUE(dialled.ok() && accepted.ok());
  char buf[32];
  const auto Give = [](const net::UnixConn& conn, const net::File& file) {
    const int fds[] = {file.Fd()};
    conn.WriteMsg("take this", net::UnixRights(fds), {}).err.IgnoreError();
  };
  const auto Take = [&](const net::UnixConn& conn) {
    char oob[64];
    net::ReadMsgResult got = conn.ReadMsg(buf, oob);
    auto received = net::ParseUnixRights({oob, got.oobn});
    return received;
  };
  const auto file = net::OpenFile("/dev/null");
  ASSERT_TRUE(file.ok()) << file.status();
  Give(*dialled, *file);
  const auto received = Take(*accepted);
  ASSERT_TRUE(received.ok()) << received.status();
  ASSERT_EQ(received->size(), 1u);
  EXPECT_EQ(close(received->front()), 0);
}

// ---- net/file.h ----

absl::Status SendPage(const net::Conn& conn, const std::string& path) {
  absl::StatusOr<net::File> page = net::OpenFile(path);
  if (!page.ok()) return page.status();
  io::Result sent = io::Copy(conn, *page);
  return sent.err;
}

TEST(NetConn, File) {
  const std::string path =
      "/tmp/parkour-page-" + std::to_string(getpid()) + ".html";
  std::ofstream(path) << "<p>Hello";
  const tests::Conns conns = tests::Connect();
  EXPECT_TRUE(SendPage(conns.conn, path).ok());
  EXPECT_EQ(tests::CloseAndReceive(conns), "<p>Hello");
  unlink(path.c_str());
  EXPECT_EQ(SendPage(conns.conn, path).message(),
            "open " + path + ": no such file or directory");

  const auto listener = net::ListenTCP("tcp", {});
  ASSERT_TRUE(listener.ok()) << listener.status();
  absl::StatusOr<net::File> dup = listener->File();
  absl::StatusOr<net::Listener> ln = net::FileListener(*dup);
  ASSERT_TRUE(ln.ok()) << ln.status();
  EXPECT_EQ(ln->Addr(), listener->Addr());
}

// ---- net/limit_listener.h ----

TEST(NetConn, Limit) {
  const absl::StatusOr<net::Listener> listening =
      net::Listen("tcp", "127.0.0.1:0");
  ASSERT_TRUE(listening.ok()) << listening.status();
  net::Listener ln = net::LimitListener(*listening, 1000);
  const auto peer = net::Dial("tcp", ln.Addr().String());
  auto conn = ln.Accept();
  EXPECT_TRUE(conn.ok()) << conn.status();
}

// ---- net/pipe.h ----

void Serve(const net::Conn& conn, std::string* got) {
  *got = io::ReadAll(conn).value_or("an error");
}

TEST(NetConn, Pipe) {
  std::string got;
  sync::WaitGroup wg;
  auto [client, server] = net::Pipe();
  wg.Go([server = server, &got] { Serve(server, &got); });
  EXPECT_TRUE(client.Write("hello").ok());
  EXPECT_TRUE(client.Close().ok());
  wg.Wait();
  EXPECT_EQ(got, "hello");
}

}  // namespace
