// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Connections that work: bytes in both directions, half-close, addresses.

#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "parkour/net/net.h"
#include "parkour/net/netfd.h"
#include "parkour/poll/testing.h"

namespace parkour::net {
namespace {

using poll::testing::AwaitParked;
using poll::testing::InGoroutine;
using poll::testing::RawPair;
using poll::testing::RawRecv;
using poll::testing::RawSend;

class ConnTest : public poll::testing::LeakTest {};

struct Pair {
  Conn client, server;
};

Listener MustListen(std::string_view network = "tcp",
                    std::string_view address = "127.0.0.1:0") {
  absl::StatusOr<Listener> ln = Listen(network, address);
  EXPECT_TRUE(ln.ok()) << ln.status();
  return ln.ok() ? *ln : Listener();
}

Pair MakePair() {
  const Listener ln = MustListen();
  absl::StatusOr<Conn> client = Dial("tcp", ln.Addr().String());
  absl::StatusOr<Conn> server = ln.Accept();
  EXPECT_TRUE(client.ok()) << client.status();
  EXPECT_TRUE(server.ok()) << server.status();
  EXPECT_TRUE(ln.Close().ok());
  return {*client, *server};
}

// A Conn over a raw socket whose buffers are small.
Conn Wrap(int fd) {
  return Conn(std::make_shared<NetFD>(fd, AF_INET, SOCK_STREAM, "tcp"));
}

std::string ReadAll(const Conn& c) {
  std::string all;
  char buf[5000];
  for (;;) {
    auto [n, err] = c.Read(buf);
    all.append(buf, n);
    if (io::IsEOF(err)) return all;
    EXPECT_TRUE(err.ok()) << err;
    if (!err.ok()) return all;
  }
}

std::string ReadSome(const Conn& c) {
  char buf[5000];
  auto [n, err] = c.Read(buf);
  EXPECT_TRUE(err.ok()) << err;
  return std::string(buf, n);
}

TEST_F(ConnTest, EchoInBothDirections) {
  InGoroutine([] {
    const Pair p = MakePair();
    for (const auto& [from, to] :
         {std::pair(p.client, p.server), std::pair(p.server, p.client)}) {
      io::Result w = from.Write("ping");
      EXPECT_EQ(w.n, 4u);
      EXPECT_TRUE(w.ok());
      EXPECT_EQ(ReadSome(to), "ping");
    }
  });
}

TEST_F(ConnTest, CopiesShareOneConnection) {
  InGoroutine([] {
    const Pair p = MakePair();
    const Conn copy = p.client;
    EXPECT_TRUE(copy == p.client);
    EXPECT_FALSE(copy == p.server);
    EXPECT_TRUE(copy.Write("a").ok());
    EXPECT_TRUE(p.client.Close().ok());
    EXPECT_TRUE(IsClosed(copy.Write("b").err));
    EXPECT_EQ(ReadAll(p.server), "a");
  });
}

// The last handle closes.
TEST_F(ConnTest, DroppedHandlesClose) {
  InGoroutine([] {
    Pair p = MakePair();
    Conn copy = p.client;
    p.client = Conn();
    EXPECT_TRUE(copy.Write("still open").ok());
    EXPECT_EQ(ReadSome(p.server), "still open");
    copy = Conn();
    EXPECT_EQ(ReadAll(p.server), "");
  });
}

char ByteAt(uint32_t i) { return static_cast<char>((i * 2654435761u) >> 15); }

void SendPattern(const Conn& c, size_t bytes) {
  std::string data(70001, '\0');
  for (size_t at = 0; at < bytes;) {
    const size_t n = std::min(data.size(), bytes - at);
    for (size_t i = 0; i < n; ++i) {
      data[i] = ByteAt(static_cast<uint32_t>(at + i));
    }
    io::Result w = c.Write(std::string_view(data.data(), n));
    ASSERT_TRUE(w.ok()) << w.err;
    ASSERT_EQ(w.n, n);
    at += n;
  }
  EXPECT_TRUE(c.CloseWrite().ok());
}

void CheckPattern(const Conn& c, size_t bytes) {
  std::vector<char> buf(33333);
  size_t at = 0, wrong = 0;
  for (;;) {
    auto [n, err] = c.Read(buf);
    for (size_t i = 0; i < n; ++i) {
      wrong += buf[i] != ByteAt(static_cast<uint32_t>(at++));
    }
    if (io::IsEOF(err)) break;
    ASSERT_TRUE(err.ok()) << err;
  }
  EXPECT_EQ(at, bytes);
  EXPECT_EQ(wrong, 0u);
}

// 16 MiB each way at once through small buffers: everybody parks all the time.
TEST_F(ConnTest, LargeTransfersBothWays) {
  constexpr size_t kBytes = 16 << 20;
  InGoroutine([] {
    const RawPair raw = poll::testing::TcpPair(48 << 10);
    poll::testing::Nonblock(raw.peer);
    const Conn a = Wrap(raw.ours), b = Wrap(raw.peer);
    sync::WaitGroup wg;
    wg.Go([=] { SendPattern(a, kBytes); });
    wg.Go([=] { SendPattern(b, kBytes); });
    wg.Go([=] { CheckPattern(a, kBytes); });
    wg.Go([=] { CheckPattern(b, kBytes); });
    wg.Wait();
  });
}

// The same with default buffers and a plain thread as one of the four.
TEST_F(ConnTest, LargeTransfersWithPlainThreads) {
  constexpr size_t kBytes = 16 << 20;
  const Pair p = MakePair();
  sync::WaitGroup wg;
  wg.Go([&] { CheckPattern(p.client, kBytes); });
  wg.Go([&] { SendPattern(p.server, kBytes); });
  std::thread sender([&] { SendPattern(p.client, kBytes); });
  CheckPattern(p.server, kBytes);
  sender.join();
  wg.Wait();
}

// One Write of more than the buffers hold.
TEST_F(ConnTest, OneLargeWrite) {
  InGoroutine([] {
    const Pair p = MakePair();
    const std::string data(32 << 20, 'z');
    sync::WaitGroup wg;
    wg.Go([&] {
      io::Result w = p.client.Write(data);
      EXPECT_TRUE(w.ok()) << w.err;
      EXPECT_EQ(w.n, data.size());
      EXPECT_TRUE(p.client.Close().ok());
    });
    EXPECT_TRUE(ReadAll(p.server) == data);
    wg.Wait();
  });
}

// Readers of one connection share its bytes, each byte goes to one of them.
TEST_F(ConnTest, ManyReadersAndWriters) {
  InGoroutine([] {
    const Pair p = MakePair();
    constexpr int kEach = 2000;
    base::Atomic<int64_t> got{0};
    sync::WaitGroup writers, readers;
    for (int i = 0; i < 4; ++i) {
      writers.Go([&] {
        for (int k = 0; k < kEach; ++k) {
          ASSERT_TRUE(p.client.Write("0123456789").ok());
        }
      });
      readers.Go([&] {
        char buf[64];
        for (;;) {
          auto [n, err] = p.server.Read(buf);
          got += static_cast<int64_t>(n);
          if (io::IsEOF(err)) return;
          ASSERT_TRUE(err.ok()) << err;
        }
      });
    }
    writers.Wait();
    EXPECT_TRUE(p.client.CloseWrite().ok());
    readers.Wait();
    EXPECT_EQ(got.load(), 4 * kEach * 10);
  });
}

TEST_F(ConnTest, EmptyReadAndWrite) {
  InGoroutine([] {
    const Pair p = MakePair();
    io::Result r = p.client.Read({});
    EXPECT_EQ(r.n, 0u);
    EXPECT_TRUE(r.ok());
    EXPECT_TRUE(p.client.Write("").ok());
    EXPECT_TRUE(p.server.Close().ok());
    EXPECT_TRUE(p.client.Read({}).ok());
  });
}

TEST_F(ConnTest, CloseWriteGivesThePeerEOF) {
  InGoroutine([] {
    const Pair p = MakePair();
    EXPECT_TRUE(p.client.Write("the last words").ok());
    EXPECT_TRUE(p.client.CloseWrite().ok());
    EXPECT_EQ(ReadAll(p.server), "the last words");
    // The other direction is as before.
    EXPECT_TRUE(p.server.Write("an answer").ok());
    EXPECT_EQ(ReadSome(p.client), "an answer");
    const io::Result w = p.client.Write("more");
    EXPECT_EQ(w.err.message(), "write tcp " + p.client.LocalAddr().String() +
                                   "->" + p.client.RemoteAddr().String() +
                                   ": write: broken pipe");
    EXPECT_EQ(w.n, 0u);
    EXPECT_EQ(w.err.code(), absl::StatusCode::kUnavailable);
  });
}

TEST_F(ConnTest, CloseReadEndsOwnReads) {
  InGoroutine([] {
    const Pair p = MakePair();
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(ReadAll(p.client), ""); });
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_TRUE(p.client.CloseRead().ok());
    wg.Wait();
    EXPECT_EQ(ReadAll(p.client), "");
    EXPECT_TRUE(p.client.Write("x").ok());
    EXPECT_EQ(ReadSome(p.server), "x");
  });
}

