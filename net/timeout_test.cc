// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Deadlines through the public API. Go: src/net/timeout_test.go. Nothing here
// asserts that a deadline comes soon, only that it comes, and never early.

#include <errno.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "parkour/net/net.h"
#include "parkour/poll/testing.h"

namespace parkour::net {
namespace {

using base::nanotime;
using poll::testing::AwaitParked;
using poll::testing::InGoroutine;
using poll::testing::Jitter;
using Code = absl::StatusCode;

class TimeoutTest : public poll::testing::LeakTest {};

// The clocks of absl::Now and of the timers differ: a deadline on the wall
// clock may come this much early on the other one.
constexpr absl::Duration kClockSkew = absl::Milliseconds(1);

struct Pair {
  Conn client, server;
  std::string name;  // of the client, "A->B"
};

Listener MustListen() {
  absl::StatusOr<Listener> ln = Listen("tcp", "127.0.0.1:0");
  EXPECT_TRUE(ln.ok()) << ln.status();
  return ln.ok() ? *ln : Listener();
}

Pair MakePair() {
  const Listener ln = MustListen();
  absl::StatusOr<Conn> client = Dial("tcp", ln.Addr().String());
  absl::StatusOr<Conn> server = ln.Accept();
  EXPECT_TRUE(client.ok()) << client.status();
  EXPECT_TRUE(server.ok()) << server.status();
  return {*client, *server,
          client->LocalAddr().String() + "->" + client->RemoteAddr().String()};
}

void ExpectTimeout(const absl::Status& st, const std::string& words) {
  EXPECT_EQ(st.message(), words + ": i/o timeout");
  EXPECT_EQ(st.code(), Code::kDeadlineExceeded);
  EXPECT_TRUE(IsTimeout(st));
  EXPECT_TRUE(IsTemporary(st));
  EXPECT_FALSE(IsClosed(st));
  EXPECT_FALSE(io::IsEOF(st));
  EXPECT_EQ(base::ErrnoOf(st), 0);
}

io::Result ReadOne(const Conn& c) {
  char buf[1];
  return c.Read(buf);
}

absl::Status WriteUntilError(const Conn& c) {
  const std::string data(1 << 16, 'w');
  for (;;) {
    const io::Result w = c.Write(data);
    if (!w.ok()) return w.err;
  }
}

// ---- Dial ----

// A listener that does not accept and whose queue is full: the kernel drops
// further SYNs, so that a dial hangs without an answer.
class DeafListener {
 public:
  DeafListener() : fd_(poll::testing::RawListen(0)) {
    for (int& fd : fill_) {
      fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      sockaddr_in addr = poll::testing::Loopback(port());
      connect(fd, reinterpret_cast<sockaddr*>(&addr), sizeof(addr));
    }
  }
  ~DeafListener() {
    for (const int fd : fill_) close(fd);
    close(fd_);
  }
  int port() const { return poll::testing::LocalPort(fd_); }
  std::string addr() const { return "127.0.0.1:" + std::to_string(port()); }

