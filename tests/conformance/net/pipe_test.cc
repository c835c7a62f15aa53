// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/net/pipe_test.go, by meaning, and with it the suite that
// golang.org/x/net/nettest runs on every net.Conn: here on Pipe, TCP and unix
// sockets alike.

#include <algorithm>
#include <functional>
#include <tuple>

#include "parkour/base/clock.h"
#include "parkour/tests/conformance/net/local.h"

namespace parkour::tests {
namespace {

class PipeTest : public LocalTest {};

using MakePair = std::function<LocalPair()>;

LocalPair MakePipe() {
  auto [a, b] = net::Pipe();
  return {a, b};
}

// All bytes through, in order, both ways at once.
void BasicIO(const MakePair& make) {
  const LocalPair p = make();
  const std::string want = Bytes(Scaled(1 << 20));
  sync::WaitGroup wg;
  wg.Go([&] {
    EXPECT_EQ(p.client.Write(want).n, want.size());
    std::string got(want.size(), '\0');
    EXPECT_TRUE(io::ReadFull(p.client, got).ok());
    EXPECT_EQ(got, want);
    EXPECT_TRUE(p.client.Close().ok());
  });
  wg.Go([&] {
    std::string got(want.size(), '\0');
    EXPECT_TRUE(io::ReadFull(p.server, got).ok());
    EXPECT_EQ(got, want);
    EXPECT_EQ(p.server.Write(got).n, got.size());
    char b[1];
    EXPECT_TRUE(io::IsEOF(p.server.Read(b).err));
    EXPECT_TRUE(p.server.Close().ok());
  });
  wg.Wait();
}

// Echoes; the messages of two sides do not disturb each other.
void PingPong(const MakePair& make) {
  const LocalPair p = make();
  const int rounds = Scaled(2000);
  sync::WaitGroup wg;
  wg.Go([&] {
    char buf[8] = {};
    for (int i = 0; i < rounds; ++i) {
      std::snprintf(buf, sizeof(buf), "%07d", i);
      ASSERT_TRUE(p.client.Write({buf, 8}).ok());
      char got[8];
      ASSERT_TRUE(io::ReadFull(p.client, got).ok());
      ASSERT_EQ(std::string(got, 8), std::string(buf, 8));
    }
  });
  wg.Go([&] {
    for (int i = 0; i < rounds; ++i) {
      char got[8];
      ASSERT_TRUE(io::ReadFull(p.server, got).ok());
      ASSERT_TRUE(p.server.Write({got, 8}).ok());
    }
  });
  wg.Wait();
}

// Readers, writers, setters of deadlines and closers at once: nothing hangs.
void RacyReadAndWrite(const MakePair& make) {
  const LocalPair p = make();
  sync::WaitGroup wg;
  for (const bool reads : {true, false}) {
    for (int i = 0; i < 10; ++i) {
      wg.Go([&, reads] {
        char buf[1024] = {};
        for (int j = 0; j < 10; ++j) {
          if (reads) {
            std::ignore = p.client.Read(buf);
            p.client.SetReadDeadline(absl::Now() + absl::Milliseconds(1))
                .IgnoreError();
          } else {
            std::ignore = p.server.Write({buf, sizeof(buf)});
            p.server.SetWriteDeadline(absl::Now() + absl::Milliseconds(1))
                .IgnoreError();
          }
        }
      });
    }
  }
  p.client.SetReadDeadline(absl::Now() + absl::Milliseconds(1)).IgnoreError();
  p.server.SetWriteDeadline(absl::Now() + absl::Milliseconds(1)).IgnoreError();
  wg.Wait();
}

void ReadAndWriteTimeouts(const MakePair& make) {
  const LocalPair p = make();
  char buf[1024];
  EXPECT_TRUE(p.client.SetReadDeadline(Past()).ok());
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(net::IsTimeout(p.client.Read(buf).err));
  }
  // The writer's side is not late: until nothing more fits.
  EXPECT_TRUE(
      p.client.SetWriteDeadline(absl::Now() + absl::Milliseconds(10)).ok());
  absl::Status err;
  const std::string chunk(1 << 16, 'x');
  for (int i = 0; i < 100000 && err.ok(); ++i) err = p.client.Write(chunk).err;
  EXPECT_TRUE(net::IsTimeout(err)) << err;
}

// A deadline in the past wakes who is inside; taken back, all works again.
void PastTimeout(const MakePair& make) {
  const LocalPair p = make();
  sync::WaitGroup wg;
  wg.Go([&] { std::ignore = io::Copy(p.server, p.server); });
  EXPECT_EQ(p.client.Write("hello").n, 5u);
  char buf[5];
  EXPECT_TRUE(io::ReadFull(p.client, buf).ok());
  EXPECT_TRUE(p.client.SetDeadline(Past()).ok());
  EXPECT_TRUE(net::IsTimeout(p.client.Write("x").err));
  EXPECT_TRUE(net::IsTimeout(p.client.Read(buf).err));
  EXPECT_TRUE(p.client.SetDeadline(Never()).ok());
  EXPECT_EQ(p.client.Write("again").n, 5u);
  EXPECT_TRUE(io::ReadFull(p.client, buf).ok());
  EXPECT_EQ(std::string(buf, 5), "again");
  EXPECT_TRUE(p.client.Close().ok());
  wg.Wait();
}

// A reader that waits notices a deadline that is set or moved meanwhile.
void PresentTimeout(const MakePair& make) {
  const LocalPair p = make();
  const int64_t start = base::nanotime();
  sync::WaitGroup wg;
  wg.Go([&] {
    char buf[1];
    EXPECT_TRUE(net::IsTimeout(p.client.Read(buf).err));
    EXPECT_GE(base::nanotime() - start, 20 * 1000000);
  });
  EXPECT_TRUE(
      p.client.SetReadDeadline(absl::Now() + absl::Milliseconds(20)).ok());
  wg.Wait();
}

void FutureTimeout(const MakePair& make) {
  const LocalPair p = make();
  EXPECT_TRUE(p.client.SetDeadline(absl::Now() + absl::Milliseconds(20)).ok());
  char buf[1];
  EXPECT_TRUE(net::IsTimeout(p.client.Read(buf).err));
  absl::Status err;
  const std::string chunk(1 << 16, 'x');
  for (int i = 0; i < 100000 && err.ok(); ++i) err = p.client.Write(chunk).err;
  EXPECT_TRUE(net::IsTimeout(err)) << err;
}

void CloseTimeout(const MakePair& make) {
  const LocalPair p = make();
  EXPECT_TRUE(p.client.SetDeadline(Never()).ok());
  sync::WaitGroup wg;
  wg.Go([&] {
    char buf[1];
    EXPECT_FALSE(p.client.Read(buf).ok());
  });
  wg.Go([&] {
    absl::Status err;
    const std::string chunk(1 << 16, 'x');
    for (int i = 0; i < 100000 && err.ok(); ++i) {
      err = p.client.Write(chunk).err;
    }
    EXPECT_FALSE(err.ok());
  });
  time::Sleep(absl::Milliseconds(5));  // either order is right
  EXPECT_TRUE(p.client.Close().ok());
  wg.Wait();
}

void ConcurrentMethods(const MakePair& make) {
  const LocalPair p = make();
  sync::WaitGroup wg;
  for (int i = 0; i < 50; ++i) {
    wg.Go([&] {
      char buf[1];
      std::ignore = p.client.Read(buf);
    });
    wg.Go([&] { std::ignore = p.client.Write("x"); });
    wg.Go([&] {
      p.client.SetDeadline(absl::Now() + absl::Milliseconds(10)).IgnoreError();
    });
    wg.Go([&] { p.client.SetReadDeadline(Past()).IgnoreError(); });
    wg.Go([&] { p.client.SetWriteDeadline(Past()).IgnoreError(); });
    wg.Go([&] { p.client.LocalAddr(); });
    wg.Go([&] { p.client.RemoteAddr(); });
  }
  p.client.SetDeadline(Past()).IgnoreError();
  wg.Go([&] { p.client.SetDeadline(Past()).IgnoreError(); });
  time::Sleep(absl::Milliseconds(1));
  EXPECT_TRUE(p.client.Close().ok());
  wg.Wait();
}

void WholeSuite(const MakePair& make) {
  BasicIO(make);
  PingPong(make);
  RacyReadAndWrite(make);
  ReadAndWriteTimeouts(make);
  PastTimeout(make);
  PresentTimeout(make);
  FutureTimeout(make);
  CloseTimeout(make);
  ConcurrentMethods(make);
}

GO_TEST(PipeTest, TestPipe) { WholeSuite(MakePipe); }

GO_TEST(PipeTest, TheSuiteOnTCP) {
  WholeSuite([] { return Connect("tcp"); });
}

GO_TEST(PipeTest, TheSuiteOnUnix) {
  WholeSuite([] { return Connect("unix"); });
}

GO_TEST(PipeTest, TestPipeCloseError) {
  auto [a, b] = net::Pipe();
  EXPECT_TRUE(a.Close().ok());
  char buf[1];
  EXPECT_TRUE(io::Is(a.Read(buf).err, io::ErrClosedPipe()));
  EXPECT_TRUE(io::Is(a.Write("x").err, io::ErrClosedPipe()));
  EXPECT_TRUE(io::IsEOF(b.Read(buf).err));
  EXPECT_TRUE(io::Is(b.Write("x").err, io::ErrClosedPipe()));
  EXPECT_TRUE(io::Is(a.SetDeadline(Never()), io::ErrClosedPipe()));
  EXPECT_TRUE(io::Is(b.SetDeadline(Never()), io::ErrClosedPipe()));
  EXPECT_TRUE(a.Close().ok());
  EXPECT_EQ(Text(a.Read(buf).err), "io: read/write on closed pipe");
}

// What Go's documentation of Pipe says beyond that.
GO_TEST(PipeTest, NothingIsBuffered) {
  auto [a, b] = net::Pipe();
  EXPECT_EQ(a.LocalAddr().String(), "pipe");
  EXPECT_EQ(a.RemoteAddr().Network(), "pipe");
  sync::WaitGroup wg;
  wg.Go([a = a] {
    EXPECT_EQ(a.Write("hello").n, 5u);
    EXPECT_EQ(a.Write("").n, 0u);  // waits for a Read, too
  });
  char buf[2];
  std::string got;
  for (int i = 0; i < 3; ++i) {
    const io::Result r = b.Read(buf);
    got.append(buf, r.n);
  }
  EXPECT_EQ(got, "hello");
  EXPECT_EQ(b.Read(buf).n, 0u);
  wg.Wait();
  // A deadline leaves part of a Write behind, and says how much went.
  EXPECT_TRUE(a.SetWriteDeadline(absl::Now() + absl::Milliseconds(50)).ok());
  wg.Go([b = b] {
    char two[2];
    EXPECT_EQ(b.Read(two).n, 2u);
  });
  const io::Result r = a.Write("abcdef");
  wg.Wait();
  if (net::IsTimeout(r.err)) {
    EXPECT_LE(r.n, 2u);
    EXPECT_EQ(Text(r.err), "write pipe: i/o timeout");
  }
  EXPECT_FALSE(r.ok());
}

}  // namespace
}  // namespace parkour::tests
