// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Listen, Dial and Accept: which addresses work, and in which words the others
// fail.

#include <errno.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "parkour/net/net.h"
#include "parkour/poll/testing.h"

namespace parkour::net {
namespace {

using poll::testing::AwaitParked;
using poll::testing::InGoroutine;
using Code = absl::StatusCode;

class ListenDialTest : public poll::testing::LeakTest {};

Listener MustListen(std::string_view network, std::string_view address) {
  absl::StatusOr<Listener> ln = Listen(network, address);
  EXPECT_TRUE(ln.ok()) << ln.status();
  return ln.ok() ? *ln : Listener();
}

std::string Port(const Listener& ln) {
  return std::to_string(ln.Addr().tcp()->port);
}

// A port of 127.0.0.1 at which nobody listens.
std::string DeadAddress() {
  const Listener ln = MustListen("tcp", "127.0.0.1:0");
  const std::string addr = ln.Addr().String();
  EXPECT_TRUE(ln.Close().ok());
  return addr;
}

// Whether a dial of `address` reaches `ln`. Where ours does not listen another
// process may: its connection never comes to our queue, while one that does is
// there as soon as it is dialled.
bool Reaches(const Listener& ln, std::string_view network,
             std::string_view address) {
  absl::StatusOr<Conn> c = Dial(network, address);
  if (!c.ok()) {
    EXPECT_EQ(base::ErrnoOf(c.status()), ECONNREFUSED) << c.status();
    return false;
  }
  EXPECT_TRUE(ln.SetDeadline(absl::Now() + absl::Seconds(2)).ok());
  absl::StatusOr<Conn> s = ln.Accept();
  while (s.ok() && s->RemoteAddr() != c->LocalAddr()) s = ln.Accept();
  EXPECT_TRUE(s.ok() || IsTimeout(s.status())) << s.status();
  EXPECT_TRUE(ln.SetDeadline(absl::InfiniteFuture()).ok());
  return s.ok();
}

TEST_F(ListenDialTest, WhatEachFormReaches) {
  InGoroutine([] {
    struct {
      const char *network, *address;
      bool v4, v6;
    } cases[] = {
        {"tcp", "127.0.0.1:0", true, false},
        {"tcp4", "127.0.0.1:0", true, false},
        {"tcp6", "[::1]:0", false, true},
        {"tcp", "[::1]:0", false, true},
        {"tcp", "localhost:0", true, false},
        {"tcp4", "localhost:0", true, false},
        {"tcp", ":0", true, true},
        {"tcp", "", true, true},
        {"tcp", "0.0.0.0:0", true, true},
        {"tcp", "[::]:0", true, true},
        {"tcp4", ":0", true, false},
        {"tcp6", ":0", false, true},
        {"tcp6", "[::]:0", false, true},
    };
    for (const auto& c : cases) {
      const Listener ln = MustListen(c.network, c.address);
      ASSERT_TRUE(ln);
      EXPECT_GT(ln.Addr().tcp()->port, 0);
      const std::string port = Port(ln);
      // The thread may change on the way: SCOPED_TRACE would be lost.
      const std::string form = std::string(c.network) + " " + c.address;
      EXPECT_EQ(Reaches(ln, "tcp", "127.0.0.1:" + port), c.v4) << form;
      EXPECT_EQ(Reaches(ln, "tcp4", "127.0.0.1:" + port), c.v4) << form;
      EXPECT_EQ(Reaches(ln, "tcp", "[::1]:" + port), c.v6) << form;
      EXPECT_EQ(Reaches(ln, "tcp6", "[::1]:" + port), c.v6) << form;
      // Which addresses it is besides 127.0.0.1 is the hosts file's affair.
      EXPECT_TRUE(!c.v4 || Reaches(ln, "tcp", "localhost:" + port)) << form;
      EXPECT_EQ(Reaches(ln, "tcp", ":" + port), c.v4) << form;
    }
  });
}

TEST_F(ListenDialTest, ListenersSayWhereTheyAre) {
  InGoroutine([] {
    EXPECT_TRUE(MustListen("tcp", "127.0.0.1:0").Addr().tcp()->ip ==
                IPv4(127, 0, 0, 1));
    EXPECT_TRUE(MustListen("tcp", ":0").Addr().tcp()->ip.IsUnspecified());
    const Listener six = MustListen("tcp6", "[::1]:0");
    EXPECT_EQ(six.Addr().String(), "[::1]:" + Port(six));
    EXPECT_EQ(six.Addr().Network(), "tcp");
  });
}

TEST_F(ListenDialTest, MalformedAddresses) {
  InGoroutine([] {
    struct {
      const char *network, *address, *why;
      Code code = Code::kInvalidArgument;
    } cases[] = {
        {"tcp", "127.0.0.1", "address 127.0.0.1: missing port in address"},
        {"tcp", "::1", "address ::1: too many colons in address"},
        {"tcp", "[::1", "address [::1: missing ']' in address"},
        {"tcp", "[::1]", "address [::1]: missing port in address"},
        {"tcp", "[::1]x:1", "address [::1]x:1: missing port in address"},
        {"tcp", ":99999", "address 99999: invalid port"},
        {"tcp", "127.0.0.1:-1", "address -1: invalid port"},
        {"tcp4", "[::1]:80", "address ::1: no suitable address found"},
        {"tcp6", "127.0.0.1:80",
         "address 127.0.0.1: no suitable address found"},
        {"tcp", "127.0.0.1:no-such-service",
         "lookup tcp/no-such-service: unknown port", Code::kNotFound},
        {"foo", "127.0.0.1:80", "unknown network foo"},
        {"", "127.0.0.1:80", "unknown network "},
        {"TCP", "127.0.0.1:80", "unknown network TCP"},
        {"foo", "", "unknown network foo"},
    };
    for (const auto& c : cases) {
      const std::string network =
          *c.network ? std::string(" ") + c.network : "";
      const absl::Status dial = Dial(c.network, c.address).status();
      EXPECT_EQ(dial.message(), "dial" + network + ": " + c.why);
      EXPECT_EQ(dial.code(), c.code) << dial;
      const absl::Status listen = Listen(c.network, c.address).status();
      EXPECT_EQ(listen.message(), "listen" + network + ": " + c.why);
      EXPECT_EQ(listen.code(), c.code) << listen;
      for (const absl::Status& st : {dial, listen}) {
        EXPECT_FALSE(IsTimeout(st));
        EXPECT_FALSE(IsTemporary(st));
        EXPECT_FALSE(IsClosed(st));
        const std::optional<OpError> e = OpErrorOf(st);
        ASSERT_TRUE(e.has_value()) << st;
        EXPECT_EQ(e->net, c.network);
        EXPECT_EQ(e->text, c.why);
        EXPECT_EQ(e->err, 0);
      }
    }
    EXPECT_EQ(Dial("tcp", "").status().message(), "dial tcp: missing address");
  });
}

TEST_F(ListenDialTest, BusyPort) {
  InGoroutine([] {
    const Listener ln = MustListen("tcp", "127.0.0.1:0");
    const std::string at = ln.Addr().String();
    const absl::Status st = Listen("tcp", at).status();
    EXPECT_EQ(st.message(),
              "listen tcp " + at + ": bind: address already in use");
    EXPECT_EQ(st.code(), Code::kAlreadyExists);
    const std::optional<OpError> e = OpErrorOf(st);
    ASSERT_TRUE(e.has_value());
    EXPECT_EQ(e->op, "listen");
    EXPECT_EQ(e->addr, at);
    EXPECT_EQ(e->source, "");
    EXPECT_EQ(e->syscall, "bind");
    EXPECT_EQ(e->err, EADDRINUSE);
    EXPECT_TRUE(Reaches(ln, "tcp", at));  // the first one does not mind
    EXPECT_TRUE(ln.Close().ok());
    EXPECT_TRUE(MustListen("tcp", at).Close().ok());  // free again at once
  });
}

// Go: TestDualStackTCPListener: the wildcard takes the port on both.
TEST_F(ListenDialTest, WildcardsAndTheirPorts) {
  InGoroutine([] {
    const Listener both = MustListen("tcp", ":0");
    for (const char* network : {"tcp", "tcp4", "tcp6"}) {
      EXPECT_EQ(base::ErrnoOf(Listen(network, ":" + Port(both)).status()),
                EADDRINUSE)
          << network;
    }
    const Listener six = MustListen("tcp6", ":0");
    const absl::StatusOr<Listener> four = Listen("tcp4", ":" + Port(six));
    // Another process may hold the port on the other side.
    if (!four.ok()) {
      EXPECT_EQ(base::ErrnoOf(four.status()), EADDRINUSE) << four.status();
    }
  });
}

TEST_F(ListenDialTest, AddressThatIsNotOurs) {
  InGoroutine([] {
    // TEST-NET-1 is nobody's.
    const absl::Status st = Listen("tcp", "192.0.2.1:0").status();
    EXPECT_EQ(st.message(),
              "listen tcp 192.0.2.1:0: bind: cannot assign requested address");
    EXPECT_EQ(st.code(), Code::kUnavailable);
  });
}

TEST_F(ListenDialTest, Refused) {
  InGoroutine([] {
    const std::string at = DeadAddress();
    const absl::Status st = Dial("tcp", at).status();
    EXPECT_EQ(st.message(), "dial tcp " + at + ": connect: connection refused");
    EXPECT_EQ(st.code(), Code::kUnavailable);
    EXPECT_FALSE(IsTimeout(st));
    EXPECT_FALSE(IsTemporary(st));
    EXPECT_FALSE(IsClosed(st));
    const std::optional<OpError> e = OpErrorOf(st);
    ASSERT_TRUE(e.has_value());
    EXPECT_EQ(e->op, "dial");
    EXPECT_EQ(e->net, "tcp");
    EXPECT_EQ(e->source, "");
    EXPECT_EQ(e->addr, at);
    EXPECT_EQ(e->syscall, "connect");
    EXPECT_EQ(e->err, ECONNREFUSED);
    EXPECT_EQ(e->text, "connect: connection refused");
  });
}

// localhost is two addresses; the first error is the one reported.
TEST_F(ListenDialTest, RefusedByAllAddresses) {
  InGoroutine([] {
    const std::string at = DeadAddress();
    const std::string port = at.substr(at.rfind(':'));
    const absl::Status st = Dial("tcp", "localhost" + port).status();
    EXPECT_EQ(base::ErrnoOf(st), ECONNREFUSED) << st;
  });
}

TEST_F(ListenDialTest, NilHandles) {
  const Conn c;
  const Listener ln;
  EXPECT_FALSE(c);
  EXPECT_FALSE(ln);
  char buf[4];
  const absl::Time now = absl::Now();
  for (const absl::Status& st : std::vector<absl::Status>{
           c.Read(buf).err, c.Write("x").err, c.WaitRead(), c.Close(),
           c.CloseRead(), c.CloseWrite(), c.SetDeadline(now),
           c.SetReadDeadline(now), c.SetWriteDeadline(now),
           ln.Accept().status(), ln.Close(), ln.SetDeadline(now)}) {
    EXPECT_EQ(st.message(), "invalid argument");
    EXPECT_EQ(st.code(), Code::kInvalidArgument);
    EXPECT_EQ(base::ErrnoOf(st), EINVAL);
  }
  EXPECT_TRUE(c.LocalAddr().IsNil());
  EXPECT_TRUE(c.RemoteAddr().IsNil());
  EXPECT_TRUE(ln.Addr().IsNil());
  EXPECT_TRUE(c == Conn());
}

// ---- Listeners that close ----

TEST_F(ListenDialTest, CloseWakesAccept) {
  InGoroutine([] {
    const Listener ln = MustListen("tcp", "127.0.0.1:0");
    const std::string words = "accept tcp " + ln.Addr().String() +
                              ": use of closed network connection";
    sync::WaitGroup wg;
    for (int i = 0; i < 3; ++i) {
      wg.Go([&] {
        const absl::Status st = ln.Accept().status();
        EXPECT_EQ(st.message(), words);
        EXPECT_TRUE(IsClosed(st));
        EXPECT_FALSE(IsTimeout(st));
        EXPECT_FALSE(IsTemporary(st));
        EXPECT_EQ(st.code(), Code::kFailedPrecondition);
      });
    }
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_TRUE(ln.Close().ok());
    wg.Wait();
    EXPECT_EQ(ln.Accept().status().message(), words);
    const absl::Status again = ln.Close();
    EXPECT_EQ(again.message(), "close tcp " + ln.Addr().String() +
                                   ": use of closed network connection");
    EXPECT_TRUE(IsClosed(again));
    const std::optional<OpError> e = OpErrorOf(again);
    ASSERT_TRUE(e.has_value());
    EXPECT_EQ(e->addr, ln.Addr().String());
    EXPECT_EQ(e->source, "");
    const absl::Status set = ln.SetDeadline(absl::Now());
    EXPECT_EQ(set.message(), "set tcp " + ln.Addr().String() +
                                 ": use of closed network connection");
  });
}

// Go: TestClosingListener: the port is free when Close has returned, although
// somebody was accepting.
TEST_F(ListenDialTest, PortIsFreeAfterClose) {
  InGoroutine([] {
    std::string at = "127.0.0.1:0";
    for (int i = 0; i < 100; ++i) {
      const Listener ln = MustListen("tcp", at);
      ASSERT_TRUE(ln);
      at = ln.Addr().String();
      sync::WaitGroup wg;
      wg.Go([&] { EXPECT_TRUE(IsClosed(ln.Accept().status())); });
      if (i % 2) {
        ASSERT_TRUE(AwaitParked(1));
      }
      EXPECT_TRUE(ln.Close().ok());
      const absl::StatusOr<Listener> next = Listen("tcp", at);
      EXPECT_TRUE(next.ok()) << next.status();
      if (next.ok()) {
        EXPECT_TRUE(next->Close().ok());
      }
      wg.Wait();
    }
  });
}

// A connection that was reset while it queued must not end the accept loop.
TEST_F(ListenDialTest, ResetWhileQueued) {
  InGoroutine([] {
    const Listener ln = MustListen("tcp", "127.0.0.1:0");
    const int port = ln.Addr().tcp()->port;
    for (int i = 0; i < 50; ++i) {
      poll::testing::RawReset(poll::testing::RawDial(port));
      const int good = poll::testing::RawDial(port);
      poll::testing::RawSend(good, "good");
      // Linux hands the dead one out; its first Read tells.
      for (;;) {
        absl::StatusOr<Conn> c = ln.Accept();
        ASSERT_TRUE(c.ok()) << c.status();
        char buf[16];
        auto [n, err] = c->Read(buf);
        if (err.ok()) {
          EXPECT_EQ(std::string(buf, n), "good");
          break;
        }
        EXPECT_EQ(base::ErrnoOf(err), ECONNRESET) << err;
      }
      close(good);
    }
  });
}

// Go: TestTCPSpuriousConnSetupCompletion: dials that race with the listener's
// Close connect or are refused or reset, nothing else.
TEST_F(ListenDialTest, DialsAgainstClose) {
  InGoroutine([] {
    for (int round = 0; round < 100; ++round) {
      const Listener ln = MustListen("tcp", "127.0.0.1:0");
      sync::WaitGroup wg;
      wg.Go([&] {
        for (int i = 0; i < round % 8; ++i) {
          if (!ln.Accept().ok()) return;
        }
        EXPECT_TRUE(ln.Close().ok());
      });
      for (int i = 0; i < 10; ++i) {
        wg.Go([&] {
          absl::StatusOr<Conn> c = Dial("tcp", ln.Addr().String());
          if (c.ok()) return;
          const int err = base::ErrnoOf(c.status());
          EXPECT_TRUE(err == ECONNREFUSED || err == ECONNRESET) << c.status();
        });
      }
      wg.Wait();
    }
  });
}

// ---- Limits ----

// No more descriptors, until the end of the scope.
class Exhausted {
 public:
  Exhausted() {
    getrlimit(RLIMIT_NOFILE, &old_);
    rlimit low = old_;
    low.rlim_cur = 256;
    setrlimit(RLIMIT_NOFILE, &low);
    int fd;
    while ((fd = dup(STDERR_FILENO)) >= 0) taken_.push_back(fd);
    EXPECT_EQ(errno, EMFILE);
  }
  ~Exhausted() {
    for (const int fd : taken_) close(fd);
    setrlimit(RLIMIT_NOFILE, &old_);
  }

