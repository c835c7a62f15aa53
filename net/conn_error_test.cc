// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Connections that end: closed by us, by the peer, or reset, while somebody
// reads, writes or is parked; in which words, with which code and fields.

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

using poll::testing::AwaitParked;
using poll::testing::AwaitQueued;
using poll::testing::Eventually;
using poll::testing::InGoroutine;
using Code = absl::StatusCode;

class ConnErrorTest : public poll::testing::LeakTest {};

// An accepted connection and the raw socket at its other end.
struct Half {
  Conn conn;
  int peer;
  std::string name;  // "A->B", as in errors
};

Half MakeHalf() {
  absl::StatusOr<Listener> ln = Listen("tcp", "127.0.0.1:0");
  EXPECT_TRUE(ln.ok()) << ln.status();
  const int peer = poll::testing::RawDial(ln->Addr().tcp()->port);
  absl::StatusOr<Conn> c = ln->Accept();
  EXPECT_TRUE(c.ok()) << c.status();
  return {*c, peer, c->LocalAddr().String() + "->" + c->RemoteAddr().String()};
}

absl::Status ReadError(const Conn& c) {
  char buf[16];
  io::Result r = c.Read(buf);
  EXPECT_EQ(r.n, 0u);
  return r.err;
}

absl::Status WriteUntilError(const Conn& c) {
  const std::string data(1 << 16, 'w');
  for (;;) {
    const io::Result w = c.Write(data);
    if (!w.ok()) return w.err;
  }
}

// All that can be known of a failed operation.
void ExpectOpError(const absl::Status& st, const Half& h, const char* op,
                   int err, const char* why) {
  EXPECT_EQ(st.message(),
            std::string(op) + " tcp " + h.name + ": " + op + ": " + why);
  EXPECT_EQ(st.code(), Code::kUnavailable);
  EXPECT_FALSE(IsTimeout(st));
  EXPECT_FALSE(IsTemporary(st));
  EXPECT_FALSE(IsClosed(st));
  EXPECT_FALSE(io::IsEOF(st));
  const std::optional<OpError> e = OpErrorOf(st);
  ASSERT_TRUE(e.has_value()) << st;
  EXPECT_EQ(e->op, op);
  EXPECT_EQ(e->net, "tcp");
  EXPECT_EQ(e->source, h.conn.LocalAddr().String());
  EXPECT_EQ(e->addr, h.conn.RemoteAddr().String());
  EXPECT_EQ(e->syscall, op);
  EXPECT_EQ(e->err, err);
  EXPECT_EQ(e->text, std::string(op) + ": " + why);
}

// Go: TestNotTemporaryRead.
TEST_F(ConnErrorTest, ResetBeforeAndDuringRead) {
  InGoroutine([] {
    for (const bool parked : {false, true}) {
      for (const bool drained : {false, true}) {
        const Half h = MakeHalf();
        if (drained) {
          poll::testing::RawSend(h.peer, "x");
          char buf[16];
          EXPECT_EQ(h.conn.Read(buf).n, 1u);
        }
        if (!parked) poll::testing::RawReset(h.peer);
        sync::WaitGroup wg;
        wg.Go([&] {
          ExpectOpError(ReadError(h.conn), h, "read", ECONNRESET,
                        "connection reset by peer");
        });
        if (parked) {
          ASSERT_TRUE(AwaitParked(1));
          poll::testing::RawReset(h.peer);
        }
        wg.Wait();
        // The kernel tells it once; then the stream has ended.
        EXPECT_TRUE(io::IsEOF(ReadError(h.conn)));
        EXPECT_EQ(base::ErrnoOf(WriteUntilError(h.conn)), EPIPE);
      }
    }
  });
}

TEST_F(ConnErrorTest, ResetWhileWriting) {
  InGoroutine([] {
    const Half h = MakeHalf();
    sync::WaitGroup wg;
    wg.Go([&] {
      ExpectOpError(WriteUntilError(h.conn), h, "write", ECONNRESET,
                    "connection reset by peer");
    });
    ASSERT_TRUE(AwaitParked(1));
    poll::testing::RawReset(h.peer);
    wg.Wait();
    // No signal, however often.
    for (int i = 0; i < 3; ++i) {
      ExpectOpError(WriteUntilError(h.conn), h, "write", EPIPE, "broken pipe");
    }
  });
}

// Both directions are parked; one hears of the reset, the other sees its end.
TEST_F(ConnErrorTest, ResetWakesBothDirections) {
  InGoroutine([] {
    const Half h = MakeHalf();
    absl::Status read, write;
    sync::WaitGroup wg;
    wg.Go([&] { read = ReadError(h.conn); });
    wg.Go([&] { write = WriteUntilError(h.conn); });
    ASSERT_TRUE(AwaitParked(2));
    poll::testing::RawReset(h.peer);
    wg.Wait();
    EXPECT_FALSE(read.ok());
    EXPECT_FALSE(write.ok());
    EXPECT_TRUE(base::ErrnoOf(read) == ECONNRESET ||
                base::ErrnoOf(write) == ECONNRESET)
        << read << "; " << write;
  });
}

