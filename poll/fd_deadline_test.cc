// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Deadlines of an FD. Never early, sticky, and never at the price of a byte.

#include <errno.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "parkour/poll/fd.h"
#include "parkour/poll/testing.h"

namespace parkour::poll {
namespace {

using base::nanotime;
using testing::AwaitParked;
using testing::InGoroutine;
using testing::Jitter;
using testing::kMs;
using testing::RawPair;
using testing::RawSend;

constexpr unsigned kTcp = FD::kStream | FD::kZeroIsEOF | FD::kDrains;
constexpr int kReadSide = 1, kWriteSide = 2, kBothSides = 3;
constexpr int64_t kFar = 600000 * kMs;  // must not be reached

// A connection whose FD cannot write: the peer's buffer and ours are full.
class FdDeadlineTest : public testing::LeakTest {
 protected:
  void SetUp() override {
    LeakTest::SetUp();
    const RawPair pair = testing::TcpPair(16 << 10);
    peer_ = pair.peer;
    fd_.Init(pair.ours, kTcp);
  }
  void TearDown() override {
    fd_.Close();
    close(peer_);
    LeakTest::TearDown();
  }

  ssize_t ReadByte() {
    char c;
    return fd_.Read(&c, 1);
  }
  int WriteMuch() {
    const std::string data(16 << 20, 'w');
    size_t written;
    return fd_.Write(data.data(), data.size(), &written);
  }

  FD fd_;
  int peer_ = -1;
};

TEST_F(FdDeadlineTest, InThePast) {
  InGoroutine([this] {
    RawSend(peer_, "there all the time");
    for (const int64_t when : {int64_t{-1}, int64_t{1}, nanotime() - 1}) {
      EXPECT_EQ(fd_.SetDeadline(when, kBothSides), 0);
      for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(ReadByte(), kErrTimeout);  // even with data
        size_t written;
        EXPECT_EQ(fd_.Write("x", 1, &written), kErrTimeout);
        EXPECT_EQ(written, 0u);
        EXPECT_EQ(fd_.WaitRead(), kErrTimeout);
      }
      EXPECT_EQ(fd_.SetDeadline(0, kBothSides), 0);
      EXPECT_EQ(ReadByte(), 1);
    }
  });
}

TEST_F(FdDeadlineTest, InTheFuture) {
  InGoroutine([this] {
    for (const int64_t ms : {1, 5, 20}) {
      const int64_t when = nanotime() + ms * kMs;
      EXPECT_EQ(fd_.SetDeadline(when, kReadSide), 0);
      EXPECT_EQ(ReadByte(), kErrTimeout);
      EXPECT_GE(nanotime(), when);
      EXPECT_EQ(ReadByte(), kErrTimeout);  // sticky
      const int64_t write_when = nanotime() + ms * kMs;
      EXPECT_EQ(fd_.SetDeadline(write_when, kWriteSide), 0);
      EXPECT_EQ(WriteMuch(), kErrTimeout);
      EXPECT_GE(nanotime(), write_when);
    }
  });
}

// One side's deadline is not the other's business.
TEST_F(FdDeadlineTest, SidesAreIndependent) {
  InGoroutine([this] {
    fd_.SetDeadline(-1, kReadSide);
    size_t written;
    EXPECT_EQ(fd_.Write("x", 1, &written), 0);
    EXPECT_EQ(ReadByte(), kErrTimeout);
    fd_.SetDeadline(-1, kWriteSide);
    fd_.SetDeadline(0, kReadSide);
    EXPECT_EQ(fd_.Write("x", 1, &written), kErrTimeout);
    RawSend(peer_, "y");
    EXPECT_EQ(ReadByte(), 1);
  });
}

// A parked reader with only the write deadline expired stays; Close ends it.
TEST_F(FdDeadlineTest, WriteDeadlineDoesNotWakeTheReader) {
  InGoroutine([this] {
    Chan<ssize_t> result = MakeChan<ssize_t>(1);
    go([this, result] { result.Send(ReadByte()); });
    ASSERT_TRUE(AwaitParked(1));
    fd_.SetDeadline(nanotime() + 2 * kMs, kWriteSide);
    EXPECT_EQ(WriteMuch(), kErrTimeout);
    EXPECT_FALSE(result.TryRecv().has_value());
    EXPECT_EQ(fd_.Close(), 0);
    EXPECT_EQ(result.Recv(), kErrClosing);
  });
}

TEST_F(FdDeadlineTest, PastDeadlineWakesTheParked) {
  for (const bool plain_thread : {false, true}) {
    InGoroutine([this, plain_thread] {
      for (const int64_t before : {int64_t{0}, kFar}) {
        fd_.SetDeadline(before == 0 ? 0 : nanotime() + before, kBothSides);
        sync::WaitGroup wg;
        wg.Go([&] { EXPECT_EQ(ReadByte(), kErrTimeout); });
        wg.Go([&] { EXPECT_EQ(WriteMuch(), kErrTimeout); });
        ASSERT_TRUE(AwaitParked(2));
        const auto set = [&] { fd_.SetDeadline(-1, kBothSides); };
        if (plain_thread) {
          std::thread(set).join();
        } else {
          set();
        }
        wg.Wait();
      }
    });
  }
}

TEST_F(FdDeadlineTest, ShortenedWhileParked) {
  InGoroutine([this] {
    fd_.SetDeadline(nanotime() + kFar, kReadSide);
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(ReadByte(), kErrTimeout); });
    ASSERT_TRUE(AwaitParked(1));
    const int64_t when = nanotime() + 5 * kMs;
    fd_.SetDeadline(when, kReadSide);
    wg.Wait();
    EXPECT_GE(nanotime(), when);
  });
}

