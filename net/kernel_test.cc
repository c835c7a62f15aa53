// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What net asks of the kernel, and what it makes of its answers: the number of
// system calls, every errno, rare results, interrupted calls. This file defines
// the calls itself: the program's definitions come before the C library's.

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "parkour/base/atomic.h"
#include "parkour/base/sanitizer.h"
#include "parkour/net/net.h"
#include "parkour/poll/testing.h"
#include "parkour/runtime/test_util.h"

namespace {

using parkour::base::Atomic;

enum Call {
  kAccept,
  kRecv,
  kSend,
  kConnect,
  kSetOpt,
  kGetName,
  kCtl,
  kWait,
  kCalls
};
Atomic<int> calls[kCalls];
Atomic<int> epoll_batch{0};

// The next `fail_count` calls of this kind fail with `fail_errno`.
Atomic<int> fail_call{-1}, fail_errno{0}, fail_count{0};

long Do(Call call, long number, long a = 0, long b = 0, long c = 0, long d = 0,
        long e = 0, long f = 0) {
  calls[call].fetch_add(1);
  if (fail_call.load() == call && fail_count.load() > 0) {
    fail_count.fetch_sub(1);
    errno = fail_errno.load();
    return -1;
  }
  return syscall(number, a, b, c, d, e, f);
}

template <typename T>
long L(T* p) {
  return reinterpret_cast<long>(p);
}

void FailNext(Call call, int error, int times = 1) {
  fail_errno.store(error);
  fail_count.store(times);
  fail_call.store(call);
}

void Forget() {
  for (auto& n : calls) n.store(0);
}

}  // namespace

extern "C" {

int accept4(int fd, sockaddr* addr, socklen_t* len, int flags) {
  return static_cast<int>(Do(kAccept, SYS_accept4, fd, L(addr), L(len), flags));
}
ssize_t recv(int fd, void* buf, size_t len, int flags) {
  return Do(kRecv, SYS_recvfrom, fd, L(buf), static_cast<long>(len), flags);
}
ssize_t send(int fd, const void* buf, size_t len, int flags) {
  return Do(kSend, SYS_sendto, fd, L(buf), static_cast<long>(len), flags);
}
int connect(int fd, const sockaddr* addr, socklen_t len) {
  return static_cast<int>(Do(kConnect, SYS_connect, fd, L(addr), len));
}
int setsockopt(int fd, int level, int name, const void* value, socklen_t len) {
  return static_cast<int>(
      Do(kSetOpt, SYS_setsockopt, fd, level, name, L(value), len));
}
int getsockname(int fd, sockaddr* addr, socklen_t* len) noexcept {
  return static_cast<int>(Do(kGetName, SYS_getsockname, fd, L(addr), L(len)));
}
int getpeername(int fd, sockaddr* addr, socklen_t* len) noexcept {
  return static_cast<int>(Do(kGetName, SYS_getpeername, fd, L(addr), L(len)));
}
// ThreadSanitizer's own tell it what epoll_wait gets from epoll_ctl.
#if !PARKOUR_TSAN
int epoll_ctl(int epfd, int op, int fd, epoll_event* event) noexcept {
  return static_cast<int>(Do(kCtl, SYS_epoll_ctl, epfd, op, fd, L(event)));
}
int epoll_wait(int epfd, epoll_event* events, int max, int timeout) {
  epoll_batch.store(max);
  if (timeout <= 0) {
    return static_cast<int>(
        syscall(SYS_epoll_wait, epfd, L(events), max, timeout));
  }
  return static_cast<int>(
      Do(kWait, SYS_epoll_wait, epfd, L(events), max, timeout));
}
#endif

}  // extern "C"