 private:
  int fd_;
  int fill_[4];
};

TEST_F(TimeoutTest, DialTimeout) {
  InGoroutine([] {
    const DeafListener deaf;
    for (const absl::Duration timeout :
         {absl::Milliseconds(20), absl::Milliseconds(1), absl::Nanoseconds(1),
          absl::Nanoseconds(1) / 4, absl::Nanoseconds(-1), absl::Hours(-1),
          -absl::InfiniteDuration()}) {
      const int64_t start = nanotime();
      const absl::Status st = DialTimeout("tcp", deaf.addr(), timeout).status();
      const absl::Duration took = absl::Nanoseconds(nanotime() - start);
      ExpectTimeout(st, "dial tcp " + deaf.addr());
      EXPECT_GE(took, timeout);
      const std::optional<OpError> e = OpErrorOf(st);
      ASSERT_TRUE(e.has_value());
      EXPECT_EQ(e->op, "dial");
      EXPECT_EQ(e->addr, deaf.addr());
      EXPECT_TRUE(e->timeout);
    }
  });
}

// Several at once, also from plain threads; each at its own time.
TEST_F(TimeoutTest, DialTimeoutsInParallel) {
  const DeafListener deaf;
  const auto dial = [&](int ms) {
    const int64_t start = nanotime();
    const absl::Status st =
        DialTimeout("tcp", deaf.addr(), absl::Milliseconds(ms)).status();
    EXPECT_TRUE(IsTimeout(st)) << st;
    EXPECT_GE(nanotime() - start, ms * poll::testing::kMs);
  };
  sync::WaitGroup wg;
  for (int i = 1; i <= 20; ++i) wg.Go(dial, 2 * i);
  std::thread plain(dial, 15);
  wg.Wait();
  plain.join();
}

TEST_F(TimeoutTest, DialInTime) {
  InGoroutine([] {
    const Listener ln = MustListen();
    // 0 and forever: no limit. Go: TestDialTimeoutMaxDuration.
    for (const absl::Duration timeout :
         {absl::ZeroDuration(), absl::InfiniteDuration(), absl::Hours(2000000),
          absl::Nanoseconds(INT64_MAX), absl::Minutes(5)}) {
      absl::StatusOr<Conn> c = DialTimeout("tcp", ln.Addr().String(), timeout);
      ASSERT_TRUE(c.ok()) << timeout << ": " << c.status();
      absl::StatusOr<Conn> s = ln.Accept();
      ASSERT_TRUE(s.ok()) << s.status();
      // The timeout was the dial's, not the connection's.
      EXPECT_TRUE(c->Write("x").ok());
      EXPECT_TRUE(ReadOne(*s).ok());
    }
    EXPECT_TRUE(ln.Close().ok());
    // A refusal is no timeout, though one was given.
    const absl::Status st =
        DialTimeout("tcp", ln.Addr().String(), absl::Minutes(5)).status();
    EXPECT_EQ(base::ErrnoOf(st), ECONNREFUSED) << st;
    EXPECT_FALSE(IsTimeout(st));
  });
}

// A dial's own deadline does not stay on the connection.
TEST_F(TimeoutTest, DialTimeoutEndsWithTheDial) {
  InGoroutine([] {
    const Listener ln = MustListen();
    const int64_t end = nanotime() + 300 * poll::testing::kMs;
    absl::StatusOr<Conn> c =
        DialTimeout("tcp", ln.Addr().String(), absl::Milliseconds(300));
    ASSERT_TRUE(c.ok()) << c.status();
    absl::StatusOr<Conn> s = ln.Accept();
    ASSERT_TRUE(s.ok());
    while (nanotime() <= end) {
      EXPECT_TRUE(
          s->SetReadDeadline(absl::Now() + absl::Milliseconds(50)).ok());
      EXPECT_TRUE(IsTimeout(ReadOne(*s).err));
    }
    EXPECT_TRUE(c->Write("x").ok());
  });
}

// ---- Accept ----

TEST_F(TimeoutTest, AcceptTimeout) {
  InGoroutine([] {
    const Listener ln = MustListen();
    const std::string words = "accept tcp " + ln.Addr().String();
    for (const int ms : {-1000, -1, 0, 1, 10}) {
      const absl::Time t = absl::Now() + absl::Milliseconds(ms);
      EXPECT_TRUE(ln.SetDeadline(t).ok());
      ExpectTimeout(ln.Accept().status(), words);
      EXPECT_GE(absl::Now() + kClockSkew, t);
      ExpectTimeout(ln.Accept().status(), words);
    }
    // Also with a connection in the queue.
    EXPECT_TRUE(ln.SetDeadline(absl::InfinitePast()).ok());
    const int peer = poll::testing::RawDial(ln.Addr().tcp()->port);
    ExpectTimeout(ln.Accept().status(), words);
    EXPECT_TRUE(ln.SetDeadline(absl::InfiniteFuture()).ok());
    EXPECT_TRUE(ln.Accept().ok());
    close(peer);
  });
}

// Go: TestAcceptTimeoutMustReturn, TestAcceptTimeoutMustNotReturn.
TEST_F(TimeoutTest, AcceptDeadlineSetAndTakenBack) {
  InGoroutine([] {
    const Listener ln = MustListen();
    EXPECT_TRUE(ln.SetDeadline(absl::InfiniteFuture()).ok());
    EXPECT_TRUE(ln.SetDeadline(absl::Now() + absl::Milliseconds(5)).ok());
    EXPECT_TRUE(IsTimeout(ln.Accept().status()));
    EXPECT_TRUE(ln.SetDeadline(absl::InfiniteFuture()).ok());
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_TRUE(IsClosed(ln.Accept().status())); });
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_TRUE(ln.Close().ok());
    wg.Wait();
    // A parked Accept is woken by a deadline that is set now.
    const Listener second = MustListen();
    wg.Go([&] { EXPECT_TRUE(IsTimeout(second.Accept().status())); });
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_TRUE(second.SetDeadline(absl::Now()).ok());
    wg.Wait();
  });
}

// ---- Read and Write ----

TEST_F(TimeoutTest, ReadTimeout) {
  InGoroutine([] {
    const Pair p = MakePair();
    EXPECT_TRUE(p.server.Write("there").ok());
    EXPECT_TRUE(p.client.WaitRead().ok());
    for (const absl::Time t :
         {absl::InfinitePast(), absl::UnixEpoch(), absl::Now()}) {
      EXPECT_TRUE(p.client.SetReadDeadline(t).ok());
      for (int i = 0; i < 3; ++i) {
        const io::Result r = ReadOne(p.client);
        EXPECT_EQ(r.n, 0u);
        ExpectTimeout(r.err, "read tcp " + p.name);
      }
    }
    EXPECT_TRUE(p.client.Write("not concerned").ok());
    EXPECT_TRUE(p.client.SetReadDeadline(absl::InfiniteFuture()).ok());
    char buf[16];
    EXPECT_EQ(p.client.Read(buf).n, 5u);
  });
}

