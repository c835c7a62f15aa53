// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Splice and sendfile: all bytes, exact counts, and what ends them. SIGPIPE has
// its default action here: whoever lets it out dies.

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "parkour/base/sanitizer.h"
#include "parkour/poll/fd.h"
#include "parkour/poll/splice_pipe.h"
#include "parkour/poll/testing.h"

namespace parkour::poll {
namespace {

using testing::AwaitParked;
using testing::InGoroutine;
using testing::RawPair;
using testing::RawRecv;
using testing::RawSend;

constexpr unsigned kTcp = FD::kStream | FD::kZeroIsEOF | FD::kDrains;
constexpr int64_t kAll = int64_t{1} << 60;

class SpliceTest : public testing::LeakTest {};

// peer -> ours  ==splice==>  ours -> peer
struct Relay {
  explicit Relay(int buffers = 0)
      : in(testing::TcpPair(buffers)), out(testing::TcpPair(buffers)) {
    src.Init(in.ours, kTcp);
    dst.Init(out.ours, kTcp);
  }
  ~Relay() {
    src.Close();
    dst.Close();
    close(in.peer);
    if (out.peer >= 0) close(out.peer);
  }
  int Run(int64_t remain = kAll) {
    return dst.SpliceFrom(&src, remain, &written, &handled);
  }

