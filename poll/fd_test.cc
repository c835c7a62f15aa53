// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// FD over real sockets: what each operation returns, and what Close does to
// those who are parked, queued or inside.

#include "parkour/poll/fd.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/poll/testing.h"

namespace parkour::poll {
namespace {

using testing::AwaitParked;
using testing::AwaitQueued;
using testing::InGoroutine;
using testing::RawPair;
using testing::RawRecv;
using testing::RawSend;
using testing::TcpPair;
using testing::UnixPair;

constexpr unsigned kTcp = FD::kStream | FD::kZeroIsEOF | FD::kDrains;
constexpr unsigned kUnix = FD::kStream | FD::kZeroIsEOF;

// Both kinds of stream: with and without the shortcut for short reads.
class FdTest : public testing::LeakTest,
               public ::testing::WithParamInterface<bool> {
 protected:
  static bool tcp() { return GetParam(); }
  static RawPair MakePair(int buffers = 0) {
    if (tcp()) return TcpPair(buffers);
    const RawPair pair = UnixPair();
    if (buffers > 0) {
      testing::SetBuffers(pair.ours, buffers);
      testing::SetBuffers(pair.peer, buffers);
    }
    return pair;
  }
  static unsigned flags() { return tcp() ? kTcp : kUnix; }
};
INSTANTIATE_TEST_SUITE_P(Streams, FdTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Tcp" : "Unix";
                         });

std::string ReadString(FD* fd, size_t max) {
  std::string buf(max, '\0');
  const ssize_t n = fd->Read(buf.data(), max);
  EXPECT_GE(n, 0);
  buf.resize(n < 0 ? 0 : static_cast<size_t>(n));
  return buf;
}

// Writes until the socket is full, then until a deadline says so.
void Fill(FD* fd) {
  const std::string junk(1 << 16, 'j');
  size_t written;
  fd->SetDeadline(base::nanotime() + 10 * testing::kMs, 2);
  int err;
  do {
    err = fd->Write(junk.data(), junk.size(), &written);
  } while (err == 0);
  EXPECT_EQ(err, kErrTimeout);
  fd->SetDeadline(0, 2);
}

TEST_P(FdTest, ReadsWhatIsThere) {
  InGoroutine([] {
    const RawPair pair = MakePair();
    FD fd;
    fd.Init(pair.ours, flags());
    RawSend(pair.peer, "hello");
    EXPECT_EQ(ReadString(&fd, 3), "hel");   // filled: not drained
    EXPECT_EQ(ReadString(&fd, 100), "lo");  // short: drained
    RawSend(pair.peer, "again");
    EXPECT_EQ(ReadString(&fd, 100), "again");
    EXPECT_EQ(fd.Close(), 0);
    close(pair.peer);
  });
}

TEST_P(FdTest, ReadParksUntilDataComes) {
  InGoroutine([] {
    const RawPair pair = MakePair();
    FD fd;
    fd.Init(pair.ours, flags());
    for (int i = 0; i < 100; ++i) {
      sync::WaitGroup wg;
      wg.Go([&] { EXPECT_EQ(ReadString(&fd, 16), "x"); });
      ASSERT_TRUE(AwaitParked(1));
      RawSend(pair.peer, "x");
      wg.Wait();
    }
    close(pair.peer);
  });
}

TEST_P(FdTest, EndOfStream) {
  InGoroutine([] {
    for (const bool parked : {false, true}) {
      const RawPair pair = MakePair();
      FD fd;
      fd.Init(pair.ours, flags());
      RawSend(pair.peer, "last");
      EXPECT_EQ(ReadString(&fd, 100), "last");
      sync::WaitGroup wg;
      if (!parked) close(pair.peer);
      wg.Go([&] {
        char c;
        EXPECT_EQ(fd.Read(&c, 1), kErrEOF);
        EXPECT_EQ(fd.Read(&c, 1), kErrEOF);  // and again, and without waiting
      });
      if (parked) {
        ASSERT_TRUE(AwaitParked(1));
        close(pair.peer);
      }
      wg.Wait();
    }
  });
}

// Go: TestEOFError. Without kZeroIsEOF nothing read is nothing read.
TEST_F(FdTest, ZeroIsNotAlwaysTheEnd) {
  InGoroutine([] {
    const RawPair pair = UnixPair();
    FD fd;
    fd.Init(pair.ours, FD::kStream);
    close(pair.peer);
    char c;
    EXPECT_EQ(fd.Read(&c, 1), 0);
  });
}

TEST_P(FdTest, EmptyBuffersDoNotWait) {
  InGoroutine([] {
    const RawPair pair = MakePair();
    FD fd;
    fd.Init(pair.ours, flags());
    size_t written = 77;
    EXPECT_EQ(fd.Read(nullptr, 0), 0);
    EXPECT_EQ(fd.Write(nullptr, 0, &written), 0);
    EXPECT_EQ(written, 0u);
    close(pair.peer);
    char c;
    EXPECT_EQ(fd.Read(nullptr, 0), 0);
    EXPECT_EQ(fd.Read(&c, 1), kErrEOF);
    EXPECT_EQ(fd.Read(nullptr, 0), 0);
    fd.Close();
    EXPECT_EQ(fd.Read(nullptr, 0), kErrClosing);
    EXPECT_EQ(fd.Write(nullptr, 0, &written), kErrClosing);
  });
}

TEST_P(FdTest, WritesAllInPieces) {
  InGoroutine([] {
    const RawPair pair = MakePair(32 << 10);
    FD fd;
    fd.Init(pair.ours, flags());
    std::string data(1 << 20, '\0');
    for (size_t i = 0; i < data.size(); ++i) {
      data[i] = static_cast<char>(i * 7 + i / 251);
    }
    std::string got;
    std::thread peer([&] { got = RawRecv(pair.peer, data.size()); });
    size_t written = 0;
    EXPECT_EQ(fd.Write(data.data(), data.size(), &written), 0);
    EXPECT_EQ(written, data.size());
    peer.join();
    EXPECT_TRUE(got == data);
    close(pair.peer);
  });
}

// All of one Write before any of the next.
TEST_P(FdTest, WritesDoNotMix) {
  InGoroutine([] {
    const RawPair pair = MakePair(32 << 10);
    FD fd;
    fd.Init(pair.ours, flags());
    constexpr size_t kSize = 200000;
    constexpr int kWriters = 6;
    std::string got;
    std::thread peer([&] { got = RawRecv(pair.peer, kSize * kWriters); });
    sync::WaitGroup wg;
    for (int i = 0; i < kWriters; ++i) {
      wg.Go([&fd, i] {
        const std::string data(kSize, static_cast<char>('a' + i));
        size_t written;
        EXPECT_EQ(fd.Write(data.data(), data.size(), &written), 0);
        EXPECT_EQ(written, kSize);
      });
    }
    wg.Wait();
    peer.join();
    ASSERT_EQ(got.size(), kSize * kWriters);
    for (int i = 0; i < kWriters; ++i) {
      const std::string part = got.substr(i * kSize, kSize);
      EXPECT_EQ(part.find_first_not_of(part[0]), std::string::npos);
    }
    close(pair.peer);
  });
}

TEST_P(FdTest, WriteToAPeerThatHasGone) {
  InGoroutine([] {
    const RawPair pair = MakePair();
    FD fd;
    fd.Init(pair.ours, flags());
    close(pair.peer);
    int err;
    size_t written;
    // A TCP peer must first hear of a byte to refuse.
    ASSERT_TRUE(testing::Eventually([&] {
      err = fd.Write("x", 1, &written);
      return err != 0;
    }));
    EXPECT_TRUE(err == -EPIPE || err == -ECONNRESET) << err;
    EXPECT_EQ(written, 0u);
  });
}

TEST_P(FdTest, ParkedWriterLearnsThatThePeerHasGone) {
  InGoroutine([] {
    const RawPair pair = MakePair(16 << 10);
    FD fd;
    fd.Init(pair.ours, flags());
    sync::WaitGroup wg;
    wg.Go([&] {
      const std::string data(8 << 20, 'w');
      size_t written;
      const int err = fd.Write(data.data(), data.size(), &written);
      EXPECT_TRUE(err == -EPIPE || err == -ECONNRESET) << err;
      EXPECT_GT(written, 0u);
      EXPECT_LT(written, data.size());
    });
    ASSERT_TRUE(AwaitParked(1));
    close(pair.peer);
    wg.Wait();
  });
}

TEST_P(FdTest, WaitReadConsumesNothing) {
  InGoroutine([] {
    const RawPair pair = MakePair();
    FD fd;
    fd.Init(pair.ours, flags());
    for (int i = 0; i < 50; ++i) {
      sync::WaitGroup wg;
      wg.Go([&] { EXPECT_EQ(fd.WaitRead(), 0); });
      ASSERT_TRUE(AwaitParked(1));
      RawSend(pair.peer, "data");
      wg.Wait();
      EXPECT_EQ(fd.WaitRead(), 0);
      EXPECT_EQ(ReadString(&fd, 100), "data");  // short: drained
    }
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(fd.WaitRead(), 0); });
    ASSERT_TRUE(AwaitParked(1));
    close(pair.peer);
    wg.Wait();
    EXPECT_EQ(fd.WaitRead(), 0);
    char c;
    EXPECT_EQ(fd.Read(&c, 1), kErrEOF);
    EXPECT_EQ(fd.WaitRead(), 0);
    fd.Close();
    EXPECT_EQ(fd.WaitRead(), kErrClosing);
  });
}

