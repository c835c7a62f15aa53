// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Handles over sockets, wrappers and foreign connections: As, WaitRead with a
// context, io::Copy between them, LimitListener, unix listeners' files.

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/net/net.h"
#include "parkour/net/sock_posix.h"
#include "parkour/poll/testing.h"
#include "parkour/runtime/test_util.h"

namespace parkour::net {
namespace {

using poll::testing::AwaitNobodyParked;
using poll::testing::AwaitParked;
using poll::testing::InGoroutine;
using runtime::testing::Scaled;

class HandlesTest : public poll::testing::LeakTest {};

struct Pair {
  Conn client, server;
};

Listener MustListen() {
  absl::StatusOr<Listener> ln = Listen("tcp", "127.0.0.1:0");
  EXPECT_TRUE(ln.ok()) << ln.status();
  return *ln;
}

Pair PairOf(const Listener& ln) {
  absl::StatusOr<Conn> client = Dial("tcp", ln.Addr().String());
  absl::StatusOr<Conn> server = ln.Accept();
  EXPECT_TRUE(client.ok() && server.ok()) << client.status();
  return {*client, *server};
}

Pair TcpPair() { return PairOf(MustListen()); }

Pair UnixPair(const std::string& network = "unix") {
  const auto ln = ListenUnix(network, UnixAddr{"", network});
  EXPECT_TRUE(ln.ok()) << ln.status();
  const auto client = DialUnix(network, {}, ln->Addr());
  EXPECT_TRUE(client.ok()) << client.status();
  return {*client, *ln->Accept()};
}

std::string Path() {
  static int last = 0;
  return "/tmp/parkour-h" + std::to_string(getpid()) + "-" +
         std::to_string(last++);
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// ---- As, wrappers, connections of one's own ----

class Counted final : public ConnWrapper {
 public:
  using ConnWrapper::ConnWrapper;
  io::Result Write(std::string_view data) override {
    ++writes;
    return conn().Write(data);
  }
  int writes = 0;
};

TEST_F(HandlesTest, As) {
  InGoroutine([] {
    const Pair tcp = TcpPair();
    const TCPConn as_tcp = tcp.client.As<TCPConn>();
    EXPECT_TRUE(as_tcp);
    EXPECT_TRUE(as_tcp == tcp.client);
    EXPECT_FALSE(tcp.client.As<UDPConn>());
    EXPECT_FALSE(tcp.client.As<UnixConn>());
    const Pair local = UnixPair();
    EXPECT_TRUE(local.client.As<UnixConn>());
    EXPECT_FALSE(local.client.As<TCPConn>());
    EXPECT_FALSE(Conn().As<TCPConn>());
    EXPECT_FALSE(Conn().As<Counted>());
    // Nil handles answer, of every kind.
    EXPECT_FALSE(TCPConn().SetNoDelay(true).ok());
    EXPECT_FALSE(TCPConn().File().ok());
    EXPECT_FALSE(TCPConn().WriteTo(tcp.client).ok());
    EXPECT_FALSE(UDPConn().ReadMsg({}).ok());
    EXPECT_FALSE(UnixConn().WriteMsg("x", {}, {}).ok());
    EXPECT_FALSE(UnixListener().AcceptUnix().ok());
    EXPECT_FALSE(TCPListener().SetDeadline(absl::Now()).ok());
    EXPECT_FALSE(PacketConn().Close().ok());
    EXPECT_TRUE(PacketConn().LocalAddr().IsNil());
    EXPECT_FALSE(Conn().WaitRead().ok());
    EXPECT_FALSE(Conn().HasReadFrom());

    const Listener ln = MustListen();
    EXPECT_TRUE(ln.As<TCPListener>());
    EXPECT_FALSE(ln.As<UnixListener>());
    ln.As<UnixListener>().SetUnlinkOnClose(true);
  });
}

TEST_F(HandlesTest, Wrappers) {
  InGoroutine([] {
    const Pair p = TcpPair();
    const Conn wrapped = MakeConn<Counted>(p.client);
    EXPECT_FALSE(wrapped.As<TCPConn>());
    EXPECT_FALSE(wrapped.HasReadFrom());
    const std::string_view bufs[] = {"a", "bc"};
    const io::Result r = wrapped.Writev(bufs);
    EXPECT_EQ(r.n, 3u);
    EXPECT_EQ(wrapped.As<Counted>()->writes, 2);
    EXPECT_TRUE(io::WriteString(wrapped, "d").ok());
    EXPECT_EQ(wrapped.LocalAddr(), p.client.LocalAddr());
    EXPECT_TRUE(p.server.WaitRead().ok());
    EXPECT_TRUE(wrapped.CloseWrite().ok());
    EXPECT_EQ(io::ReadAll(p.server).value_or(""), "abcd");
    EXPECT_TRUE(wrapped.Close().ok());
    EXPECT_TRUE(IsClosed(p.client.Close()));
    // What a pipe cannot do.
    auto [a, b] = Pipe();
    EXPECT_EQ(base::ErrnoOf(a.CloseWrite()), EOPNOTSUPP);
    EXPECT_EQ(base::ErrnoOf(a.WaitRead()), EOPNOTSUPP);
  });
}

// ---- WaitRead ----

TEST_F(HandlesTest, WaitReadWithContext) {
  InGoroutine([] {
    const Pair p = TcpPair();
    auto [ctx, cancel] = context::WithCancel(context::Background());
    sync::WaitGroup wg;
    wg.Go([&, ctx = ctx] {
      const absl::Status err = p.server.WaitRead(ctx);
      EXPECT_EQ(err.code(), absl::StatusCode::kCancelled);
      EXPECT_EQ(err.message(), "read tcp " + p.server.LocalAddr().String() +
                                   "->" + p.server.RemoteAddr().String() +
                                   ": operation was canceled");
    });
    ASSERT_TRUE(AwaitParked(1));
    cancel();
    wg.Wait();
    EXPECT_FALSE(p.server.WaitRead(ctx).ok());
    // Deadlines of others are untouched, and data comes as before.
    EXPECT_TRUE(p.client.Write("x").ok());
    EXPECT_TRUE(p.server.WaitRead(context::Background()).ok());
    char c;
    EXPECT_EQ(p.server.Read({&c, 1}).n, 1u);
    auto [late, stop] =
        context::WithTimeout(context::Background(), absl::Milliseconds(5));
    EXPECT_TRUE(IsTimeout(p.server.WaitRead(late)));
    stop();
  });
}

// ---- io::Copy ----

// Splices what comes from `from` into `to`; what arrives.
std::string Relay(const Pair& in, const Pair& out, const std::string& data) {
  sync::WaitGroup wg;
  wg.Go([&] {
    EXPECT_EQ(in.client.Write(data).n, data.size());
    EXPECT_TRUE(in.client.CloseWrite().ok());
  });
  wg.Go([&] {
    const io::Result r = io::Copy(out.client, in.server);
    EXPECT_TRUE(r.ok()) << r.err;
    EXPECT_EQ(r.n, data.size());
    EXPECT_TRUE(out.client.CloseWrite().ok());
  });
  std::string got = io::ReadAll(out.server).value_or("an error");
  wg.Wait();
  return got;
}

TEST_F(HandlesTest, CopyBetweenStreams) {
  InGoroutine([] {
    const std::string data(static_cast<size_t>(Scaled(2000000)), 'z');
    EXPECT_TRUE(Relay(TcpPair(), TcpPair(), data) == data);
    EXPECT_TRUE(Relay(TcpPair(), UnixPair(), data) == data);
    EXPECT_TRUE(Relay(UnixPair(), TcpPair(), data) == data);
    EXPECT_TRUE(Relay(UnixPair(), UnixPair(), data) == data);
    EXPECT_EQ(Relay(TcpPair(), TcpPair(), ""), "");
    // Those with messages, and those in memory, go through a buffer.
    const Pair packets = UnixPair("unixpacket");
    EXPECT_EQ(Relay(packets, TcpPair(), "message"), "message");
    EXPECT_FALSE(packets.client.HasReadFrom());
  });
}

TEST_F(HandlesTest, CopyThroughTypedHandlesAndLimits) {
  InGoroutine([] {
    const Pair in = TcpPair(), out = TcpPair();
    EXPECT_TRUE(in.client.Write("0123456789").ok());
    EXPECT_EQ(io::CopyN(out.client.As<TCPConn>(), in.server.As<TCPConn>(), 4).n,
              4u);
    io::LimitedReader limited = io::LimitReader(in.server, 3);
    EXPECT_EQ(io::Copy(out.client, limited).n, 3u);
    EXPECT_EQ(limited.n, 0);
    EXPECT_EQ(io::Copy(out.client, limited).n, 0u);
    EXPECT_TRUE(in.client.Close().ok());
    // To what is no socket.
    std::string rest;
    struct Collect {
      io::Result Write(std::string_view p) {
        text->append(p);
        return {p.size(), absl::OkStatus()};
      }
      std::string* text;
    } collect{&rest};
    EXPECT_EQ(io::Copy(collect, in.server.As<TCPConn>()).n, 3u);
    EXPECT_EQ(rest, "789");
    char buf[16];
    EXPECT_TRUE(io::ReadFull(out.server, {buf, 7}).ok());
    EXPECT_EQ(std::string(buf, 7), "0123456");
  });
}

// The error names the writing side, as Go's does, and the count is what it
// took.
TEST_F(HandlesTest, CopyErrors) {
  InGoroutine([] {
    const Pair in = TcpPair(), out = TcpPair();
    EXPECT_TRUE(in.client.Write("abc").ok());
    sync::WaitGroup wg;
    wg.Go([&] {
      const io::Result r = io::Copy(out.client, in.server);
      EXPECT_EQ(r.n, 3u);
      EXPECT_EQ(r.err.message(),
                "readfrom tcp " + out.client.LocalAddr().String() + "->" +
                    out.client.RemoteAddr().String() + ": i/o timeout");
    });
    char buf[3];
    EXPECT_TRUE(io::ReadFull(out.server, buf).ok());
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_TRUE(in.server.SetReadDeadline(absl::Now()).ok());
    wg.Wait();
    EXPECT_TRUE(out.client.Close().ok());
    EXPECT_TRUE(in.server.Write("x").ok());
    const io::Result closed = io::Copy(out.client, in.client);
    EXPECT_FALSE(closed.ok());
  });
}

// ---- Writev ----

TEST_F(HandlesTest, Writev) {
  InGoroutine([] {
    const Pair p = TcpPair();
    std::vector<std::string> pieces;
    std::string want;
    for (int i = 0; i < 5000; ++i) {
      pieces.push_back(std::to_string(i));
      want += pieces.back();
    }
    const std::vector<std::string_view> views(pieces.begin(), pieces.end());
    sync::WaitGroup wg;
    wg.Go([&] {
      EXPECT_EQ(p.client.Writev(views).n, want.size());
      EXPECT_TRUE(p.client.Close().ok());
    });
    EXPECT_TRUE(io::ReadAll(p.server).value_or("") == want);
    wg.Wait();
    const io::Result r = p.client.Writev(views);
    EXPECT_TRUE(IsClosed(r.err));
    EXPECT_EQ(OpErrorOf(r.err)->op, "writev");
  });
}

// ---- LimitListener ----

TEST_F(HandlesTest, LimitListenerHoldsBack) {
  InGoroutine([] {
    const Listener ln = LimitListener(MustListen(), 2);
    std::vector<Conn> clients, servers;
    for (int i = 0; i < 3; ++i) {
      clients.push_back(*Dial("tcp", ln.Addr().String()));
    }
    servers.push_back(*ln.Accept());
    servers.push_back(*ln.Accept());
    EXPECT_TRUE(servers[0].HasReadFrom());
    Chan<int> accepted = MakeChan<int>(1);
    sync::WaitGroup wg;
    wg.Go([&] {
      const absl::StatusOr<Conn> third = ln.Accept();
      EXPECT_TRUE(third.ok());
      accepted.Send(1);
    });
    time::Sleep(absl::Milliseconds(20));  // it must not come
    EXPECT_EQ(accepted.Len(), 0u);
    EXPECT_TRUE(servers[0].Close().ok());
    EXPECT_FALSE(servers[0].Close().ok());  // gives no second place
    wg.Wait();
    // A handle that is dropped gives its place back as well; so does closing
    // the listener to whoever waits.
    servers.clear();
    wg.Go([&] {
      std::vector<absl::StatusOr<Conn>> kept;
      for (;;) {
        kept.push_back(ln.Accept());
        if (!kept.back().ok()) break;
      }
      EXPECT_TRUE(IsClosed(kept.back().status())) << kept.back().status();
    });
    EXPECT_TRUE(ln.Close().ok());
    wg.Wait();
    EXPECT_TRUE(IsClosed(ln.Close()));
  });
}

TEST_F(HandlesTest, LimitListenerNeverExceeds) {
  InGoroutine([] {
    constexpr int kLimit = 5;
    const Listener ln = LimitListener(MustListen(), kLimit);
    base::Atomic<int> open{0};
    const int total = Scaled(200);
    sync::WaitGroup servers, clients;
    servers.Go([&] {
      for (int i = 0; i < total; ++i) {
        absl::StatusOr<Conn> c = ln.Accept();
        ASSERT_TRUE(c.ok());
        EXPECT_LE(open.fetch_add(1) + 1, kLimit);
        servers.Go([&, c = *c] {
          char buf[1];
          std::ignore = c.Read(buf);
          open.fetch_sub(1);
          EXPECT_TRUE(c.Close().ok());
        });
      }
    });
    for (int i = 0; i < total; ++i) {
      clients.Go([&] {
        const absl::StatusOr<Conn> c = Dial("tcp", ln.Addr().String());
        if (c.ok()) std::ignore = c->Write("x");
      });
    }
    clients.Wait();
    servers.Wait();
  });
}

// ---- Unix listeners' files ----

TEST_F(HandlesTest, SocketFilesGoWithTheirListener) {
  InGoroutine([] {
    const std::string path = Path();
    {
      auto ln = ListenUnix("unix", UnixAddr{path});
      ASSERT_TRUE(ln.ok()) << ln.status();
      EXPECT_TRUE(Exists(path));
      EXPECT_EQ(base::ErrnoOf(ListenUnix("unix", UnixAddr{path}).status()),
                EADDRINUSE);
      EXPECT_TRUE(Exists(path));
      EXPECT_TRUE(ln->Close().ok());
      EXPECT_FALSE(Exists(path));
      // Once only: the name may be another's by now.
      auto next = ListenUnix("unix", UnixAddr{path});
      ASSERT_TRUE(next.ok());
      EXPECT_FALSE(ln->Close().ok());
      EXPECT_TRUE(Exists(path));
    }
    EXPECT_FALSE(Exists(path));  // the last handle has gone
    auto kept = ListenUnix("unix", UnixAddr{path});
    ASSERT_TRUE(kept.ok());
    kept->SetUnlinkOnClose(false);
    EXPECT_TRUE(kept->Close().ok());
    EXPECT_TRUE(Exists(path));
    unlink(path.c_str());
    // A name without a file.
    auto abstract = ListenUnix("unix", UnixAddr{"@parkour" + path});
    ASSERT_TRUE(abstract.ok());
    EXPECT_EQ(abstract->Addr().String(), "@parkour" + path);
    EXPECT_TRUE(DialUnix("unix", {}, abstract->Addr()).ok());
    EXPECT_TRUE(abstract->Close().ok());
  });
}

// ---- The port to names ----

TEST_F(HandlesTest, ControlSeesTheSocketBeforeItIsBound) {
  InGoroutine([] {
    SocketHooks hooks;
    std::vector<std::string> seen;
    hooks.control = [&](std::string_view network, std::string_view address,
                        int fd) {
      EXPECT_EQ(poll::testing::LocalPort(fd), 0);
      seen.push_back(std::string(network) + " " + std::string(address));
      return absl::OkStatus();
    };
    const Addr any = TCPAddr{.ip = IPv4(127, 0, 0, 1)};
    const auto ln = ListenSocket("tcp", any, hooks);
    ASSERT_TRUE(ln.ok()) << ln.status();
    const auto c = DialSocket("tcp", {}, ln->Addr(), 0, {}, hooks);
    ASSERT_TRUE(c.ok()) << c.status();
    const auto udp = ListenPacketSocket("udp", UDPAddr{}, hooks);
    ASSERT_TRUE(udp.ok()) << udp.status();
    EXPECT_EQ(seen[0], "tcp4 127.0.0.1:0");
    EXPECT_EQ(seen[1], "tcp4 " + ln->Addr().String());
    EXPECT_TRUE(seen[2] == "udp6 :0" || seen[2] == "udp4 :0") << seen[2];
    hooks.control = [](auto, auto, int) { return absl::AbortedError("no"); };
    EXPECT_EQ(ListenSocket("tcp", any, hooks).status(),
              absl::AbortedError("no"));
  });
}

TEST_F(HandlesTest, SeveralListenersOfOnePort) {
  InGoroutine([] {
    const SocketHooks hooks{.reuse_port = true};
    const auto a =
        ListenSocket("tcp", TCPAddr{.ip = IPv4(127, 0, 0, 1)}, hooks);
    ASSERT_TRUE(a.ok());
    EXPECT_TRUE(ListenSocket("tcp", a->Addr(), hooks).ok());
    EXPECT_EQ(base::ErrnoOf(ListenSocket("tcp", a->Addr()).status()),
              EADDRINUSE);
  });
}

// A dial that a context ends, and one that is late: the peer's queue is full,
// so that it would wait.
TEST_F(HandlesTest, DialsThatEndEarly) {
  InGoroutine([] {
    const int full = poll::testing::RawListen(0);
    const int port = poll::testing::LocalPort(full);
    std::vector<Conn> fillers;
    const Addr addr = TCPAddr{.ip = IPv4(127, 0, 0, 1), .port = port};
    absl::Status err;
    for (int i = 0; i < 20 && err.ok(); ++i) {
      auto c = DialSocket("tcp", {}, addr,
                          base::nanotime() + 50 * poll::testing::kMs);
      err = c.status();
      if (c.ok()) fillers.push_back(*c);
    }
    EXPECT_TRUE(IsTimeout(err)) << err;
    auto [ctx, cancel] = context::WithCancel(context::Background());
    sync::WaitGroup wg;
    wg.Go([&, ctx = ctx] {
      const absl::Status ended = DialSocket("tcp", {}, addr, 0, ctx).status();
      EXPECT_EQ(ended, base::ErrCanceled());
    });
    ASSERT_TRUE(AwaitParked(1));
    cancel();
    wg.Wait();
    EXPECT_EQ(DialSocket("tcp", {}, addr, 0, ctx).status(),
              base::ErrCanceled());
    close(full);
  });
}

// Cancelling just as the connection comes: a good one, or the context's error.
TEST_F(HandlesTest, DialsAgainstCancel) {
  InGoroutine([] {
    const Listener ln = MustListen();
    sync::WaitGroup acceptor;
    acceptor.Go([&] {
      while (ln.Accept().ok()) {
      }
    });
    uint32_t seed = 1;
    for (int i = 0; i < Scaled(2000); ++i) {
      auto [ctx, cancel] = context::WithCancel(context::Background());
      sync::WaitGroup wg;
      wg.Go([&, cancel = cancel] {
        poll::testing::Jitter(&seed, 20000);
        cancel();
      });
      const absl::StatusOr<Conn> c = DialSocket("tcp", {}, ln.Addr(), 0, ctx);
      if (c.ok()) {
        // Its write deadline is not the cancelled dial's.
        EXPECT_FALSE(IsTimeout(c->Write("x").err));
      } else {
        EXPECT_EQ(c.status(), base::ErrCanceled());
      }
      wg.Wait();
    }
    EXPECT_TRUE(ln.Close().ok());
    acceptor.Wait();
  });
}

}  // namespace
}  // namespace parkour::net
