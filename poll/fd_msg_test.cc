// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Lists of buffers, datagrams, messages, waits that are cancelled, and
// descriptors of which there are duplicates.

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/sanitizer.h"
#include "parkour/poll/fd.h"
#include "parkour/poll/testing.h"

namespace parkour::poll {
namespace {

using testing::AwaitNobodyParked;
using testing::AwaitParked;
using testing::InGoroutine;
using testing::kMs;
using testing::RawPair;
using testing::RawRecv;
using testing::RawSend;

constexpr unsigned kTcp = FD::kStream | FD::kZeroIsEOF | FD::kDrains;
constexpr int kRounds = PARKOUR_TSAN || PARKOUR_ASAN ? 300 : 3000;

class FdMsgTest : public testing::LeakTest {};

// ---- Writev ----

// More pieces than the kernel takes at once, through a small socket: every call
// ends somewhere inside a piece.
TEST_F(FdMsgTest, WritevInManyParts) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair(4096);
    FD fd;
    fd.Init(pair.ours, kTcp);
    std::vector<std::string> pieces;
    for (int i = 0; i < 3000; ++i) {
      pieces.push_back(std::string(static_cast<size_t>(i % 97),
                                   static_cast<char>('a' + i % 26)));
    }
    const std::vector<std::string_view> views(pieces.begin(), pieces.end());
    const std::string want =
        std::accumulate(pieces.begin(), pieces.end(), std::string());
    std::string got;
    std::thread peer([&] { got = RawRecv(pair.peer, want.size()); });
    size_t written;
    EXPECT_EQ(fd.Writev(views, &written), 0);
    EXPECT_EQ(written, want.size());
    // Joining in a goroutine may block this thread: the peer needs none of it.
    peer.join();
    EXPECT_TRUE(got == want);
    close(pair.peer);
  });
}

TEST_F(FdMsgTest, WritevOfNothing) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    size_t written = 7;
    EXPECT_EQ(fd.Writev({}, &written), 0);
    EXPECT_EQ(written, 0u);
    const std::string_view empty[] = {"", "", ""};
    EXPECT_EQ(fd.Writev(empty, &written), 0);
    const std::string_view mixed[] = {"", "a", "", "bc", ""};
    EXPECT_EQ(fd.Writev(mixed, &written), 0);
    EXPECT_EQ(written, 3u);
    EXPECT_EQ(RawRecv(pair.peer, 3), "abc");
    close(pair.peer);
  });
}

// What went out before an error is counted exactly.
TEST_F(FdMsgTest, WritevCountsWhatWent) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair(4096);
    FD fd;
    fd.Init(pair.ours, kTcp);
    const std::string piece(1 << 20, 'x');
    const std::vector<std::string_view> views(8, piece);
    size_t written = 0;
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(fd.Writev(views, &written), kErrTimeout); });
    ASSERT_TRUE(AwaitParked(1));
    fd.SetDeadline(-1, 2);
    wg.Wait();
    EXPECT_GT(written, 0u);
    EXPECT_LT(written, 8 * piece.size());
    fd.Shutdown(SHUT_WR);
    EXPECT_EQ(RawRecv(pair.peer, 8 * piece.size()).size(), written);
    fd.Close();
    EXPECT_EQ(fd.Writev(views, &written), kErrClosing);
    close(pair.peer);
  });
}

// ---- Datagrams and messages ----

RawPair Datagrams() {
  int fds[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds), 0);
  testing::Nonblock(fds[0]);
  return {fds[0], fds[1]};
}

TEST_F(FdMsgTest, DatagramsKeepTheirBounds) {
  InGoroutine([] {
    const RawPair pair = Datagrams();
    FD fd;
    fd.Init(pair.ours, 0);
    for (const char* text : {"one", "", "three"}) {
      ASSERT_EQ(send(pair.peer, text, strlen(text), 0),
                static_cast<ssize_t>(strlen(text)));
    }
    char buf[16];
    sockaddr_storage addr;
    socklen_t len;
    EXPECT_EQ(fd.RecvFrom(buf, sizeof(buf), &addr, &len), 3);
    EXPECT_EQ(fd.RecvFrom(buf, sizeof(buf), &addr, &len), 0);  // not the end
    iovec iov = {buf, 2};
    msghdr msg{};
    msg.msg_iov = &iov;
    msg.msg_iovlen = 1;
    EXPECT_EQ(fd.RecvMsg(&msg), 2);
    EXPECT_TRUE(msg.msg_flags & MSG_TRUNC);
    close(pair.peer);
  });
}