TEST_F(ConnTest, PeersCloseUnblocksRead) {
  InGoroutine([] {
    const Pair p = MakePair();
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(ReadAll(p.client), ""); });
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_TRUE(p.server.Close().ok());
    wg.Wait();
  });
}

TEST_F(ConnTest, WaitRead) {
  InGoroutine([] {
    const Pair p = MakePair();
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_TRUE(p.client.WaitRead().ok()); });
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_TRUE(p.server.Write("data").ok());
    wg.Wait();
    EXPECT_EQ(ReadSome(p.client), "data");
    EXPECT_TRUE(p.server.Close().ok());
    EXPECT_TRUE(p.client.WaitRead().ok());  // the end, too, is for Read to tell
    EXPECT_EQ(ReadAll(p.client), "");
  });
}

TEST_F(ConnTest, AddressesMirrorAndOutliveClose) {
  InGoroutine([] {
    for (const char* at : {"127.0.0.1:0", "[::1]:0", ":0", "0.0.0.0:0"}) {
      const Listener ln = MustListen("tcp", at);
      const int port = ln.Addr().tcp()->port;
      const bool v6 = at[0] == '[';
      absl::StatusOr<Conn> c = Dial(
          "tcp", JoinHostPort(v6 ? "::1" : "127.0.0.1", std::to_string(port)));
      ASSERT_TRUE(c.ok()) << c.status();
      absl::StatusOr<Conn> s = ln.Accept();
      ASSERT_TRUE(s.ok()) << s.status();
      const std::string host = v6 ? "[::1]:" : "127.0.0.1:";
      EXPECT_EQ(c->RemoteAddr().String(), host + std::to_string(port));
      EXPECT_EQ(s->LocalAddr(), c->RemoteAddr());
      EXPECT_EQ(s->RemoteAddr(), c->LocalAddr());
      EXPECT_EQ(s->LocalAddr().Network(), "tcp");
      const Addr local = s->LocalAddr(), remote = s->RemoteAddr();
      EXPECT_TRUE(s->Close().ok());
      EXPECT_EQ(s->LocalAddr(), local);
      EXPECT_EQ(s->RemoteAddr(), remote);
      const Addr listening = ln.Addr();
      EXPECT_TRUE(ln.Close().ok());
      EXPECT_EQ(ln.Addr(), listening);
    }
  });
}