TEST_P(FdTest, ShutdownWakesTheReader) {
  InGoroutine([] {
    for (const bool drained : {false, true}) {
      const RawPair pair = MakePair();
      FD fd;
      fd.Init(pair.ours, flags());
      if (drained) {
        RawSend(pair.peer, "x");
        EXPECT_EQ(ReadString(&fd, 100), "x");
      }
      sync::WaitGroup wg;
      wg.Go([&] {
        char c;
        EXPECT_EQ(fd.Read(&c, 1), kErrEOF);
      });
      ASSERT_TRUE(AwaitParked(1));
      EXPECT_EQ(fd.Shutdown(SHUT_RD), 0);
      wg.Wait();
      close(pair.peer);
    }
  });
}

// ---- Registration ----

// The descriptors that the runtime's epoll instance watches.
std::vector<int> Registered() {
  std::vector<int> fds;
  for (int fd = 0; fd < 1024; ++fd) {
    char path[64], target[64] = {};
    std::snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (readlink(path, target, sizeof(target) - 1) < 0) continue;
    if (std::strcmp(target, "anon_inode:[eventpoll]") != 0) continue;
    std::snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    FILE* const info = std::fopen(path, "re");
    char line[256];
    int tfd;
    while (info != nullptr && std::fgets(line, sizeof(line), info)) {
      if (std::sscanf(line, "tfd: %d", &tfd) == 1) fds.push_back(tfd);
    }
    if (info != nullptr) std::fclose(info);
  }
  return fds;
}

