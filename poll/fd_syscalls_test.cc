// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// How many system calls an operation costs, and what FD does with results that
// the kernel gives rarely. This file defines recv, send and accept4 itself:
// the program's definitions come before the C library's.

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"
#include "parkour/base/atomic.h"
#include "parkour/poll/fd.h"
#include "parkour/poll/testing.h"

namespace {

using parkour::base::Atomic;

// Only calls on this descriptor count, and only its calls fail.
Atomic<int> watched{-1};
Atomic<int> recvs{0}, sends{0}, accepts{0}, eagains{0};
// The next calls fail with it, this many times.
Atomic<int> fail_errno{0}, fail_count{0};

bool Fails(int fd) {
  if (fd != watched.load() || fail_count.load() == 0) return false;
  fail_count.fetch_sub(1);
  errno = fail_errno.load();
  return true;
}

ssize_t Count(int fd, Atomic<int>* calls, ssize_t result) {
  if (fd != watched.load()) return result;
  calls->fetch_add(1);
  if (result < 0 && errno == EAGAIN) eagains.fetch_add(1);
  return result;
}

void Watch(int fd) {
  watched.store(fd);
  recvs.store(0);
  sends.store(0);
  accepts.store(0);
  eagains.store(0);
  fail_count.store(0);
}

void FailNext(int error, int times) {
  fail_errno.store(error);
  fail_count.store(times);
}

}  // namespace

extern "C" {

ssize_t recv(int fd, void* buf, size_t len, int flags) {
  const ssize_t n =
      Fails(fd) ? -1 : syscall(SYS_recvfrom, fd, buf, len, flags, 0, 0);
  return Count(fd, &recvs, n);
}

ssize_t send(int fd, const void* buf, size_t len, int flags) {
  const ssize_t n =
      Fails(fd) ? -1 : syscall(SYS_sendto, fd, buf, len, flags, 0, 0);
  return Count(fd, &sends, n);
}

int accept4(int fd, sockaddr* addr, socklen_t* len, int flags) {
  const long n = Fails(fd) ? -1 : syscall(SYS_accept4, fd, addr, len, flags);
  return static_cast<int>(Count(fd, &accepts, n));
}

}  // extern "C"

namespace parkour::poll {
namespace {

using testing::AwaitParked;
using testing::InGoroutine;
using testing::RawPair;
using testing::RawRecv;
using testing::RawSend;

constexpr unsigned kTcp = FD::kStream | FD::kZeroIsEOF | FD::kDrains;

class FdSyscallsTest : public testing::LeakTest {
 protected:
  void TearDown() override {
    Watch(-1);
    LeakTest::TearDown();
  }
};

// Requests to a parked reader, each answered; returns after `rounds`.
void PingPong(FD* fd, int peer, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    ASSERT_TRUE(testing::AwaitNobodyParked());
    sync::WaitGroup wg;
    wg.Go([&] {
      char buf[64];
      size_t written;
      ASSERT_EQ(fd->Read(buf, sizeof(buf)), 7);
      ASSERT_EQ(fd->Write("answer", 6, &written), 0);
    });
    ASSERT_TRUE(AwaitParked(1));
    RawSend(peer, "request");
    wg.Wait();
    ASSERT_EQ(RawRecv(peer, 6), "answer");
  }
}

// One request is one recv and one send, after the first one's EAGAIN.
TEST_F(FdSyscallsTest, NoDoomedRead) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    Watch(pair.ours);
    PingPong(&fd, pair.peer, 1);
    EXPECT_EQ(recvs.load(), 2);
    EXPECT_EQ(eagains.load(), 1);
    // Registering reports what is there already: that edge may come late and
    // cost one more EAGAIN.
    PingPong(&fd, pair.peer, 1);
    Watch(pair.ours);
    PingPong(&fd, pair.peer, 200);
    EXPECT_EQ(recvs.load(), 200);
    EXPECT_EQ(sends.load(), 200);
    EXPECT_EQ(eagains.load(), 0);
    close(pair.peer);
  });
}

// Small messages that are relayed from socket to socket cost the same: splicing
// starts only where a buffer is full.
TEST_F(FdSyscallsTest, RelayedMessages) {
  InGoroutine([] {
    const RawPair in = testing::TcpPair();
    const RawPair out = testing::TcpPair();
    FD src, dst;
    src.Init(in.ours, kTcp);
    dst.Init(out.ours, kTcp);
    sync::WaitGroup wg;
    wg.Go([&] {
      int64_t written;
      bool handled;
      EXPECT_EQ(dst.SpliceFrom(&src, 1 << 30, &written, &handled), 0);
    });
    const auto relay = [&](int rounds) {
      for (int i = 0; i < rounds; ++i) {
        ASSERT_TRUE(AwaitParked(1));
        RawSend(in.peer, "request");
        ASSERT_EQ(RawRecv(out.peer, 7), "request");
      }
    };
    relay(2);
    Watch(in.ours);
    relay(100);
    EXPECT_EQ(recvs.load(), 100);
    EXPECT_EQ(eagains.load(), 0);
    close(in.peer);
    wg.Wait();
    close(out.peer);
  });
}