// The first deadline is put off again and again before it comes.
TEST_F(FdDeadlineTest, ExtendedWhileParked) {
  InGoroutine([this] {
    const int64_t start = nanotime();
    int64_t when = start + 200 * kMs;
    fd_.SetDeadline(when, kReadSide);
    base::Atomic<int64_t> ended{0};
    sync::WaitGroup wg;
    wg.Go([&] {
      EXPECT_EQ(ReadByte(), kErrTimeout);
      ended.store(nanotime());
    });
    ASSERT_TRUE(AwaitParked(1));
    // Counts only as long as each extension was in time.
    bool in_time = true;
    for (int i = 0; i < 10; ++i) {
      const int64_t next = when + 10 * kMs;
      fd_.SetDeadline(next, kReadSide);
      if (nanotime() >= when) in_time = false;
      if (in_time) when = next;
    }
    wg.Wait();
    EXPECT_GE(ended.load(), when);
  });
}

TEST_F(FdDeadlineTest, TakenBackWhileParked) {
  InGoroutine([this] {
    const int64_t when = nanotime() + 200 * kMs;
    fd_.SetDeadline(when, kReadSide);
    Chan<ssize_t> result = MakeChan<ssize_t>(1);
    go([this, result] { result.Send(ReadByte()); });
    ASSERT_TRUE(AwaitParked(1));
    fd_.SetDeadline(0, kReadSide);
    const bool in_time = nanotime() < when;
    // Another's deadline after ours shows that ours has passed.
    const RawPair other = testing::UnixPair();
    FD clock;
    clock.Init(other.ours, FD::kStream);
    clock.SetDeadline(when + 5 * kMs, kReadSide);
    char c;
    EXPECT_EQ(clock.Read(&c, 1), kErrTimeout);
    RawSend(peer_, "x");
    const std::optional<ssize_t> n = result.Recv();
    if (in_time) {
      EXPECT_EQ(n, 1);
    }
    close(other.peer);
  });
}

// Equal deadlines share a timer; both sides must still expire, also after one
// of them was moved away.
TEST_F(FdDeadlineTest, SharedTimer) {
  InGoroutine([this] {
    for (int round = 0; round < 4; ++round) {
      const int64_t when = nanotime() + 5 * kMs;
      int64_t read_when = when, write_when = when;
      fd_.SetDeadline(when, kBothSides);
      switch (round) {
        case 1:  // the write side leaves: the read timer becomes single
          fd_.SetDeadline(write_when = when + 10 * kMs, kWriteSide);
          break;
        case 2:  // the read side leaves: the write side needs its own
          fd_.SetDeadline(read_when = when + 10 * kMs, kReadSide);
          break;
        case 3:  // apart, and together again
          fd_.SetDeadline(nanotime() + kFar, kReadSide);
          fd_.SetDeadline(when, kReadSide);
          break;
      }
      sync::WaitGroup wg;
      wg.Go([&] {
        EXPECT_EQ(ReadByte(), kErrTimeout);
        EXPECT_GE(nanotime(), read_when);
      });
      wg.Go([&] {
        EXPECT_EQ(WriteMuch(), kErrTimeout);
        EXPECT_GE(nanotime(), write_when);
      });
      wg.Wait();
    }
  });
}

// The deadline of one side taken off a shared timer: the other one stays.
TEST_F(FdDeadlineTest, SharedTimerLosesOneSide) {
  InGoroutine([this] {
    for (const int stays : {kReadSide, kWriteSide}) {
      fd_.SetDeadline(nanotime() + 5 * kMs, kBothSides);
      fd_.SetDeadline(0, kBothSides & ~stays);
      Chan<ssize_t> read = MakeChan<ssize_t>(1);
      go([this, read] { read.Send(ReadByte()); });
      const int err = stays == kWriteSide ? WriteMuch() : 0;
      if (stays == kReadSide) {
        EXPECT_EQ(read.Recv(), kErrTimeout);
        size_t written;
        fd_.Write("x", 1, &written);
        EXPECT_EQ(written, 1u);
      } else {
        EXPECT_EQ(err, kErrTimeout);
        EXPECT_FALSE(read.TryRecv().has_value());
        RawSend(peer_, "x");
        EXPECT_EQ(read.Recv(), 1);
      }
      fd_.SetDeadline(0, kBothSides);
    }
  });
}