TEST_F(ConnErrorTest, WriteAfterThePeerClosed) {
  InGoroutine([] {
    const Half h = MakeHalf();
    close(h.peer);
    // The first bytes are answered with a reset.
    const absl::Status st = WriteUntilError(h.conn);
    const int err = base::ErrnoOf(st);
    EXPECT_TRUE(err == EPIPE || err == ECONNRESET) << st;
    EXPECT_EQ(st.code(), Code::kUnavailable);
    ExpectOpError(WriteUntilError(h.conn), h, "write", EPIPE, "broken pipe");
  });
}

TEST_F(ConnErrorTest, PartOfAWrite) {
  InGoroutine([] {
    const Half h = MakeHalf();
    sync::WaitGroup wg;
    wg.Go([&] {
      const std::string data(64 << 20, 'w');
      const io::Result w = h.conn.Write(data);
      EXPECT_FALSE(w.ok());
      EXPECT_GT(w.n, 0u);
      EXPECT_LT(w.n, data.size());
    });
    ASSERT_TRUE(AwaitParked(1));
    poll::testing::RawReset(h.peer);
    wg.Wait();
  });
}

// Go: TestConnClose, TestCloseError.
TEST_F(ConnErrorTest, EverythingFailsAfterClose) {
  InGoroutine([] {
    const Half h = MakeHalf();
    EXPECT_TRUE(h.conn.Close().ok());
    const absl::Time now = absl::Now();
    const std::string local = h.conn.LocalAddr().String();
    const struct {
      absl::Status st;
      std::string words;
    } cases[] = {
        {ReadError(h.conn), "read tcp " + h.name},
        {h.conn.Write("x").err, "write tcp " + h.name},
        {h.conn.WaitRead(), "read tcp " + h.name},
        {h.conn.Read({}).err, "read tcp " + h.name},
        {h.conn.Write("").err, "write tcp " + h.name},
        {h.conn.Close(), "close tcp " + h.name},
        {h.conn.CloseRead(), "close tcp " + h.name},
        {h.conn.CloseWrite(), "close tcp " + h.name},
        {h.conn.SetDeadline(now), "set tcp " + local},
        {h.conn.SetReadDeadline(now), "set tcp " + local},
        {h.conn.SetWriteDeadline(now), "set tcp " + local},
    };
    for (const auto& c : cases) {
      EXPECT_EQ(c.st.message(), c.words + ": use of closed network connection");
      EXPECT_EQ(c.st.code(), Code::kFailedPrecondition);
      EXPECT_TRUE(IsClosed(c.st));
      EXPECT_FALSE(IsTimeout(c.st));
      EXPECT_FALSE(IsTemporary(c.st));
      EXPECT_EQ(base::ErrnoOf(c.st), 0);
    }
    close(h.peer);
  });
}

TEST_F(ConnErrorTest, CloseWakesParkedAndQueued) {
  for (const bool plain_thread : {false, true}) {
    InGoroutine([plain_thread] {
      const Half h = MakeHalf();
      const int64_t queued = runtime::SemaWaiters();
      sync::WaitGroup wg;
      for (int i = 0; i < 4; ++i) {
        wg.Go([&] {
          const absl::Status st = ReadError(h.conn);
          EXPECT_EQ(st.message(), "read tcp " + h.name +
                                      ": use of closed network connection");
          EXPECT_TRUE(IsClosed(st));
        });
        wg.Go([&] {
          const absl::Status st = WriteUntilError(h.conn);
          EXPECT_EQ(st.message(), "write tcp " + h.name +
                                      ": use of closed network connection");
        });
      }
      ASSERT_TRUE(AwaitParked(2));
      ASSERT_TRUE(AwaitQueued(queued + 6));
      if (plain_thread) {
        std::thread([&] { EXPECT_TRUE(h.conn.Close().ok()); }).join();
      } else {
        EXPECT_TRUE(h.conn.Close().ok());
      }
      wg.Wait();
      close(h.peer);
    });
  }
}

TEST_F(ConnErrorTest, ShutdownOfAConnectionThatIsGone) {
  InGoroutine([] {
    const Half h = MakeHalf();
    poll::testing::RawReset(h.peer);
    EXPECT_EQ(base::ErrnoOf(ReadError(h.conn)), ECONNRESET);
    for (const absl::Status& st : {h.conn.CloseWrite(), h.conn.CloseRead()}) {
      EXPECT_EQ(st.message(),
                "close tcp " + h.name +
                    ": shutdown: transport endpoint is not connected");
      EXPECT_EQ(st.code(), Code::kFailedPrecondition);
      EXPECT_EQ(base::ErrnoOf(st), ENOTCONN);
    }
    EXPECT_TRUE(h.conn.Close().ok());
  });
}

// The end of the stream is not an error of the connection: Go never wraps it.
TEST_F(ConnErrorTest, EOFIsBare) {
  InGoroutine([] {
    const Half h = MakeHalf();
    close(h.peer);
    const absl::Status st = ReadError(h.conn);
    EXPECT_TRUE(io::IsEOF(st));
    EXPECT_EQ(st.message(), "EOF");
    EXPECT_FALSE(OpErrorOf(st).has_value());
    EXPECT_FALSE(IsTimeout(st));
    EXPECT_FALSE(IsClosed(st));
  });
}

}  // namespace
}  // namespace parkour::net