namespace parkour::net {
namespace {

using poll::testing::InGoroutine;
using runtime::testing::Scaled;

class KernelTest : public poll::testing::LeakTest {
 protected:
  void TearDown() override {
    fail_call.store(-1);
    LeakTest::TearDown();
  }
};

Listener MustListen() {
  absl::StatusOr<Listener> ln = Listen("tcp", "127.0.0.1:0");
  EXPECT_TRUE(ln.ok()) << ln.status();
  return *ln;
}

struct Pair {
  Conn client, server;
};

Pair MakePair() {
  const Listener ln = MustListen();
  absl::StatusOr<Conn> client = Dial("tcp", ln.Addr().String());
  absl::StatusOr<Conn> server = ln.Accept();
  EXPECT_TRUE(client.ok() && server.ok()) << client.status();
  return {*client, *server};
}

std::string Text(const absl::Status& err) { return std::string(err.message()); }

// ---- How many calls ----

// A connection whose request is there already: accept4, recv, send, close.
// Options and addresses are inherited, epoll never hears of it.
TEST_F(KernelTest, AShortConnectionCostsFourCalls) {
  InGoroutine([] {
    const Listener ln = MustListen();
    constexpr int kConns = 20;
    int peers[kConns];
    for (int& peer : peers) {
      peer = poll::testing::RawDial(ln.Addr().tcp()->port);
      poll::testing::RawSend(peer, "request");
    }
    Forget();
    for (int i = 0; i < kConns; ++i) {
      const absl::StatusOr<Conn> conn = ln.Accept();
      ASSERT_TRUE(conn.ok());
      char buf[64];
      EXPECT_EQ(conn->Read(buf).n, 7u);
      EXPECT_EQ(conn->Write("answer").n, 6u);
      EXPECT_TRUE(conn->Close().ok());
    }
    EXPECT_EQ(calls[kAccept].load(), kConns);
    EXPECT_EQ(calls[kRecv].load(), kConns);
    EXPECT_EQ(calls[kSend].load(), kConns);
    EXPECT_EQ(calls[kSetOpt].load(), 0);
    EXPECT_EQ(calls[kGetName].load(), 0);
    EXPECT_EQ(calls[kCtl].load(), 0);
    for (const int peer : peers) close(peer);
  });
}

// One that waits is registered once, however often it waits.
TEST_F(KernelTest, RegisteredAtTheFirstWaitAndOnce) {
  InGoroutine([] {
    const Pair p = MakePair();
    Forget();
    for (int i = 0; i < 10; ++i) {
      sync::WaitGroup wg;
      wg.Go([&] {
        char buf[8];
        EXPECT_EQ(p.server.Read(buf).n, 1u);
      });
      ASSERT_TRUE(poll::testing::AwaitParked(1));
      EXPECT_EQ(p.client.Write("x").n, 1u);
      wg.Wait();
      ASSERT_TRUE(poll::testing::AwaitNobodyParked());
    }
    EXPECT_EQ(calls[kCtl].load(), PARKOUR_TSAN ? 0 : 1);
  });
}

// Batches are large; timed waits are in nanoseconds where there is such a call.
TEST_F(KernelTest, WaitsForManyAndForNanoseconds) {
  InGoroutine([] {
    const timespec now{};
    epoll_event event;
    const int probe = epoll_create1(EPOLL_CLOEXEC);
    const bool has = syscall(SYS_epoll_pwait2, probe, &event, 1, &now, nullptr,
                             size_t{0}) == 0;
    close(probe);
    Forget();
    const Pair p = MakePair();
    char buf[1];
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(
          p.server.SetReadDeadline(absl::Now() + absl::Microseconds(300)).ok());
      EXPECT_TRUE(IsTimeout(p.server.Read(buf).err));
    }
    if (has && !PARKOUR_TSAN) {
      EXPECT_EQ(calls[kWait].load(), 0);
    }
    EXPECT_TRUE(epoll_batch.load() == 0 || epoll_batch.load() == 512);
  });
}

// ---- Every errno ----

struct Entry {
  int err;
  absl::StatusCode code;
  const char* text;
};

using enum absl::StatusCode;
constexpr Entry kErrnos[] = {
    {ECONNREFUSED, kUnavailable, "connection refused"},
    {ECONNRESET, kUnavailable, "connection reset by peer"},
    {ECONNABORTED, kUnavailable, "software caused connection abort"},
    {EPIPE, kUnavailable, "broken pipe"},
    {ENETDOWN, kUnavailable, "network is down"},
    {ENETUNREACH, kUnavailable, "network is unreachable"},
    {ENETRESET, kUnavailable, "network dropped connection on reset"},
    {EHOSTDOWN, kUnavailable, "host is down"},
    {EHOSTUNREACH, kUnavailable, "no route to host"},
    {EPROTO, kUnavailable, "protocol error"},
    {ETIMEDOUT, kDeadlineExceeded, "connection timed out"},
    {EADDRINUSE, kAlreadyExists, "address already in use"},
    {EADDRNOTAVAIL, kUnavailable, "cannot assign requested address"},
    {EDESTADDRREQ, kInvalidArgument, "destination address required"},
    {ENAMETOOLONG, kInvalidArgument, "file name too long"},
    {EBUSY, kUnavailable, "device or resource busy"},
    {EALREADY, kFailedPrecondition, "operation already in progress"},
    {EINPROGRESS, kFailedPrecondition, "operation now in progress"},
    {ECANCELED, kCancelled, "operation canceled"},
    {EMFILE, kResourceExhausted, "too many open files"},
    {ENFILE, kResourceExhausted, "too many open files in system"},
    {ENOBUFS, kResourceExhausted, "no buffer space available"},
    {ENOMEM, kResourceExhausted, "cannot allocate memory"},
    {ENOSPC, kResourceExhausted, "no space left on device"},
    {EDQUOT, kResourceExhausted, "disk quota exceeded"},
    {EACCES, kPermissionDenied, "permission denied"},
    {EPERM, kPermissionDenied, "operation not permitted"},
    {EROFS, kPermissionDenied, "read-only file system"},
    {ENOENT, kNotFound, "no such file or directory"},
    {ENXIO, kNotFound, "no such device or address"},
    {ENODEV, kNotFound, "no such device"},
    {EEXIST, kAlreadyExists, "file exists"},
    {EBADF, kFailedPrecondition, "bad file descriptor"},
    {ENOTCONN, kFailedPrecondition, "transport endpoint is not connected"},
    {EISCONN, kFailedPrecondition, "transport endpoint is already connected"},
    {ESHUTDOWN, kFailedPrecondition,
     "cannot send after transport endpoint shutdown"},
    {ENOTDIR, kFailedPrecondition, "not a directory"},
    {EISDIR, kFailedPrecondition, "is a directory"},
    {EINVAL, kInvalidArgument, "invalid argument"},
    {EFAULT, kInvalidArgument, "bad address"},
    {EMSGSIZE, kInvalidArgument, "message too long"},
    {ENOTSOCK, kInvalidArgument, "socket operation on non-socket"},
    {EPROTOTYPE, kInvalidArgument, "protocol wrong type for socket"},
    {ENOPROTOOPT, kInvalidArgument, "protocol not available"},
    {ESPIPE, kInvalidArgument, "illegal seek"},
    {EFBIG, kOutOfRange, "file too large"},
    {ENOSYS, kUnimplemented, "function not implemented"},
    {EOPNOTSUPP, kUnimplemented, "operation not supported"},
    {EPROTONOSUPPORT, kUnimplemented, "protocol not supported"},
    {ESOCKTNOSUPPORT, kUnimplemented, "socket type not supported"},
    {EPFNOSUPPORT, kUnimplemented, "protocol family not supported"},
    {EAFNOSUPPORT, kUnimplemented, "address family not supported by protocol"},
    {EIO, kInternal, "input/output error"},
};

// Whatever a call fails with: Go's text, the code, the errno; the connection
// goes on where the kernel lets it.
TEST_F(KernelTest, EveryErrnoOfReadsAndWrites) {
  InGoroutine([] {
    const Pair p = MakePair();
    const std::string ends =
        p.client.LocalAddr().String() + "->" + p.client.RemoteAddr().String();
    const auto check = [&](const absl::Status& err, const Entry& entry,
                           const std::string& op) {
      EXPECT_EQ(Text(err), op + " tcp " + ends + ": " + op + ": " + entry.text);
      EXPECT_EQ(err.code(), entry.code) << err;
      EXPECT_EQ(base::ErrnoOf(err), entry.err) << err;
      EXPECT_EQ(OpErrorOf(err)->op, op);
      EXPECT_FALSE(IsClosed(err)) << err;
    };
    char buf[1];
    for (const Entry& entry : kErrnos) {
      FailNext(kSend, entry.err);
      const io::Result w = p.client.Write("x");
      EXPECT_EQ(w.n, 0u);
      check(w.err, entry, "write");
      FailNext(kRecv, entry.err);
      check(p.client.Read(buf).err, entry, "read");
    }
    EXPECT_TRUE(p.client.Write("x").ok());
    EXPECT_EQ(p.server.Read(buf).n, 1u);
  });
}

TEST_F(KernelTest, EveryErrnoOfDials) {
  InGoroutine([] {
    const Listener ln = MustListen();
    const std::string addr = ln.Addr().String();
    for (const Entry& entry : kErrnos) {
      // Those that mean "not yet", and the one that means "already".
      if (entry.err == EINPROGRESS || entry.err == EALREADY ||
          entry.err == EISCONN) {
        continue;
      }
      FailNext(kConnect, entry.err, entry.err == EADDRNOTAVAIL ? 3 : 1);
      const absl::StatusOr<Conn> conn = Dial("tcp", addr);
      ASSERT_FALSE(conn.ok()) << entry.text;
      EXPECT_EQ(Text(conn.status()),
                "dial tcp " + addr + ": connect: " + entry.text);
      EXPECT_EQ(conn.status().code(), entry.code) << conn.status();
    }
    // EADDRNOTAVAIL is tried again, twice.
    FailNext(kConnect, EADDRNOTAVAIL, 2);
    EXPECT_TRUE(Dial("tcp", addr).ok());
  });
}

// Accept reports what is the listener's trouble and skips what was only one
// connection's; the listener goes on.
TEST_F(KernelTest, AcceptGoesOn) {
  InGoroutine([] {
    const Listener ln = MustListen();
    const std::string addr = ln.Addr().String();
    for (const int err : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EPROTO, EPERM}) {
      const absl::StatusOr<Conn> client = Dial("tcp", addr);
      ASSERT_TRUE(client.ok());
      FailNext(kAccept, err);
      const absl::StatusOr<Conn> conn = ln.Accept();
      ASSERT_FALSE(conn.ok());
      EXPECT_EQ(base::ErrnoOf(conn.status()), err);
      EXPECT_EQ(IsTemporary(conn.status()), err == EMFILE || err == ENFILE);
      EXPECT_TRUE(Text(conn.status())
                      .starts_with("accept tcp " + addr + ": accept4: "));
      EXPECT_TRUE(ln.Accept().ok());
    }
    for (const int err : {ECONNABORTED, EINTR}) {
      const absl::StatusOr<Conn> client = Dial("tcp", addr);
      FailNext(kAccept, err, 5);
      EXPECT_TRUE(ln.Accept().ok());
    }
  });
}