// Without kDrains (unix sockets) each wait is preceded by an EAGAIN: a short
// read there says nothing.
TEST_F(FdSyscallsTest, OnlyWhereAShortReadMeansEmpty) {
  InGoroutine([] {
    const RawPair pair = testing::UnixPair();
    FD fd;
    fd.Init(pair.ours, FD::kStream | FD::kZeroIsEOF);
    Watch(pair.ours);
    PingPong(&fd, pair.peer, 20);
    EXPECT_EQ(recvs.load(), 40);
    EXPECT_EQ(eagains.load(), 20);
    close(pair.peer);
  });
}

// A read that filled its buffer asks again before it waits, and a read of data
// that is there costs one call.
TEST_F(FdSyscallsTest, FullReadsAskAgain) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    Watch(pair.ours);
    char buf[4];
    for (int i = 0; i < 10; ++i) {
      RawSend(pair.peer, "12345678");
      EXPECT_EQ(RawRecv(pair.peer, 0), "");
      EXPECT_EQ(fd.Read(buf, 4), 4);
      EXPECT_EQ(fd.Read(buf, 4), 4);
    }
    EXPECT_EQ(recvs.load(), 20);
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(fd.Read(buf, 4), 1); });
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_EQ(recvs.load(), 21);
    EXPECT_EQ(eagains.load(), 1);
    RawSend(pair.peer, "x");
    wg.Wait();
    close(pair.peer);
  });
}

// After the end was seen coming, a short read is followed by a read at once.
TEST_F(FdSyscallsTest, EndIsNotWaitedFor) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    PingPong(&fd, pair.peer, 3);
    Watch(pair.ours);
    sync::WaitGroup wg;
    wg.Go([&] {
      char buf[64];
      EXPECT_EQ(fd.Read(buf, sizeof(buf)), kErrEOF);
      EXPECT_EQ(fd.Read(buf, sizeof(buf)), kErrEOF);
    });
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_EQ(recvs.load(), 0);
    close(pair.peer);
    wg.Wait();
    EXPECT_EQ(recvs.load(), 2);
  });
}

TEST_F(FdSyscallsTest, InterruptedCallsAreRepeated) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    Watch(pair.ours);
    RawSend(pair.peer, "x");
    char c;
    FailNext(EINTR, 3);
    EXPECT_EQ(fd.WaitRead(), 0);
    EXPECT_EQ(fail_count.load(), 0);
    FailNext(EINTR, 3);
    EXPECT_EQ(fd.Read(&c, 1), 1);
    EXPECT_EQ(fail_count.load(), 0);
    FailNext(EINTR, 3);
    size_t written;
    EXPECT_EQ(fd.Write("y", 1, &written), 0);
    EXPECT_EQ(fail_count.load(), 0);
    EXPECT_EQ(sends.load(), 4);
    close(pair.peer);
  });
}

TEST_F(FdSyscallsTest, OtherErrorsAreReportedAsTheyAre) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    Watch(pair.ours);
    char c;
    size_t written;
    for (const int error : {ENOBUFS, ETIMEDOUT, EHOSTUNREACH, ENOMEM}) {
      FailNext(error, 1);
      EXPECT_EQ(fd.Read(&c, 1), -error);
      FailNext(error, 1);
      EXPECT_EQ(fd.Write("x", 1, &written), -error);
      EXPECT_EQ(written, 0u);
    }
    EXPECT_EQ(fd.Write("x", 1, &written), 0);  // nothing has stuck
    close(pair.peer);
  });
}

// A spurious wake-up (EAGAIN after an edge) waits again.
TEST_F(FdSyscallsTest, SpuriousEdges) {
  InGoroutine([] {
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    PingPong(&fd, pair.peer, 2);
    Watch(pair.ours);
    sync::WaitGroup wg;
    wg.Go([&] {
      char buf[64];
      EXPECT_EQ(fd.Read(buf, sizeof(buf)), 6);
    });
    ASSERT_TRUE(AwaitParked(1));
    FailNext(EAGAIN, 1);
    RawSend(pair.peer, "abc");
    ASSERT_TRUE(testing::Eventually([] { return eagains.load() == 1; }));
    ASSERT_TRUE(AwaitParked(1));
    RawSend(pair.peer, "def");
    wg.Wait();
    close(pair.peer);
  });
}

// Go: TestAcceptIgnoreAbortedConnRequest.
TEST_F(FdSyscallsTest, AbortedConnectionsAreSkipped) {
  InGoroutine([] {
    const int listener = testing::RawListen();
    const int port = testing::LocalPort(listener);
    testing::Nonblock(listener);
    FD fd;
    fd.Init(listener, 0);
    Watch(listener);
    const int peer = testing::RawDial(port);
    FailNext(ECONNABORTED, 5);
    sockaddr_storage addr;
    socklen_t len;
    const int conn = fd.Accept(&addr, &len);
    EXPECT_GE(conn, 0);
    EXPECT_EQ(accepts.load(), 6);
    close(conn);
    close(peer);
    for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
      FailNext(error, 1);
      EXPECT_EQ(fd.Accept(&addr, &len), -error);
    }
    fd.Close();
  });
}

}  // namespace
}  // namespace parkour::poll