  RawPair in, out;
  FD src, dst;
  int64_t written = -1;
  bool handled = false;
};

TEST_F(SpliceTest, AllUntilTheEnd) {
  InGoroutine([] {
    Relay relay(8192);
    const std::string data(PARKOUR_TSAN ? 300000 : 3000000, 'q');
    std::string got;
    std::thread feeder([&] {
      RawSend(relay.in.peer, data);
      shutdown(relay.in.peer, SHUT_WR);
    });
    std::thread taker([&] { got = RawRecv(relay.out.peer, data.size()); });
    EXPECT_EQ(relay.Run(), 0);
    EXPECT_TRUE(relay.handled);
    EXPECT_EQ(relay.written, static_cast<int64_t>(data.size()));
    feeder.join();
    taker.join();
    EXPECT_TRUE(got == data);
    EXPECT_EQ(IdleSplicePipes(), 1);
  });
}

// The limit is exact, and what lies behind it is left to be read.
TEST_F(SpliceTest, NoMoreThanAsked) {
  InGoroutine([] {
    Relay relay;
    RawSend(relay.in.peer, "headbody");
    EXPECT_EQ(relay.Run(4), 0);
    EXPECT_EQ(relay.written, 4);
    EXPECT_EQ(RawRecv(relay.out.peer, 4), "head");
    char buf[16];
    EXPECT_EQ(relay.src.Read(buf, sizeof(buf)), 4);
    EXPECT_EQ(relay.Run(0), 0);
    EXPECT_EQ(relay.written, 0);
    EXPECT_TRUE(relay.handled);
  });
}

// After a short read says "drained", a splice must not take that for its own,
// nor leave it for the next reader.
TEST_F(SpliceTest, AfterAndBeforeShortReads) {
  InGoroutine([] {
    Relay relay;
    char buf[16];
    for (int i = 0; i < 50; ++i) {
      RawSend(relay.in.peer, "abc");
      ASSERT_EQ(relay.src.Read(buf, sizeof(buf)), 3);
      RawSend(relay.in.peer, "defghi");
      ASSERT_EQ(relay.Run(3), 0);
      ASSERT_EQ(RawRecv(relay.out.peer, 3), "def");
      ASSERT_EQ(relay.src.Read(buf, sizeof(buf)), 3);
    }
  });
}

TEST_F(SpliceTest, SourceIsReset) {
  InGoroutine([] {
    Relay relay;
    RawSend(relay.in.peer, "abc");
    sync::WaitGroup wg;
    wg.Go([&] {
      EXPECT_EQ(relay.Run(), -ECONNRESET);
      EXPECT_EQ(relay.written, 3);
      EXPECT_TRUE(relay.handled);
    });
    EXPECT_EQ(RawRecv(relay.out.peer, 3), "abc");
    ASSERT_TRUE(AwaitParked(1));
    testing::ResetOnClose(relay.in.peer);
    close(relay.in.peer);
    wg.Wait();
    relay.in.peer = dup(0);  // for the destructor
  });
}

// The other side is gone: EPIPE or ECONNRESET, no signal, and what lies in the
// pipe goes with it.
TEST_F(SpliceTest, DestinationIsGone) {
  InGoroutine([] {
    const std::string large(1 << 16, 'x');
    Relay relay;
    // Up to where it splices; then the peer goes.
    RawSend(relay.in.peer, large);
    sync::WaitGroup wg;
    wg.Go([&] {
      const int err = relay.Run();
      EXPECT_TRUE(err == -EPIPE || err == -ECONNRESET) << err;
    });
    EXPECT_EQ(RawRecv(relay.out.peer, large.size()), large);
    testing::RawReset(relay.out.peer);
    relay.out.peer = -1;
    RawSend(relay.in.peer, large);
    wg.Wait();
    EXPECT_EQ(relay.written, 1 << 16);
    RawSend(relay.in.peer, large);
    EXPECT_EQ(relay.Run(), -EPIPE);
    EXPECT_EQ(relay.written, 0);
  });
}

// Only the splice meets a peer that has gone: no signal comes of that either.
TEST_F(SpliceTest, PumpsIntoNothing) {
  InGoroutine([] {
    Relay relay;
    testing::RawReset(relay.out.peer);
    relay.out.peer = -1;
    char c;
    EXPECT_EQ(relay.dst.Read(&c, 1), -ECONNRESET);  // takes the error away
    char path[] = "/tmp/parkour-pump-XXXXXX";
    const int file = mkostemp(path, O_CLOEXEC);
    unlink(path);
    ASSERT_EQ(write(file, "0123456789", 10), 10);
    ASSERT_EQ(lseek(file, 0, SEEK_SET), 0);
    int64_t written = -1;
    bool handled = false;
    EXPECT_EQ(relay.dst.SendFileFrom(file, kAll, &written, &handled), -EPIPE);
    EXPECT_EQ(written, 0);
    EXPECT_TRUE(handled);
    close(file);
  });
}

TEST_F(SpliceTest, DeadlinesAndCloseOfEitherSide) {
  InGoroutine([] {
    for (const bool source : {true, false}) {
      for (const bool closes : {true, false}) {
        Relay relay(4096);
        std::thread feeder([&] {
          // More than fits: the writer waits. Or too little: the reader waits.
          if (source) {
            RawSend(relay.in.peer, "abc");
          } else {
            RawSend(relay.in.peer, std::string(8 << 20, 'x'));
          }
        });
        sync::WaitGroup wg;
        wg.Go([&] {
          EXPECT_EQ(relay.Run(), closes ? kErrClosing : kErrTimeout);
        });
        if (source) {
          EXPECT_EQ(RawRecv(relay.out.peer, 3), "abc");
        }
        ASSERT_TRUE(AwaitParked(1));
        FD* const fd = source ? &relay.src : &relay.dst;
        // The one that is parked may be the other one for a moment.
        if (closes) {
          EXPECT_EQ(fd->Close(), 0);
        } else {
          fd->SetDeadline(-1, 3);
        }
        wg.Wait();
        EXPECT_TRUE(relay.handled);
        ASSERT_TRUE(testing::AwaitNobodyParked());
        shutdown(relay.in.peer, SHUT_RDWR);  // lets the feeder go
        relay.src.Close();
        feeder.join();
      }
    }
  });
}

// A proxy's two directions at once, through the same two sockets.
TEST_F(SpliceTest, BothWaysAtOnce) {
  InGoroutine([] {
    Relay relay(4096);
    const size_t size = PARKOUR_TSAN ? 100000 : 1000000;
    int64_t back = 0;
    bool handled = false;
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(relay.Run(), 0); });
    wg.Go([&] {
      EXPECT_EQ(relay.src.SpliceFrom(&relay.dst, kAll, &back, &handled), 0);
    });
    std::thread peers[4] = {
        std::thread([&] {
          RawSend(relay.in.peer, std::string(size, 'a'));
          shutdown(relay.in.peer, SHUT_WR);
        }),
        std::thread([&] {
          RawSend(relay.out.peer, std::string(size, 'b'));
          shutdown(relay.out.peer, SHUT_WR);
        }),
        std::thread([&] {
          EXPECT_EQ(RawRecv(relay.in.peer, size), std::string(size, 'b'));
        }),
        std::thread([&] {
          EXPECT_EQ(RawRecv(relay.out.peer, size), std::string(size, 'a'));
        })};
    wg.Wait();
    for (std::thread& t : peers) t.join();
    EXPECT_EQ(relay.written, static_cast<int64_t>(size));
    EXPECT_EQ(back, static_cast<int64_t>(size));
  });
}