// The kernel's own errors, without help.
TEST_F(KernelTest, ErrorsOfRealSockets) {
  InGoroutine([] {
    const auto udp = ListenUDP("udp4", UDPAddr{.ip = IPv4(127, 0, 0, 1)});
    ASSERT_TRUE(udp.ok()) << udp.status();
    const std::string huge(70000, 'x');
    EXPECT_EQ(base::ErrnoOf(udp->WriteTo(huge, udp->LocalAddr()).err),
              EMSGSIZE);
    EXPECT_EQ(base::ErrnoOf(udp->CloseWrite()), ENOTCONN);
    const auto gram = ListenUnixgram("unixgram", UnixAddr{"", "unixgram"});
    ASSERT_TRUE(gram.ok());
    EXPECT_EQ(base::ErrnoOf(
                  gram->WriteTo("x", UnixAddr{"/nowhere/x", "unixgram"}).err),
              ENOENT);
    EXPECT_EQ(base::ErrnoOf(gram->WriteTo("x", UnixAddr{"@a", "unix"}).err),
              EAFNOSUPPORT);
    EXPECT_EQ(
        base::ErrnoOf(gram->WriteTo("x", UnixAddr{"@nobody", "unixgram"}).err),
        ECONNREFUSED);
    EXPECT_EQ(
        base::ErrnoOf(DialUnix("unix", {}, UnixAddr{"/nowhere/x"}).status()),
        ENOENT);
    EXPECT_EQ(
        base::ErrnoOf(ListenUnix("unix", UnixAddr{"/nowhere/x"}).status()),
        ENOENT);
    EXPECT_EQ(
        Text(ListenUnix("unix", UnixAddr{std::string(200, 'x')}).status()),
        "listen unix " + std::string(200, 'x') + ": bind: invalid argument");
    EXPECT_EQ(base::ErrnoOf(DialUnix("unix", {}, UnixAddr{"/"}).status()),
              ECONNREFUSED);
  });
}