// A reader that parks gets the message, not what its buffer's description was
// made of by the first try.
TEST_F(FdMsgTest, RecvMsgParks) {
  InGoroutine([] {
    const RawPair pair = Datagrams();
    FD fd;
    fd.Init(pair.ours, 0);
    char buf[16], oob[64];
    iovec iov = {buf, sizeof(buf)};
    msghdr msg{};
    msg.msg_iov = &iov;
    msg.msg_iovlen = 1;
    msg.msg_control = oob;
    msg.msg_controllen = sizeof(oob);
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(fd.RecvMsg(&msg), 5); });
    ASSERT_TRUE(AwaitParked(1));
    ASSERT_EQ(send(pair.peer, "hello", 5, 0), 5);
    wg.Wait();
    EXPECT_EQ(msg.msg_controllen, 0u);
    close(pair.peer);
  });
}

// A full queue lets the sender wait for the receiver.
TEST_F(FdMsgTest, SendersWaitForRoom) {
  InGoroutine([] {
    const RawPair pair = Datagrams();
    FD fd;
    fd.Init(pair.ours, 0);
    const int total = 500;
    sync::WaitGroup wg;
    wg.Go([&] {
      for (int i = 0; i < total; ++i) {
        size_t written;
        ASSERT_EQ(fd.Write("datagram", 8, &written), 0);
      }
    });
    ASSERT_TRUE(AwaitParked(1));
    for (int i = 0; i < total; ++i)
      EXPECT_EQ(RawRecv(pair.peer, 8), "datagram");
    wg.Wait();
    close(pair.peer);
  });
}

TEST_F(FdMsgTest, NobodyThere) {
  InGoroutine([] {
    const int unused = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in addr = testing::Loopback(0);
    ASSERT_EQ(bind(unused, reinterpret_cast<sockaddr*>(&addr), sizeof(addr)),
              0);
    addr = testing::Loopback(testing::LocalPort(unused));
    close(unused);
    const int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    FD fd;
    fd.Init(s, 0);
    ASSERT_EQ(fd.Connect(reinterpret_cast<sockaddr*>(&addr), sizeof(addr)), 0);
    size_t written;
    ASSERT_EQ(fd.Write("x", 1, &written), 0);
    char c;
    EXPECT_EQ(fd.Read(&c, 1), -ECONNREFUSED);
    // It is told once; the socket goes on.
    EXPECT_EQ(fd.Write("x", 1, &written), 0);
  });
}

// ---- Cancelled waits ----

TEST_F(FdMsgTest, WaitReadCancelled) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    base::Atomic<uint32_t> cancelled{0};
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(fd.WaitRead(&cancelled), kErrCancelled); });
    ASSERT_TRUE(AwaitParked(1));
    fd.CancelWaitRead();  // the flag is not set: it goes on waiting
    ASSERT_TRUE(AwaitParked(1));
    cancelled.store(1);
    fd.CancelWaitRead();
    wg.Wait();
    EXPECT_EQ(fd.WaitRead(&cancelled), kErrCancelled);
    // Nothing was lost by it.
    RawSend(pair.peer, "x");
    EXPECT_EQ(fd.WaitRead(), 0);
    char c;
    EXPECT_EQ(fd.Read(&c, 1), 1);
    close(pair.peer);
  });
}

// Cancelling against data: the wait ends, and whoever reads next gets the byte.
TEST_F(FdMsgTest, CancelAgainstData) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    uint32_t seed = 1;
    for (int i = 0; i < kRounds; ++i) {
      base::Atomic<uint32_t> cancelled{0};
      sync::WaitGroup wg;
      wg.Go([&] {
        const int err = fd.WaitRead(&cancelled);
        EXPECT_TRUE(err == 0 || err == kErrCancelled) << err;
      });
      wg.Go([&] { RawSend(pair.peer, "x"); });
      testing::Jitter(&seed, 2000);
      cancelled.store(1);
      fd.CancelWaitRead();
      char c;
      ASSERT_EQ(fd.Read(&c, 1), 1);
      wg.Wait();
    }
    close(pair.peer);
  });
}

// ---- Duplicates ----

// Whether an epoll instance of ours still knows this number.
bool Registered(int fd) {
  for (int epfd = 0; epfd < 64; ++epfd) {
    std::ifstream info("/proc/self/fdinfo/" + std::to_string(epfd));
    std::string word;
    while (info >> word) {
      int number;
      if (word == "tfd:" && info >> number && number == fd) return true;
    }
  }
  return false;
}