 private:
  rlimit old_{};
  std::vector<int> taken_;
};

TEST_F(ListenDialTest, AcceptWithoutDescriptors) {
  InGoroutine([] {
    const Listener ln = MustListen("tcp", "127.0.0.1:0");
    const int parked_peer = poll::testing::RawDial(ln.Addr().tcp()->port);
    {
      const Exhausted none;
      for (int i = 0; i < 3; ++i) {
        const absl::Status st = ln.Accept().status();
        EXPECT_EQ(st.message(), "accept tcp " + ln.Addr().String() +
                                    ": accept4: too many open files");
        EXPECT_EQ(st.code(), Code::kResourceExhausted);
        EXPECT_TRUE(IsTemporary(st));
        EXPECT_FALSE(IsTimeout(st));
        EXPECT_FALSE(IsClosed(st));
        EXPECT_EQ(base::ErrnoOf(st), EMFILE);
      }
    }
    // The connection was not lost, and neither was the listener.
    absl::StatusOr<Conn> c = ln.Accept();
    ASSERT_TRUE(c.ok()) << c.status();
    EXPECT_EQ(c->RemoteAddr().tcp()->port,
              poll::testing::LocalPort(parked_peer));
    close(parked_peer);
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_TRUE(ln.Accept().ok()); });
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_TRUE(Dial("tcp", ln.Addr().String()).ok());
    wg.Wait();
  });
}