bool IsRegistered(const FD& fd) {
  for (const int other : Registered()) {
    if (other == fd.sysfd()) return true;
  }
  return false;
}

// A descriptor enters epoll when it has to wait, and not before.
TEST_P(FdTest, RegistrationIsLazy) {
  InGoroutine([] {
    const RawPair pair = MakePair();
    FD fd;
    fd.Init(pair.ours, flags());
    for (int i = 0; i < 20; ++i) {
      RawSend(pair.peer, "12345678");
      EXPECT_EQ(ReadString(&fd, 8), "12345678");
      size_t written;
      EXPECT_EQ(fd.Write("abc", 3, &written), 0);
      EXPECT_EQ(RawRecv(pair.peer, 3), "abc");
    }
    EXPECT_EQ(fd.SetDeadline(-1, 3), 0);
    char c;
    EXPECT_EQ(fd.Read(&c, 1), kErrTimeout);
    EXPECT_EQ(fd.SetDeadline(0, 3), 0);
    EXPECT_FALSE(IsRegistered(fd));

    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(ReadString(&fd, 16), "x"); });
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_TRUE(IsRegistered(fd));
    RawSend(pair.peer, "x");
    wg.Wait();
    EXPECT_TRUE(IsRegistered(fd));

    const int number = fd.sysfd();
    fd.Close();
    for (const int other : Registered()) EXPECT_NE(other, number);
    close(pair.peer);
  });
}