TEST_F(TimeoutTest, WriteTimeout) {
  InGoroutine([] {
    const Pair p = MakePair();
    for (const int ms : {-1000, 0, 1, 10}) {
      const absl::Time t = absl::Now() + absl::Milliseconds(ms);
      EXPECT_TRUE(p.client.SetWriteDeadline(t).ok());
      ExpectTimeout(WriteUntilError(p.client), "write tcp " + p.name);
      EXPECT_GE(absl::Now() + kClockSkew, t);
      const io::Result again = p.client.Write("x");
      EXPECT_EQ(again.n, 0u);
      ExpectTimeout(again.err, "write tcp " + p.name);
    }
    EXPECT_TRUE(p.server.Write("x").ok());
    EXPECT_TRUE(ReadOne(p.client).ok());  // not concerned
  });
}

// What went out before the deadline is told.
TEST_F(TimeoutTest, PartOfAWrite) {
  InGoroutine([] {
    const Pair p = MakePair();
    const std::string data(64 << 20, 'w');
    EXPECT_TRUE(
        p.client.SetWriteDeadline(absl::Now() + absl::Milliseconds(20)).ok());
    const io::Result w = p.client.Write(data);
    EXPECT_TRUE(IsTimeout(w.err)) << w.err;
    EXPECT_TRUE(p.client.Close().ok());
    size_t got = 0;
    std::vector<char> buf(1 << 16);
    for (;;) {
      auto [n, err] = p.server.Read(buf);
      got += n;
      if (!err.ok()) break;
    }
    EXPECT_EQ(got, w.n);
  });
}

// Go: TestReadTimeoutMustNotReturn, TestWriteTimeoutMustNotReturn.
TEST_F(TimeoutTest, TheOtherSidesDeadlineDoesNotCount) {
  InGoroutine([] {
    const Pair reads = MakePair(), writes = MakePair();
    EXPECT_TRUE(reads.client.SetWriteDeadline(absl::Now()).ok());
    EXPECT_TRUE(writes.client.SetReadDeadline(absl::Now()).ok());
    sync::WaitGroup wg;
    wg.Go([&] {
      const absl::Status st = ReadOne(reads.client).err;
      EXPECT_TRUE(IsClosed(st)) << st;
      EXPECT_FALSE(IsTimeout(st));
    });
    wg.Go([&] {
      const absl::Status st = WriteUntilError(writes.client);
      EXPECT_TRUE(IsClosed(st)) << st;
      EXPECT_FALSE(IsTimeout(st));
    });
    ASSERT_TRUE(AwaitParked(2));
    EXPECT_TRUE(IsTimeout(reads.client.Write("x").err));
    EXPECT_TRUE(IsTimeout(ReadOne(writes.client).err));
    EXPECT_TRUE(reads.client.Close().ok());
    EXPECT_TRUE(writes.client.Close().ok());
    wg.Wait();
  });
}

// Go: TestReadTimeoutUnblocksRead.
TEST_F(TimeoutTest, SettingADeadlineWakesTheParked) {
  InGoroutine([] {
    const Pair p = MakePair();
    for (int i = 0; i < 100; ++i) {
      sync::WaitGroup wg;
      wg.Go(
          [&] { ExpectTimeout(ReadOne(p.client).err, "read tcp " + p.name); });
      ASSERT_TRUE(AwaitParked(1));
      EXPECT_TRUE(p.client.SetDeadline(absl::Now()).ok());
      wg.Wait();
      EXPECT_TRUE(p.client.SetDeadline(absl::InfiniteFuture()).ok());
    }
    EXPECT_TRUE(p.server.Write("x").ok());
    EXPECT_TRUE(ReadOne(p.client).ok());
  });
}

// Go: TestReadTimeoutFluctuation.
TEST_F(TimeoutTest, NeverEarly) {
  InGoroutine([] {
    const Pair p = MakePair();
    for (int us = 1; us < 20000; us = us * 3 / 2 + 1) {
      const absl::Time t = absl::Now() + absl::Microseconds(us);
      EXPECT_TRUE(p.client.SetReadDeadline(t).ok());
      EXPECT_TRUE(IsTimeout(ReadOne(p.client).err));
      EXPECT_GE(absl::Now() + kClockSkew, t);
    }
  });
}