// Parked in Accept when descriptors run out: it learns of it when somebody
// comes, and then goes on.
TEST_F(ListenDialTest, ParkedAcceptWithoutDescriptors) {
  InGoroutine([] {
    const Listener ln = MustListen("tcp", "127.0.0.1:0");
    const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(base::ErrnoOf(ln.Accept().status()), EMFILE); });
    ASSERT_TRUE(AwaitParked(1));
    {
      const Exhausted none;
      sockaddr_in addr = poll::testing::Loopback(ln.Addr().tcp()->port);
      EXPECT_EQ(connect(peer, reinterpret_cast<sockaddr*>(&addr), sizeof(addr)),
                0);
      wg.Wait();
    }
    EXPECT_TRUE(ln.Accept().ok());
    close(peer);
  });
}

TEST_F(ListenDialTest, DialAndListenWithoutDescriptors) {
  InGoroutine([] {
    const Listener ln = MustListen("tcp", "127.0.0.1:0");
    const std::string at = ln.Addr().String();
    {
      const Exhausted none;
      const absl::Status st = Dial("tcp", at).status();
      EXPECT_EQ(st.message(),
                "dial tcp " + at + ": socket: too many open files");
      EXPECT_EQ(st.code(), Code::kResourceExhausted);
      EXPECT_TRUE(IsTemporary(st));
      EXPECT_EQ(Listen("tcp", "127.0.0.1:0").status().message(),
                "listen tcp 127.0.0.1:0: socket: too many open files");
    }
    EXPECT_TRUE(Reaches(ln, "tcp", at));
  });
}

}  // namespace
}  // namespace parkour::net