// What happened before the registration is reported by it: the first park of a
// socket whose data or end came between the EAGAIN and the registration.
TEST_P(FdTest, FirstWaitAgainstData) {
  InGoroutine([] {
    Chan<int> peers = MakeChan<int>();
    std::thread thread([peers] {
      uint32_t seed = 5;
      while (std::optional<int> fd = peers.Recv()) {
        testing::Jitter(&seed, 3000);
        if (seed & 0x100000) RawSend(*fd, "x");
        close(*fd);
      }
    });
    const int listener = testing::RawListen();
    for (int i = 0; i < 3000; ++i) {
      const RawPair pair = tcp() ? testing::TcpPairOf(listener) : UnixPair();
      FD fd;
      fd.Init(pair.ours, flags());
      peers.Send(pair.peer);
      char c;
      ssize_t n;
      while ((n = fd.Read(&c, 1)) == 1) {
      }
      ASSERT_EQ(n, kErrEOF);
    }
    peers.Close();
    thread.join();
    close(listener);
  });
}

// ---- Close ----

TEST_P(FdTest, CloseTwice) {
  InGoroutine([] {
    const RawPair pair = MakePair();
    FD fd;
    fd.Init(pair.ours, flags());
    EXPECT_EQ(fd.Close(), 0);
    EXPECT_EQ(fd.Close(), kErrClosing);
    EXPECT_EQ(fcntl(pair.ours, F_GETFD), -1);
    char c;
    size_t written = 9;
    int value;
    EXPECT_EQ(fd.Read(&c, 1), kErrClosing);
    EXPECT_EQ(fd.Write("x", 1, &written), kErrClosing);
    EXPECT_EQ(written, 0u);
    EXPECT_EQ(fd.Shutdown(SHUT_WR), kErrClosing);
    EXPECT_EQ(fd.SetDeadline(0, 3), kErrClosing);
    EXPECT_EQ(fd.GetSockOpt(SOL_SOCKET, SO_ERROR, &value), kErrClosing);
    EXPECT_EQ(fd.SetSockOpt(SOL_SOCKET, SO_KEEPALIVE, 1), kErrClosing);
    EXPECT_EQ(RawRecv(pair.peer, 1), "");
    close(pair.peer);
  });
}

// One reader is parked, the others queue behind it, writers likewise.
TEST_P(FdTest, CloseEvictsEverybody) {
  for (const bool plain_thread : {false, true}) {
    InGoroutine([plain_thread] {
      const RawPair pair = MakePair(16 << 10);
      FD fd;
      fd.Init(pair.ours, flags());
      Fill(&fd);
      const int64_t queued = runtime::SemaWaiters();
      sync::WaitGroup wg;
      for (int i = 0; i < 6; ++i) {
        wg.Go([&] {
          char c;
          EXPECT_EQ(fd.Read(&c, 1), kErrClosing);
        });
        wg.Go([&] {
          size_t written;
          const std::string data(1 << 20, 'w');
          EXPECT_EQ(fd.Write(data.data(), data.size(), &written), kErrClosing);
        });
      }
      ASSERT_TRUE(AwaitParked(2));
      ASSERT_TRUE(AwaitQueued(queued + 10));
      if (plain_thread) {
        std::thread([&] { EXPECT_EQ(fd.Close(), 0); }).join();
      } else {
        EXPECT_EQ(fd.Close(), 0);
      }
      // Close waited for those inside: the number is free.
      EXPECT_EQ(fcntl(pair.ours, F_GETFD), -1);
      wg.Wait();
      close(pair.peer);
    });
  }
}