// Parks once, so that the descriptor is registered.
void Register(FD* fd, int peer) {
  sync::WaitGroup wg;
  wg.Go([&] {
    char c;
    EXPECT_EQ(fd->Read(&c, 1), 1);
  });
  ASSERT_TRUE(AwaitParked(1));
  RawSend(peer, "r");
  wg.Wait();
  ASSERT_TRUE(AwaitNobodyParked());
}

TEST_F(FdMsgTest, CloseTakesASharedDescriptionOut) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    Register(&fd, pair.peer);
    EXPECT_TRUE(Registered(pair.ours));
    const int dup = fd.Dup();
    ASSERT_GE(dup, 0);
    EXPECT_EQ(fd.Close(), 0);
    EXPECT_FALSE(Registered(pair.ours));
    FD other;
    other.Init(dup, kTcp | FD::kShared);
    Register(&other, pair.peer);
    close(pair.peer);
  });
}

// Somebody duplicates the descriptor behind our back: it stays registered in
// its former owner's name when that closes. Its events are nobody's; and who
// gets the same description under the same number can still wait for it.
TEST_F(FdMsgTest, LeftRegistrationsDoNoHarm) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    const int number = pair.ours;
    FD first;
    first.Init(number, kTcp);
    Register(&first, pair.peer);
    const int dup = fcntl(number, F_DUPFD_CLOEXEC, 0);
    EXPECT_EQ(first.Close(), 0);
    EXPECT_TRUE(Registered(number));

    // Another socket gets the number, and the old one's events with it.
    const RawPair other = testing::TcpPair();
    ASSERT_EQ(fcntl(other.ours, F_DUPFD_CLOEXEC, number), number);
    close(other.ours);
    FD second;
    second.Init(number, kTcp);
    Register(&second, other.peer);
    sync::WaitGroup wg;
    wg.Go([&] {
      char c;
      EXPECT_EQ(second.Read(&c, 1), 1);
      EXPECT_EQ(c, 'y');
    });
    ASSERT_TRUE(AwaitParked(1));
    RawSend(pair.peer, "x");  // for the description that has no reader
    RawSend(other.peer, "y");
    wg.Wait();
    ASSERT_TRUE(AwaitNobodyParked());
    EXPECT_EQ(second.Close(), 0);
    close(other.peer);

    // The old description comes back under its old number.
    ASSERT_EQ(fcntl(dup, F_DUPFD_CLOEXEC, number), number);
    close(dup);
    FD third;
    third.Init(number, kTcp);
    char c;
    EXPECT_EQ(third.Read(&c, 1), 1);
    EXPECT_EQ(c, 'x');
    Register(&third, pair.peer);
    close(pair.peer);
  });
}

// Close while the first wait registers: the number is not closed before that is
// done, and the reader learns of it.
TEST_F(FdMsgTest, CloseWhileRegistering) {
  InGoroutine([] {
    const int listener = testing::RawListen();
    uint32_t seed = 1;
    for (int i = 0; i < kRounds; ++i) {
      const RawPair pair = testing::TcpPairOf(listener);
      FD fd;
      fd.Init(pair.ours, kTcp);
      sync::WaitGroup wg;
      wg.Go([&] {
        char c;
        EXPECT_EQ(fd.Read(&c, 1), kErrClosing);
      });
      wg.Go([&] {
        size_t written;
        const int err = fd.Write("x", 1, &written);
        EXPECT_TRUE(err == 0 || err == kErrClosing) << err;
      });
      testing::Jitter(&seed, 3000);
      EXPECT_EQ(fd.Close(), 0);
      wg.Wait();
      close(pair.peer);
    }
    close(listener);
  });
}

TEST_F(FdMsgTest, RawOperations) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    int seen = -1;
    EXPECT_EQ(fd.RawControl([&](int n) { seen = n; }), 0);
    EXPECT_EQ(seen, pair.ours);
    // A raw read may leave something behind a short read's back.
    RawSend(pair.peer, "ab");
    char buf[8];
    EXPECT_EQ(fd.Read(buf, 8), 2);  // short: drained
    RawSend(pair.peer, "cdef");
    EXPECT_EQ(fd.RawRead([&](int n) { return recv(n, buf, 2, 0) == 2; }), 0);
    EXPECT_EQ(fd.Read(buf, 8), 2);  // does not wait for an edge
    fd.SetDeadline(-1, 3);
    EXPECT_EQ(fd.RawRead([](int) { return true; }), kErrTimeout);
    EXPECT_EQ(fd.RawWrite([](int) { return true; }), kErrTimeout);
    fd.Close();
    EXPECT_EQ(fd.RawControl([](int) {}), kErrClosing);
    EXPECT_EQ(fd.Dup(), kErrClosing);
    close(pair.peer);
  });
}

}  // namespace
}  // namespace parkour::poll