// Never asked before Close: it asks itself, while it can.
TEST_F(ConnTest, AddressesFirstAskedAfterClose) {
  InGoroutine([] {
    const Listener ln = MustListen("tcp", ":0");
    const int raw = poll::testing::RawDial(ln.Addr().tcp()->port);
    absl::StatusOr<Conn> s = ln.Accept();
    ASSERT_TRUE(s.ok());
    EXPECT_TRUE(s->Close().ok());
    EXPECT_EQ(s->LocalAddr().String(),
              "127.0.0.1:" + std::to_string(ln.Addr().tcp()->port));
    EXPECT_EQ(s->RemoteAddr().tcp()->port, poll::testing::LocalPort(raw));
    close(raw);
  });
}

// Go's options: Nagle off, keep-alive on, on both ends.
TEST_F(ConnTest, SocketOptions) {
  InGoroutine([] {
    const RawPair unused = poll::testing::UnixPair();
    const int first_free = unused.peer + 1;  // numbers are given in order
    const Pair p = MakePair();
    int seen = 0;
    for (int fd = first_free; fd < first_free + 8; ++fd) {
      int nodelay = 0, keep = 0, idle = 0;
      socklen_t len = sizeof(int);
      if (getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &len) != 0) {
        continue;
      }
      getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &keep, &len);
      getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &len);
      EXPECT_TRUE(nodelay);
      EXPECT_TRUE(keep);
      EXPECT_EQ(idle, 15);
      EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
      ++seen;
    }
    EXPECT_EQ(seen, 2);
    close(unused.ours);
    close(unused.peer);
  });
}