TEST_F(FdDeadlineTest, FarthestFuture) {
  InGoroutine([this] {
    EXPECT_EQ(fd_.SetDeadline(INT64_MAX, kBothSides), 0);
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(ReadByte(), 1); });
    ASSERT_TRUE(AwaitParked(1));
    RawSend(peer_, "x");
    wg.Wait();
  });
}

TEST_F(FdDeadlineTest, OnClosed) {
  EXPECT_EQ(fd_.Close(), 0);
  for (const int64_t when : {int64_t{0}, int64_t{-1}, nanotime() + kFar}) {
    EXPECT_EQ(fd_.SetDeadline(when, kBothSides), kErrClosing);
  }
}

// A pending timer of a closed FD must not touch the PollDesc's next owner.
TEST_F(FdDeadlineTest, TimersEndWithTheirOwner) {
  InGoroutine([] {
    uint32_t seed = 3;
    const int listener = testing::RawListen();
    for (int i = 0; i < 2000; ++i) {
      const RawPair a = testing::TcpPairOf(listener);
      {
        FD fd;
        fd.Init(a.ours, kTcp);
        fd.SetDeadline(nanotime() + 20000, i % 3 + 1);
        Jitter(&seed, 600);
      }
      const RawPair b = testing::TcpPairOf(listener);
      FD heir;
      heir.Init(b.ours, kTcp);
      RawSend(b.peer, "x");
      char c;
      ASSERT_EQ(heir.Read(&c, 1), 1) << "round " << i;
      size_t written;
      ASSERT_EQ(heir.Write("y", 1, &written), 0) << "round " << i;
      close(a.peer);
      close(b.peer);
    }
    close(listener);
  });
}

// A deadline that is taken back just when it fires: what comes after the
// withdrawal does not see it.
TEST_F(FdDeadlineTest, WithdrawnAtTheLastMoment) {
  InGoroutine([this] {
    uint32_t seed = 11;
    for (int i = 0; i < 5000; ++i) {
      fd_.SetDeadline(nanotime() + 1 + (seed >> 8) % 15000, 1 + i % 3);
      Jitter(&seed, 400);
      fd_.SetDeadline(0, kBothSides);
      RawSend(peer_, "x");
      ASSERT_EQ(ReadByte(), 1) << "round " << i;
    }
  });
}

// Data and deadline at the same moment: one of the two, and no byte lost.
TEST_F(FdDeadlineTest, ExpiresAsDataArrives) {
  InGoroutine([this] {
    Chan<Unit> send = MakeChan<Unit>();
    sync::WaitGroup wg;
    wg.Go([&, seed = 17u]() mutable {
      while (send.Recv()) {
        Jitter(&seed, 1500);
        RawSend(peer_, "x");
      }
    });
    int timeouts = 0;
    uint32_t seed = 23;
    for (int i = 0; i < 5000; ++i) {
      send.Send(Unit());
      Jitter(&seed, 200);
      fd_.SetDeadline(nanotime() + (seed >> 8) % 40000, kBothSides);
      // A large buffer: the short-read shortcut is part of it.
      char buf[16];
      ssize_t n = fd_.Read(buf, sizeof(buf));
      if (n == kErrTimeout) {
        ++timeouts;
        ASSERT_EQ(fd_.Read(buf, sizeof(buf)), kErrTimeout);
        fd_.SetDeadline(0, kBothSides);
        n = fd_.Read(buf, sizeof(buf));
      }
      ASSERT_EQ(n, 1) << "round " << i;
    }
    send.Close();
    wg.Wait();
    EXPECT_GT(timeouts, 0);  // otherwise the race was never run
  });
}

// Go: TestConcurrentSetDeadline. Many move the deadline; the last one counts.
TEST_F(FdDeadlineTest, ManySetters) {
  InGoroutine([this] {
    for (int round = 0; round < 50; ++round) {
      sync::WaitGroup readers, setters;
      fd_.SetDeadline(nanotime() + kFar, kBothSides);
      readers.Go([&] { EXPECT_EQ(ReadByte(), kErrTimeout); });
      for (int i = 0; i < 8; ++i) {
        setters.Go([&, i] {
          for (int k = 0; k < 20; ++k) {
            fd_.SetDeadline(nanotime() + kFar - (k * 8 + i) * kMs,
                            1 + (i + k) % 3);
          }
        });
      }
      setters.Wait();
      fd_.SetDeadline(nanotime() + kMs / 10, kReadSide);
      readers.Wait();
    }
  });
}

}  // namespace
}  // namespace parkour::poll
