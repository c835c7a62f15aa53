// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// FD over real sockets: what each operation returns.

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

class FdOnceTest : public testing::LeakTest {};

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
TEST_F(FdOnceTest, ZeroIsNotAlwaysTheEnd) {
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
    static constexpr size_t kSize = 200000;
    static constexpr int kWriters = 6;
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

TEST_F(FdOnceTest, AcceptGivesTheConnectionAndItsAddress) {
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

}  // namespace
}  // namespace parkour::poll