// ---- Interrupted calls ----

void OnAlarm(int) {}

// A timer's signal every 200 us, without SA_RESTART: nobody notices.
TEST_F(KernelTest, StormOfSignals) {
  InGoroutine([] {
    struct sigaction action {};
    action.sa_handler = OnAlarm;
    sigaction(SIGALRM, &action, nullptr);
    const int us = Scaled(20) < 20 ? 2000 : 200;
    const itimerval often = {{0, us}, {0, us}};
    setitimer(ITIMER_REAL, &often, nullptr);
    const std::string data(Scaled(4 << 20), 'x');
    for (int round = 0; round < 3; ++round) {
      const Pair p = MakePair();
      sync::WaitGroup wg;
      wg.Go([&] {
        EXPECT_EQ(p.client.Write(data).n, data.size());
        EXPECT_TRUE(p.client.CloseWrite().ok());
      });
      wg.Go([&] {
        EXPECT_TRUE(p.client.WaitRead().ok());
        const absl::StatusOr<std::string> back = io::ReadAll(p.client);
        EXPECT_TRUE(back.ok() && *back == data) << back.status();
      });
      const io::Result echoed = io::Copy(p.server, p.server);
      EXPECT_TRUE(echoed.ok()) << echoed.err;
      EXPECT_TRUE(p.server.CloseWrite().ok());
      wg.Wait();
    }
    const itimerval never{};
    setitimer(ITIMER_REAL, &never, nullptr);
    ::signal(SIGALRM, SIG_IGN);  // the last one may still be on its way
  });
}

}  // namespace
}  // namespace parkour::net