TEST_F(FdTest, CloseEvictsAcceptors) {
  InGoroutine([] {
    FD fd;
    const int listener = testing::RawListen();
    testing::Nonblock(listener);
    fd.Init(listener, 0);
    const int64_t queued = runtime::SemaWaiters();
    sync::WaitGroup wg;
    for (int i = 0; i < 4; ++i) {
      wg.Go([&] {
        sockaddr_storage addr;
        socklen_t len;
        EXPECT_EQ(fd.Accept(&addr, &len), kErrClosing);
      });
    }
    ASSERT_TRUE(AwaitParked(1));
    ASSERT_TRUE(AwaitQueued(queued + 3));
    EXPECT_EQ(fd.Close(), 0);
    wg.Wait();
  });
}

TEST_F(FdTest, AcceptGivesTheConnectionAndItsAddress) {
  InGoroutine([] {
    FD fd;
    const int listener = testing::RawListen();
    const int port = testing::LocalPort(listener);
    testing::Nonblock(listener);
    fd.Init(listener, 0);
    sync::WaitGroup wg;
    wg.Go([&] {
      for (int i = 0; i < 2; ++i) {
        sockaddr_storage addr;
        socklen_t len;
        const int conn = fd.Accept(&addr, &len);
        ASSERT_GE(conn, 0);
        EXPECT_EQ(len, sizeof(sockaddr_in));
        EXPECT_TRUE(fcntl(conn, F_GETFL) & O_NONBLOCK);
        EXPECT_TRUE(fcntl(conn, F_GETFD) & FD_CLOEXEC);
        const sockaddr_in& in = reinterpret_cast<sockaddr_in&>(addr);
        const uint16_t peer_port = ntohs(in.sin_port);
        RawSend(conn, std::to_string(peer_port) + "\n");
        close(conn);
      }
    });
    ASSERT_TRUE(AwaitParked(1));
    for (int i = 0; i < 2; ++i) {
      const int peer = testing::RawDial(port);
      EXPECT_EQ(RawRecv(peer, 64),
                std::to_string(testing::LocalPort(peer)) + "\n");
      close(peer);
    }
    wg.Wait();
  });
}

// The destructor closes what is open, and only that.
TEST_P(FdTest, DestructorCloses) {
  InGoroutine([] {
    const RawPair pair = MakePair();
    {
      FD fd;
      fd.Init(pair.ours, flags());
      FD never_used;
    }
    EXPECT_EQ(fcntl(pair.ours, F_GETFD), -1);
    close(pair.peer);
  });
}

// Everything also works from plain threads, which sleep instead of parking.
TEST_P(FdTest, FromPlainThreads) {
  const RawPair pair = MakePair();
  FD fd;
  fd.Init(pair.ours, flags());
  std::thread reader([&] {
    char buf[16];
    EXPECT_EQ(fd.Read(buf, sizeof(buf)), 5);
    EXPECT_EQ(fd.Read(buf, sizeof(buf)), kErrClosing);
  });
  ASSERT_TRUE(AwaitParked(1));
  RawSend(pair.peer, "hello");
  size_t written;
  EXPECT_EQ(fd.Write("world", 5, &written), 0);
  EXPECT_EQ(RawRecv(pair.peer, 5), "world");
  fd.SetDeadline(base::nanotime() + 100000 * testing::kMs, 1);
  ASSERT_TRUE(AwaitParked(1));
  EXPECT_EQ(fd.Close(), 0);
  reader.join();
  close(pair.peer);
}

}  // namespace
}  // namespace parkour::poll
