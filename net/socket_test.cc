// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Sockets that come from somebody else or go to somebody else, their options,
// ancillary data, and the words of what is wrong with them.

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "parkour/net/net.h"
#include "parkour/poll/testing.h"

namespace parkour::net {
namespace {

using poll::testing::AwaitParked;
using poll::testing::Eventually;
using poll::testing::InGoroutine;

class SocketTest : public poll::testing::LeakTest {};

struct Pair {
  Conn client, server;
  std::string name;  // of the client: "A->B", as in errors
};

Listener MustListen(std::string_view network = "tcp") {
  absl::StatusOr<Listener> ln =
      Listen(network, network == "tcp" ? "127.0.0.1:0" : "");
  EXPECT_TRUE(ln.ok()) << ln.status();
  return *ln;
}

Pair PairOf(const Listener& ln) {
  const Addr at = ln.Addr();
  absl::StatusOr<Conn> client = Dial(at.Network(), at.String());
  absl::StatusOr<Conn> server = ln.Accept();
  EXPECT_TRUE(client.ok() && server.ok()) << client.status();
  return {*client, *server,
          client->LocalAddr().String() + "->" + client->RemoteAddr().String()};
}

int Option(const Conn& c, int level, int name) {
  int value = -1;
  socklen_t len = sizeof(value);
  c.As<TCPConn>()
      .SyscallConn()
      .Control([&](int fd) { getsockopt(fd, level, name, &value, &len); })
      .IgnoreError();
  return value;
}

void MakeBlocking(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

// ---- Somebody else's ----

// As of a socket that systemd made.
TEST_F(SocketTest, AdoptedSocketsHaveTheUsualOptions) {
  InGoroutine([] {
    const absl::StatusOr<Listener> ln =
        FileListener(File(poll::testing::RawListen(), "systemd"));
    ASSERT_TRUE(ln.ok()) << ln.status();
    const int raw = poll::testing::RawDial(ln->Addr().tcp()->port);
    const int zero = 0;
    setsockopt(raw, IPPROTO_TCP, TCP_NODELAY, &zero, sizeof(zero));
    const absl::StatusOr<Conn> server = ln->Accept();
    const absl::StatusOr<Conn> client = FileConn(File(raw, "raw"));
    ASSERT_TRUE(server.ok() && client.ok());
    for (const Conn& c : {*server, *client}) {
      EXPECT_EQ(Option(c, IPPROTO_TCP, TCP_NODELAY), 1);
      EXPECT_EQ(Option(c, SOL_SOCKET, SO_KEEPALIVE), 1);
      EXPECT_EQ(Option(c, IPPROTO_TCP, TCP_KEEPIDLE), 15);
      EXPECT_EQ(Option(c, IPPROTO_TCP, TCP_KEEPINTVL), 15);
      EXPECT_EQ(Option(c, IPPROTO_TCP, TCP_KEEPCNT), 9);
    }
  });
}

// Who shares the description has made it blocking: a copy must neither block
// the thread nor miss its deadline.
TEST_F(SocketTest, CopiesOfSharedSocketsDoNotBlock) {
  InGoroutine([] {
    const Listener ln = MustListen();
    const Pair in = PairOf(ln), out = PairOf(ln);
    const absl::StatusOr<File> shared = in.server.As<TCPConn>().File();
    ASSERT_TRUE(shared.ok());
    MakeBlocking(shared->Fd());
    base::Atomic<bool> ended{false};
    sync::WaitGroup wg;
    wg.Go([&] {
      const io::Result r = io::Copy(out.client, in.server);
      EXPECT_EQ(r.n, 8192u);
      EXPECT_TRUE(IsTimeout(r.err)) << r.err;
      ended.store(true);
    });
    EXPECT_TRUE(in.client.Write(std::string(8192, 'x')).ok());
    std::string got(8192, '\0');
    EXPECT_TRUE(io::ReadFull(out.server, {got.data(), got.size()}).ok());
    EXPECT_TRUE(AwaitParked(1));
    EXPECT_TRUE(in.server.SetReadDeadline(absl::Now()).ok());
    EXPECT_TRUE(Eventually([&] { return ended.load(); }));
    EXPECT_TRUE(in.client.Close().ok());  // would end a splice that blocks
    wg.Wait();
  });
}

// Go's os.File waits as well, though the number is non-blocking.
TEST_F(SocketTest, FilesOfConnectionsWait) {
  InGoroutine([] {
    const Pair p = PairOf(MustListen());
    const absl::StatusOr<File> file = p.client.As<TCPConn>().File();
    ASSERT_TRUE(file.ok()) << file.status();
    base::Atomic<bool> read{false};
    sync::WaitGroup wg;
    wg.Go([&] {
      char buf[8];
      const io::Result r = file->Read(buf);
      EXPECT_TRUE(r.ok()) << r.err;
      EXPECT_EQ(r.n, 2u);
      read.store(true);
    });
    time::Sleep(absl::Milliseconds(20));  // it must not come
    EXPECT_FALSE(read.load());
    EXPECT_TRUE(p.server.Write("hi").ok());
    wg.Wait();
    const std::string large(16 << 20, 'w');
    wg.Go([&] {
      const io::Result w = file->Write(large);
      EXPECT_TRUE(w.ok()) << w.err;
      EXPECT_EQ(w.n, large.size());
      EXPECT_TRUE(p.client.CloseWrite().ok());
    });
    time::Sleep(absl::Milliseconds(20));  // until the buffers are full
    EXPECT_TRUE(io::ReadAll(p.server).value_or("") == large);
    wg.Wait();
  });
}

TEST_F(SocketTest, ListenersAreNotReadRaw) {
  InGoroutine([] {
    const auto never = [](int) {
      ADD_FAILURE();
      return true;
    };
    const Listener tcp = MustListen(), local = MustListen("unix");
    for (const RawConn& raw : {tcp.As<TCPListener>().SyscallConn(),
                               local.As<UnixListener>().SyscallConn()}) {
      EXPECT_EQ(raw.Read(never), base::ErrnoStatus(EINVAL));
      EXPECT_EQ(raw.Write(never), base::ErrnoStatus(EINVAL));
      EXPECT_TRUE(raw.Control([](int) {}).ok());
    }
  });
}

// ---- Descriptors in messages ----

// Of no bytes at all: it is not the end of the connection.
TEST_F(SocketTest, EmptyMessageWithADescriptor) {
  InGoroutine([] {
    const Pair p = PairOf(MustListen("unixpacket"));
    const int raw = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string rights = UnixRights({&raw, 1});
    EXPECT_TRUE(p.client.As<UnixConn>()
                    .SyscallConn()
                    .Control([&](int fd) {
                      msghdr msg{};
                      msg.msg_control = rights.data();
                      msg.msg_controllen = rights.size();
                      EXPECT_EQ(sendmsg(fd, &msg, 0), 0) << errno;
                    })
                    .ok());
    close(raw);
    char buf[8], oob[64];
    const UnixConn server = p.server.As<UnixConn>();
    const ReadMsgResult got = server.ReadMsg(buf, oob);
    EXPECT_TRUE(got.ok()) << got.err;
    EXPECT_EQ(got.n, 0u);
    const auto fds = ParseUnixRights({oob, got.oobn});
    ASSERT_TRUE(fds.ok()) << fds.status();
    ASSERT_EQ(fds->size(), 1u);
    EXPECT_EQ(close(fds->front()), 0);
    EXPECT_TRUE(p.client.Close().ok());
    EXPECT_TRUE(io::IsEOF(server.ReadMsg(buf, oob).err));
  });
}

// What was found before the nonsense is nobody's: it must not stay open.
TEST_F(SocketTest, MalformedRightsLeaveNothingOpen) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto fds =
      ParseUnixRights(UnixRights({&fd, 1}) + std::string(CMSG_SPACE(4), '\0'));
  EXPECT_EQ(fds.status(), base::ErrnoStatus(EINVAL));
  EXPECT_EQ(fcntl(fd, F_GETFD), -1);
}

// ---- Options ----

// Longer than the kernel's nine hours: the connection is one all the same.
TEST_F(SocketTest, KeepAliveBeyondAllBounds) {
  InGoroutine([] {
    for (const absl::Duration d : {absl::Hours(10), absl::InfiniteDuration()}) {
      const auto ln = ListenConfig{.KeepAlive = d}.Listen(context::Background(),
                                                          "tcp", "127.0.0.1:0");
      ASSERT_TRUE(ln.ok()) << ln.status();
      const auto c = Dialer{.KeepAlive = d}.Dial("tcp", ln->Addr().String());
      ASSERT_TRUE(c.ok()) << c.status();
      EXPECT_EQ(Option(*c, SOL_SOCKET, SO_KEEPALIVE), 1);
      EXPECT_EQ(Option(*c, IPPROTO_TCP, TCP_NODELAY), 1);
      // Who asks for it is told.
      EXPECT_EQ(base::ErrnoOf(c->As<TCPConn>().SetKeepAlivePeriod(d)), EINVAL);
    }
  });
}

TEST_F(SocketTest, KeepAlivePeriodIsTheIdleTime) {
  InGoroutine([] {
    const Pair p = PairOf(MustListen());
    const TCPConn c = p.client.As<TCPConn>();
    EXPECT_TRUE(c.SetKeepAlivePeriod(absl::Seconds(3)).ok());
    EXPECT_TRUE(c.SetKeepAlivePeriod(absl::Seconds(-1)).ok());
    EXPECT_EQ(Option(c, IPPROTO_TCP, TCP_KEEPIDLE), 3);
    EXPECT_EQ(Option(c, IPPROTO_TCP, TCP_KEEPINTVL), 15);
    EXPECT_EQ(TCPConn().SetKeepAlivePeriod(absl::Seconds(-1)),
              base::ErrnoStatus(EINVAL));
  });
}

TEST_F(SocketTest, ErrorsOfOptionsNameBothEnds) {
  InGoroutine([] {
    const Pair p = PairOf(MustListen());
    const TCPConn c = p.client.As<TCPConn>();
    EXPECT_EQ(c.SetKeepAlivePeriod(absl::Hours(10)).message(),
              "set tcp " + p.name + ": setsockopt: invalid argument");
    EXPECT_TRUE(c.Close().ok());
    for (const absl::Status& st :
         {c.SetNoDelay(true), c.SetKeepAlive(true), c.SetLinger(1),
          c.SetKeepAlivePeriod({}), c.SetKeepAliveConfig({})}) {
      EXPECT_EQ(st.message(),
                "set tcp " + p.name + ": use of closed network connection");
    }
    for (const absl::Status& st : {c.SetReadBuffer(1), c.SetWriteBuffer(1)}) {
      EXPECT_EQ(st.message(), "set tcp " + c.LocalAddr().String() +
                                  ": use of closed network connection");
    }
  });
}

// ---- Addresses ----

TEST_F(SocketTest, AddressesThatDoNotFit) {
  InGoroutine([] {
    const TCPAddr six{.ip = IPv6loopback, .port = 80};
    const TCPAddr large{.ip = IPv4(127, 0, 0, 1), .port = 70000};
    EXPECT_EQ(DialTCP("tcp4", {}, six).status().message(),
              "dial tcp4 [::1]:80: address ::1: non-IPv4 address");
    EXPECT_EQ(ListenTCP("tcp4", six).status().message(),
              "listen tcp4 [::1]:80: address ::1: non-IPv4 address");
    EXPECT_EQ(DialTCP("tcp", {}, large).status().message(),
              "dial tcp 127.0.0.1:70000: connect: invalid argument");
    EXPECT_EQ(ListenTCP("tcp", large).status().message(),
              "listen tcp 127.0.0.1:70000: bind: invalid argument");
    const auto udp = ListenUDP("udp4", UDPAddr{.ip = IPv4(127, 0, 0, 1)});
    ASSERT_TRUE(udp.ok()) << udp.status();
    const std::string to = "write udp4 " + udp->LocalAddr().String() + "->";
    EXPECT_EQ(
        udp->WriteTo("x", UDPAddr{.ip = IPv6loopback, .port = 9}).err.message(),
        to + "[::1]:9: address ::1: non-IPv4 address");
    const UDPAddr far{.ip = IPv4(127, 0, 0, 1), .port = -1};
    EXPECT_EQ(udp->WriteTo("x", far).err.message(),
              to + "127.0.0.1:-1: sendto: invalid argument");
    EXPECT_EQ(udp->WriteMsg("x", {}, far).err.message(),
              to + "127.0.0.1:-1: sendmsg: invalid argument");
  });
}

// A group's port may be several listeners', who hear what comes to any address.
TEST_F(SocketTest, MulticastListenersShareThePort) {
  InGoroutine([] {
    UDPAddr group{.ip = IPv4(224, 0, 0, 254)};
    const auto a = ListenUDP("udp4", group);
    ASSERT_TRUE(a.ok()) << a.status();
    const int port = a->LocalAddr().udp()->port;
    EXPECT_EQ(a->LocalAddr().String(), "0.0.0.0:" + std::to_string(port));
    group.port = port;
    const auto b = ListenPacket("udp", group.String());
    ASSERT_TRUE(b.ok()) << b.status();
    EXPECT_TRUE(b->Close().ok());
    const auto to = Dial("udp", "127.0.0.1:" + std::to_string(port));
    ASSERT_TRUE(to.ok()) << to.status();
    EXPECT_TRUE(to->Write("hello").ok());
    char buf[8];
    EXPECT_EQ(a->ReadFrom(buf).n, 5u);
    // An address of one's own stays one's own.
    EXPECT_EQ(base::ErrnoOf(ListenUDP("udp4", UDPAddr{.ip = IPv4(127, 0, 0, 1),
                                                      .port = port})
                                .status()),
              EADDRINUSE);
  });
}

// ---- LimitListener ----

TEST_F(SocketTest, LimitListenerWaitsUntilTheDeadline) {
  InGoroutine([] {
    const Listener ln = LimitListener(MustListen(), 1);
    const Pair first = PairOf(ln);
    const std::string late =
        "accept tcp " + ln.Addr().String() + ": i/o timeout";
    const auto accept = [&] {
      const absl::Status err = ln.Accept().status();
      EXPECT_EQ(err.message(), late);
      EXPECT_TRUE(IsTimeout(err));
    };
    EXPECT_TRUE(ln.SetDeadline(absl::Now() + absl::Milliseconds(5)).ok());
    accept();
    accept();  // it stays
    // Set, and brought forward, while somebody waits.
    EXPECT_TRUE(ln.SetDeadline(absl::InfiniteFuture()).ok());
    sync::WaitGroup wg;
    wg.Go(accept);
    time::Sleep(absl::Milliseconds(5));  // or it comes before: no matter
    EXPECT_TRUE(ln.SetDeadline(absl::Now() + absl::Hours(1)).ok());
    time::Sleep(absl::Milliseconds(5));
    EXPECT_TRUE(ln.SetDeadline(absl::Now()).ok());
    wg.Wait();
    // Taken back: a place counts again.
    EXPECT_TRUE(ln.SetDeadline(absl::InfiniteFuture()).ok());
    EXPECT_TRUE(first.server.Close().ok());
    EXPECT_EQ(PairOf(ln).server.LocalAddr(), ln.Addr());
  });
}

}  // namespace
}  // namespace parkour::net
