// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// When an FD enters epoll, and how it ends: what Close does to those who are
// parked, queued or inside.

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
#include "parkour/poll/fd.h"
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

class FdLifeOnceTest : public testing::LeakTest {};

// Both kinds of stream: with and without the shortcut for short reads.
class FdLifeTest : public testing::LeakTest,
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
INSTANTIATE_TEST_SUITE_P(Streams, FdLifeTest, ::testing::Bool(),
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
TEST_P(FdLifeTest, RegistrationIsLazy) {
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
TEST_P(FdLifeTest, FirstWaitAgainstData) {
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

TEST_P(FdLifeTest, CloseTwice) {
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
TEST_P(FdLifeTest, CloseEvictsEverybody) {
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

TEST_F(FdLifeOnceTest, CloseEvictsAcceptors) {
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

// The destructor closes what is open, and only that.
TEST_P(FdLifeTest, DestructorCloses) {
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
TEST_P(FdLifeTest, FromPlainThreads) {
  const RawPair pair = MakePair();
  FD fd;
  fd.Init(pair.ours, flags());
  base::Atomic<bool> got{false};
  std::thread reader([&] {
    char buf[16];
    EXPECT_EQ(fd.Read(buf, sizeof(buf)), 5);
    got.store(true);
    EXPECT_EQ(fd.Read(buf, sizeof(buf)), kErrClosing);
  });
  ASSERT_TRUE(AwaitParked(1));
  RawSend(pair.peer, "hello");
  size_t written;
  EXPECT_EQ(fd.Write("world", 5, &written), 0);
  EXPECT_EQ(RawRecv(pair.peer, 5), "world");
  ASSERT_TRUE(testing::Eventually([&] { return got.load(); }));
  fd.SetDeadline(base::nanotime() + 100000 * testing::kMs, 1);
  ASSERT_TRUE(AwaitParked(1));
  EXPECT_EQ(fd.Close(), 0);
  reader.join();
  close(pair.peer);
}

}  // namespace
}  // namespace parkour::poll