// Go: TestVariousDeadlines: a stream that never ends, cut at any moment.
TEST_F(TimeoutTest, VariousDeadlines) {
  for (const int procs : {1, 4}) {
    const int old = runtime::GOMAXPROCS(procs);
    InGoroutine([] {
      const Listener ln = MustListen();
      sync::WaitGroup wg;
      wg.Go([&] {
        for (;;) {
          absl::StatusOr<Conn> c = ln.Accept();
          if (!c.ok()) return;
          wg.Go([c = *c] { (void)WriteUntilError(c); });
        }
      });
      for (int64_t ns = 1; ns < 100000000; ns *= 4) {
        absl::StatusOr<Conn> c = Dial("tcp", ln.Addr().String());
        ASSERT_TRUE(c.ok()) << c.status();
        EXPECT_TRUE(c->SetDeadline(absl::Now() + absl::Nanoseconds(ns)).ok());
        std::vector<char> buf(1 << 16);
        for (;;) {
          const io::Result r = c->Read(buf);
          if (r.ok()) continue;
          EXPECT_TRUE(IsTimeout(r.err)) << r.err;
          break;
        }
        EXPECT_TRUE(c->Close().ok());
      }
      EXPECT_TRUE(ln.Close().ok());
      wg.Wait();
    });
    EXPECT_EQ(runtime::GOMAXPROCS(old), procs);
  }
}

// Go: TestReadWriteProlongedTimeout.
TEST_F(TimeoutTest, RenewedBeforeEachRead) {
  InGoroutine([] {
    const Pair p = MakePair();
    sync::WaitGroup wg;
    wg.Go([&, seed = 1u]() mutable {
      for (int i = 0; i < 2000; ++i) {
        Jitter(&seed, 2000);
        ASSERT_TRUE(
            p.server.SetWriteDeadline(absl::Now() + absl::Minutes(5)).ok());
        ASSERT_TRUE(p.server.Write("x").ok());
      }
      EXPECT_TRUE(p.server.CloseWrite().ok());
    });
    size_t got = 0;
    char buf[64];
    for (;;) {
      ASSERT_TRUE(
          p.client.SetReadDeadline(absl::Now() + absl::Minutes(5)).ok());
      auto [n, err] = p.client.Read(buf);
      got += n;
      if (io::IsEOF(err)) break;
      ASSERT_TRUE(err.ok()) << err;
    }
    EXPECT_EQ(got, 2000u);
    wg.Wait();
  });
}

// Go: TestReadWriteDeadlineRace.
TEST_F(TimeoutTest, DeadlinesAgainstReadsAndWrites) {
  InGoroutine([] {
    const Pair p = MakePair();
    base::Atomic<bool> stop{false};
    sync::WaitGroup setter, users;
    setter.Go([&] {
      while (!stop.load()) {
        EXPECT_TRUE(
            p.client.SetReadDeadline(absl::Now() + absl::Microseconds(2)).ok());
        EXPECT_TRUE(
            p.client.SetWriteDeadline(absl::Now() + absl::Microseconds(2))
                .ok());
        runtime::Gosched();
      }
    });
    users.Go([&] {
      for (int i = 0; i < 2000; ++i) {
        const io::Result r = ReadOne(p.client);
        EXPECT_TRUE(r.ok() || IsTimeout(r.err)) << r.err;
      }
    });
    users.Go([&] {
      for (int i = 0; i < 2000; ++i) {
        const io::Result w = p.client.Write("y");
        EXPECT_TRUE(w.ok() || IsTimeout(w.err)) << w.err;
      }
    });
    users.Go([&] {
      for (int i = 0; i < 200; ++i) {
        EXPECT_TRUE(p.server.Write("x").ok());
        runtime::Gosched();
      }
    });
    users.Wait();
    stop.store(true);
    setter.Wait();
  });
}

// Go: TestConcurrentSetDeadline.
TEST_F(TimeoutTest, ManySettersOnManyConnections) {
  InGoroutine([] {
    std::vector<Pair> pairs;
    for (int i = 0; i < 10; ++i) pairs.push_back(MakePair());
    sync::WaitGroup readers, setters;
    for (const Pair& p : pairs) {
      readers.Go([&p] { EXPECT_TRUE(IsTimeout(ReadOne(p.client).err)); });
    }
    for (int i = 0; i < 8; ++i) {
      setters.Go([&, i] {
        for (int k = 0; k < 25; ++k) {
          for (const Pair& p : pairs) {
            EXPECT_TRUE(p.client
                            .SetDeadline(absl::Now() + absl::Hours(1) -
                                         absl::Seconds(k * 8 + i))
                            .ok());
          }
        }
      });
    }
    setters.Wait();
    for (const Pair& p : pairs) {
      EXPECT_TRUE(
          p.client.SetDeadline(absl::Now() + absl::Milliseconds(1)).ok());
    }
    readers.Wait();
  });
}

}  // namespace
}  // namespace parkour::net