// Go: TestTCPServer, TestConnAndListener: many at once, deadlines on.
TEST_F(ConnTest, EchoServerWithManyClients) {
  constexpr int kClients = 100, kRounds = 50;
  InGoroutine([] {
    const Listener ln = MustListen();
    sync::WaitGroup server, clients;
    server.Go([&] {
      for (;;) {
        absl::StatusOr<Conn> c = ln.Accept();
        if (!c.ok()) {
          EXPECT_TRUE(IsClosed(c.status())) << c.status();
          return;
        }
        server.Go([c = *c] {
          EXPECT_TRUE(c.SetDeadline(absl::Now() + absl::Minutes(5)).ok());
          char buf[512];
          for (;;) {
            auto [n, err] = c.Read(buf);
            if (n > 0) {
              ASSERT_TRUE(c.Write({buf, n}).ok());
            }
            if (!err.ok()) {
              EXPECT_TRUE(io::IsEOF(err)) << err;
              break;
            }
          }
          EXPECT_TRUE(c.Close().ok());
        });
      }
    });
    for (int i = 0; i < kClients; ++i) {
      clients.Go([&, i] {
        absl::StatusOr<Conn> c = Dial("tcp", ln.Addr().String());
        ASSERT_TRUE(c.ok()) << c.status();
        for (int k = 0; k < kRounds; ++k) {
          const std::string text = std::to_string(i * 1000000 + k);
          ASSERT_TRUE(c->Write(text).ok());
          std::string back;
          while (back.size() < text.size()) back += ReadSome(*c);
          ASSERT_EQ(back, text);
        }
        EXPECT_TRUE(c->CloseWrite().ok());
        EXPECT_EQ(ReadAll(*c), "");
      });
    }
    clients.Wait();
    EXPECT_TRUE(ln.Close().ok());
    server.Wait();
  });
}

// Go: TestTCPConcurrentAccept.
TEST_F(ConnTest, ManyAcceptors) {
  InGoroutine([] {
    const Listener ln = MustListen();
    sync::WaitGroup acceptors;
    base::Atomic<int> accepted{0};
    for (int i = 0; i < 10; ++i) {
      acceptors.Go([&] {
        for (;;) {
          absl::StatusOr<Conn> c = ln.Accept();
          if (!c.ok()) return;
          ++accepted;
        }
      });
    }
    sync::WaitGroup dialers;
    for (int i = 0; i < 100; ++i) {
      dialers.Go([&] {
        absl::StatusOr<Conn> c = Dial("tcp", ln.Addr().String());
        ASSERT_TRUE(c.ok()) << c.status();
        EXPECT_EQ(ReadAll(*c), "");  // whoever accepted has dropped it
      });
    }
    dialers.Wait();
    EXPECT_TRUE(ln.Close().ok());
    acceptors.Wait();
    EXPECT_EQ(accepted.load(), 100);
  });
}

}  // namespace
}  // namespace parkour::net