// Small messages need no pipe, and those who wait hold none.
TEST_F(SpliceTest, SmallMessagesNeedNoPipe) {
  InGoroutine([] {
    Relay relay;
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(relay.Run(), 0); });
    for (int i = 0; i < 10; ++i) {
      RawSend(relay.in.peer, "request");
      EXPECT_EQ(RawRecv(relay.out.peer, 7), "request");
    }
    ASSERT_TRUE(AwaitParked(1));
    EXPECT_EQ(IdleSplicePipes(), 0);
    const std::string large(1 << 16, 'x');
    RawSend(relay.in.peer, large);
    EXPECT_EQ(RawRecv(relay.out.peer, large.size()), large);
    EXPECT_TRUE(testing::Eventually([] { return IdleSplicePipes() == 1; }));
    RawSend(relay.in.peer, "request");
    EXPECT_EQ(RawRecv(relay.out.peer, 7), "request");
    shutdown(relay.in.peer, SHUT_WR);
    wg.Wait();
    EXPECT_EQ(relay.written, 70 + (1 << 16) + 7);
  });
}

TEST_F(SpliceTest, SendFile) {
  InGoroutine([] {
    Relay relay;
    char path[] = "/tmp/parkour-splice-XXXXXX";
    const int file = mkostemp(path, O_CLOEXEC);
    unlink(path);
    ASSERT_EQ(write(file, "0123456789", 10), 10);
    ASSERT_EQ(lseek(file, 2, SEEK_SET), 2);
    int64_t written = 0;
    bool handled = false;
    EXPECT_EQ(relay.dst.SendFileFrom(file, 5, &written, &handled), 0);
    EXPECT_TRUE(handled);
    EXPECT_EQ(written, 5);
    EXPECT_EQ(RawRecv(relay.out.peer, 5), "23456");
    EXPECT_EQ(relay.dst.SendFileFrom(file, kAll, &written, &handled), 0);
    EXPECT_EQ(written, 3);
    EXPECT_EQ(RawRecv(relay.out.peer, 3), "789");
    // At the end there is nothing that sendfile could say: a Read says it.
    EXPECT_EQ(relay.dst.SendFileFrom(file, kAll, &written, &handled), 0);
    EXPECT_FALSE(handled);
    int fds[2];
    ASSERT_EQ(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
    EXPECT_EQ(relay.dst.SendFileFrom(fds[0], kAll, &written, &handled), 0);
    EXPECT_FALSE(handled);
    for (const int fd : {fds[0], fds[1], file}) close(fd);
    relay.dst.Close();
    EXPECT_EQ(relay.dst.SendFileFrom(0, kAll, &written, &handled), kErrClosing);
  });
}

}  // namespace
}  // namespace parkour::poll
