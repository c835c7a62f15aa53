// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/net/file_test.go, file_unix_test.go, by meaning.

#include <fcntl.h>

#include "parkour/tests/conformance/net/local.h"

namespace parkour::tests {
namespace {

class FileTest : public LocalTest {};

void Talks(const net::Conn& a, const net::Conn& b) {
  char buf[16];
  EXPECT_TRUE(a.Write("SYN").ok());
  EXPECT_EQ(b.Read(buf).n, 3u);
  EXPECT_TRUE(b.Write("ACK").ok());
  EXPECT_EQ(a.Read(buf).n, 3u);
}

absl::StatusOr<net::File> FileOf(const net::Conn& c) {
  if (const auto tcp = c.As<net::TCPConn>()) return tcp.File();
  if (const auto udp = c.As<net::UDPConn>()) return udp.File();
  return c.As<net::UnixConn>().File();
}

GO_TEST(FileTest, TestFileConn) {
  for (const char* network : {"tcp", "tcp6", "unix", "unixpacket"}) {
    const LocalPair p = Connect(network);
    absl::StatusOr<net::File> f = FileOf(p.client);
    ASSERT_TRUE(f.ok()) << f.status();
    EXPECT_TRUE(fcntl(f->Fd(), F_GETFD) & FD_CLOEXEC);
    const absl::StatusOr<net::Conn> c = net::FileConn(*f);
    ASSERT_TRUE(c.ok()) << c.status();
    EXPECT_EQ(c->LocalAddr(), p.client.LocalAddr());
    EXPECT_EQ(c->RemoteAddr(), p.client.RemoteAddr());
    Talks(*c, p.server);
    Talks(p.client, p.server);
    EXPECT_TRUE(f->Close().ok());
    EXPECT_TRUE(p.client.Close().ok());
    Talks(*c, p.server);  // each is on its own
  }
}

GO_TEST(FileTest, TestFileListener) {
  for (const char* network : {"tcp", "unix", "unixpacket"}) {
    net::Listener ln = LocalListener(network);
    const net::Addr addr = ln.Addr();
    absl::StatusOr<net::File> f = addr.tcp() != nullptr
                                      ? ln.As<net::TCPListener>().File()
                                      : ln.As<net::UnixListener>().File();
    ASSERT_TRUE(f.ok()) << f.status();
    if (addr.unix_addr() != nullptr) {
      ln.As<net::UnixListener>().SetUnlinkOnClose(false);
    }
    EXPECT_TRUE(ln.Close().ok());
    const absl::StatusOr<net::Listener> again = net::FileListener(*f);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(f->Close().ok());
    EXPECT_EQ(again->Addr(), addr);
    const LocalPair p = ConnectTo(*again);
    Talks(p.client, p.server);
    EXPECT_TRUE(again->Close().ok());
    if (addr.unix_addr() != nullptr) {
      // Its file was somebody else's.
      EXPECT_EQ(unlink(addr.unix_addr()->name.c_str()), 0);
    }
  }
}

GO_TEST(FileTest, TestFilePacketConn) {
  const net::UDPConn a = LocalUDP();
  const absl::StatusOr<net::File> f = a.File();
  ASSERT_TRUE(f.ok()) << f.status();
  const absl::StatusOr<net::PacketConn> c = net::FilePacketConn(*f);
  ASSERT_TRUE(c.ok()) << c.status();
  EXPECT_EQ(c->LocalAddr(), a.LocalAddr());
  EXPECT_TRUE(c->WriteTo("PACKET", a.LocalAddr()).ok());
  char buf[16];
  EXPECT_EQ(c->ReadFrom(buf).n, 6u);
  EXPECT_FALSE(net::FileListener(*f).ok());
  const LocalPair p = Connect("tcp");
  const absl::StatusOr<net::File> stream = FileOf(p.client);
  EXPECT_FALSE(net::FilePacketConn(*stream).ok());
}

GO_TEST(FileTest, TestFileCloseRace) {
  for (int i = 0; i < Scaled(200); ++i) {
    const LocalPair p = Connect("tcp");
    sync::WaitGroup wg;
    for (int j = 0; j < 4; ++j) {
      wg.Go([&] {
        const absl::StatusOr<net::File> f = FileOf(p.client);
        if (f.ok()) {
          EXPECT_TRUE(f->Close().ok());
        }
      });
    }
    wg.Go([&] { p.client.Close().IgnoreError(); });
    wg.Wait();
  }
}

// Go makes the file blocking, and with it the connection, which shares the
// flag. Here neither becomes it: a reader of one does not block the other's M.
GO_TEST(FileTest, TestFileFdBlocks) {
  const LocalPair p = Connect("unix");
  const absl::StatusOr<net::File> f = FileOf(p.client);
  ASSERT_TRUE(f.ok());
  EXPECT_TRUE(fcntl(f->Fd(), F_GETFL) & O_NONBLOCK);
  // Even if somebody does it: reading and writing ask not to block.
  fcntl(f->Fd(), F_SETFL, 0);
  sync::WaitGroup wg;
  wg.Go([&] {
    char buf[1];
    EXPECT_TRUE(net::IsTimeout(p.client.Read(buf).err));
  });
  ASSERT_TRUE(poll::testing::AwaitParked(1));
  EXPECT_TRUE(p.client.SetReadDeadline(Past()).ok());
  wg.Wait();
}

// Go: src/internal/poll/read_test.go. Files that epoll does not take.
GO_TEST(FileTest, TestRead) {
  for (const char* path : {"/proc/self/status", "/proc/sys/kernel/ostype"}) {
    const absl::StatusOr<net::File> f = net::OpenFile(path);
    ASSERT_TRUE(f.ok()) << f.status();
    const absl::StatusOr<std::string> all = io::ReadAll(*f);
    ASSERT_TRUE(all.ok()) << all.status();
    EXPECT_FALSE(all->empty());
    // Sent as well, though the kernel does not know its size.
    const LocalPair p = Connect("tcp");
    const absl::StatusOr<net::File> again = net::OpenFile(path);
    const io::Result r = io::Copy(p.client, *again);
    EXPECT_TRUE(r.ok()) << r.err;
    EXPECT_GT(r.n, 0u);
  }
}

}  // namespace
}  // namespace parkour::tests
