// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The races of "no doomed read" (fd.h), of reused descriptor numbers and of
// Close. The peer is a plain thread, so that both sides really run at once. A
// lost edge shows as a hang, a stale one as a wrong byte or error.

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/sanitizer.h"
#include "parkour/poll/fd.h"
#include "parkour/poll/testing.h"

namespace parkour::poll {
namespace {

using testing::InGoroutine;
using testing::Jitter;
using testing::RawPair;
using testing::RawRecv;
using testing::RawSend;

constexpr unsigned kTcp = FD::kStream | FD::kZeroIsEOF | FD::kDrains;

#if PARKOUR_TSAN || PARKOUR_ASAN
constexpr int kScale = 8;  // instrumented code needs as much longer
#else
constexpr int kScale = 1;
#endif

class FdRaceTest : public testing::LeakTest {};

// Plays the peer of each connection that it is given, in a thread of its own.
template <typename Play>
class Peer {
 public:
  explicit Peer(Play play)
      : thread_([this, play] {
          uint32_t seed = 12345;
          while (std::optional<int> fd = fds_.Recv()) play(*fd, &seed);
        }) {}
  ~Peer() {
    fds_.Close();
    thread_.join();
  }
  void Serve(int fd) { fds_.Send(fd); }

 private:
  Chan<int> fds_ = MakeChan<int>();
  std::thread thread_;
};

// What a reader gets until the stream ends, and how it ended.
struct Stream {
  std::string data;
  ssize_t end = 0;
};

Stream ReadToTheEnd(FD* fd, size_t buffer) {
  Stream s;
  std::string buf(buffer, '\0');
  for (;;) {
    s.end = fd->Read(buf.data(), buf.size());
    if (s.end <= 0) return s;
    s.data.append(buf, 0, static_cast<size_t>(s.end));
  }
}

// Runs `rounds` connections against peers that `play`, two at a time; `check`
// gets what was read.
template <typename Play, typename Check>
void Connections(int rounds, Play play, Check check) {
  InGoroutine([=] {
    sync::WaitGroup wg;
    for (int worker = 0; worker < 2; ++worker) {
      wg.Go([=] {
        Peer peer(play);
        const int listener = testing::RawListen();
        for (int i = 0; i < rounds; ++i) {
          const RawPair pair = testing::TcpPairOf(listener);
          FD fd;
          fd.Init(pair.ours, kTcp);
          peer.Serve(pair.peer);
          check(ReadToTheEnd(&fd, i % 3 == 0 ? 5 : 64));
        }
        close(listener);
      });
    }
    wg.Wait();
  });
}

// The last byte and the end come together, or nearly: the read that gets the
// data is short, and no further edge will come.
TEST_F(FdRaceTest, DataAndEndTogether) {
  const std::string text = "0123456789";
  Connections(
      10000 / kScale,
      [text](int fd, uint32_t* seed) {
        Jitter(seed, 300);
        RawSend(fd, text, (*seed & 0x10000) ? MSG_MORE : 0);
        if (*seed & 0x20000) Jitter(seed, 3000);
        close(fd);
      },
      [text](const Stream& s) {
        EXPECT_EQ(s.data, text);
        EXPECT_EQ(s.end, kErrEOF);
      });
}

// The end comes after the short read, around the moment when the next Read
// parks without asking the kernel.
TEST_F(FdRaceTest, EndAfterTheShortRead) {
  InGoroutine([] {
    Peer peer([](int fd, uint32_t* seed) {
      RawSend(fd, "abc");
      RawRecv(fd, 1);  // the reader has had its short read
      Jitter(seed, 2000);
      if (*seed & 0x10000) {
        shutdown(fd, SHUT_WR);
        Jitter(seed, 500);
      }
      close(fd);
    });
    const int listener = testing::RawListen();
    uint32_t seed = 1;
    for (int i = 0; i < 10000 / kScale; ++i) {
      const RawPair pair = testing::TcpPairOf(listener);
      FD fd;
      fd.Init(pair.ours, kTcp);
      peer.Serve(pair.peer);
      char buf[64];
      ASSERT_EQ(fd.Read(buf, sizeof(buf)), 3);
      size_t written;
      ASSERT_EQ(fd.Write("k", 1, &written), 0);
      Jitter(&seed, 2000);
      ASSERT_EQ(fd.Read(buf, sizeof(buf)), kErrEOF);
    }
    close(listener);
  });
}

// A reset throws away what was not read yet; whoever reads must hear of it.
TEST_F(FdRaceTest, Reset) {
  const std::string text = "0123456789";
  Connections(
      10000 / kScale,
      [text](int fd, uint32_t* seed) {
        if (*seed & 0x10000) RawSend(fd, text);
        Jitter(seed, 3000);
        testing::RawReset(fd);
      },
      [text](const Stream& s) {
        EXPECT_EQ(s.data, text.substr(0, s.data.size()));
        EXPECT_EQ(s.end, -ECONNRESET);
      });
}

// A read stops before urgent data although more is there: a short read that
// does not mean "empty".
TEST_F(FdRaceTest, UrgentData) {
  Connections(
      5000 / kScale,
      [](int fd, uint32_t* seed) {
        RawSend(fd, "abc");
        Jitter(seed, 300);
        RawSend(fd, "!", MSG_OOB);
        Jitter(seed, 300);
        RawSend(fd, "defg");
        if (*seed & 0x10000) Jitter(seed, 2000);
        close(fd);
      },
      [](const Stream& s) {
        EXPECT_EQ(s.data, "abcdefg");
        EXPECT_EQ(s.end, kErrEOF);
      });
}

// The same without an end to wake anybody: the reader answers when it has all.
TEST_F(FdRaceTest, UrgentDataOnAnOpenConnection) {
  InGoroutine([] {
    Peer peer([](int fd, uint32_t* seed) {
      for (int i = 0; i < 4; ++i) {
        RawSend(fd, "ab");
        Jitter(seed, 500);
        // Only the last urgent byte is urgent: those before are data now.
        RawSend(fd, "!", MSG_OOB);
        Jitter(seed, 500);
        RawSend(fd, "cd");
        if (RawRecv(fd, 1) != "k") break;
      }
      close(fd);
    });
    const int listener = testing::RawListen();
    for (int i = 0; i < 1500 / kScale; ++i) {
      const RawPair pair = testing::TcpPairOf(listener);
      FD fd;
      fd.Init(pair.ours, kTcp);
      peer.Serve(pair.peer);
      for (int k = 0; k < 4; ++k) {
        std::string got;
        while (got.size() < 4) {
          char buf[64];
          const ssize_t n = fd.Read(buf, sizeof(buf));
          ASSERT_GT(n, 0);
          got.append(buf, static_cast<size_t>(n));
        }
        EXPECT_EQ(got, "abcd");
        size_t written;
        ASSERT_EQ(fd.Write("k", 1, &written), 0);
      }
      char c;
      ASSERT_EQ(fd.Read(&c, 1), kErrEOF);
    }
    close(listener);
  });
}

// Two fragments, and nothing more until both were acknowledged: the second one
// comes between the short read of the first and the next Read.
TEST_F(FdRaceTest, DataAfterTheShortRead) {
  constexpr int kRounds = 20000 / kScale;
  InGoroutine([] {
    Peer peer([](int fd, uint32_t* seed) {
      for (int i = 0; i < kRounds; ++i) {
        RawSend(fd, "first");
        Jitter(seed, 1500);
        RawSend(fd, "second");
        if (RawRecv(fd, 1) != "k") break;
      }
      close(fd);
    });
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    peer.Serve(pair.peer);
    uint32_t seed = 77;
    for (int i = 0; i < kRounds; ++i) {
      std::string got;
      while (got.size() < 11) {
        char buf[64];
        const ssize_t n = fd.Read(buf, sizeof(buf));
        ASSERT_GT(n, 0);
        got.append(buf, static_cast<size_t>(n));
        Jitter(&seed, 300);
        if (seed & 0x100000) runtime::Gosched();
      }
      ASSERT_EQ(got, "firstsecond") << "round " << i;
      size_t written;
      ASSERT_EQ(fd.Write("k", 1, &written), 0);
    }
    char c;
    EXPECT_EQ(fd.Read(&c, 1), kErrEOF);
  });
}

// WaitRead and Read in turn, with deadlines that come and go between: none of
// them may swallow the edge that the others need.
TEST_F(FdRaceTest, WaitReadAndDeadlinesShareTheEdges) {
  constexpr int kRounds = 8000 / kScale;
  InGoroutine([] {
    Peer peer([](int fd, uint32_t* seed) {
      for (int i = 0; i < kRounds; ++i) {
        Jitter(seed, 800);
        RawSend(fd, "x");
        if (RawRecv(fd, 1) != "k") break;
      }
      close(fd);
    });
    const RawPair pair = testing::TcpPair();
    FD fd;
    fd.Init(pair.ours, kTcp);
    peer.Serve(pair.peer);
    uint32_t seed = 3;
    for (int i = 0; i < kRounds; ++i) {
      char buf[8];
      for (int k = 0; k < 3; ++k) {
        Jitter(&seed, 50);
        if (seed & 0x10000) continue;
        fd.SetDeadline(base::nanotime() + (seed >> 8) % 10000, 1);
        const int err = fd.WaitRead();
        ASSERT_TRUE(err == 0 || err == kErrTimeout) << err;
      }
      fd.SetDeadline(0, 1);
      ASSERT_EQ(fd.Read(buf, sizeof(buf)), 1) << "round " << i;
      size_t written;
      ASSERT_EQ(fd.Write("k", 1, &written), 0);
    }
  });
}

// Reader and writer of one FD at full speed, each with its own edges.
TEST_F(FdRaceTest, BothDirectionsAtOnce) {
  InGoroutine([] {
    constexpr size_t kBytes = (8 << 20) / kScale;
    const RawPair pair = testing::TcpPair(64 << 10);
    FD fd;
    fd.Init(pair.ours, kTcp);
    std::thread echo([&] {
      std::string buf(30000, '\0');
      for (;;) {
        const ssize_t n = recv(pair.peer, buf.data(), buf.size(), 0);
        if (n <= 0) break;
        if (!RawSend(pair.peer, std::string_view(buf.data(), n))) break;
      }
      shutdown(pair.peer, SHUT_WR);
    });
    const auto byte = [](size_t i) {
      return static_cast<char>((i * 2654435761u) >> 13);
    };
    sync::WaitGroup wg;
    wg.Go([&] {
      std::string data(10007, '\0');
      for (size_t at = 0; at < kBytes;) {
        const size_t n = std::min(data.size(), kBytes - at);
        for (size_t i = 0; i < n; ++i) data[i] = byte(at + i);
        size_t written;
        ASSERT_EQ(fd.Write(data.data(), n, &written), 0);
        at += n;
      }
      EXPECT_EQ(fd.Shutdown(SHUT_WR), 0);
    });
    size_t at = 0, wrong = 0;
    std::string buf(20011, '\0');
    ssize_t n;
    while ((n = fd.Read(buf.data(), buf.size())) > 0) {
      for (ssize_t i = 0; i < n; ++i) wrong += buf[i] != byte(at++);
    }
    EXPECT_EQ(n, kErrEOF);
    EXPECT_EQ(at, kBytes);
    EXPECT_EQ(wrong, 0u);
    wg.Wait();
    echo.join();
    close(pair.peer);
  });
}

// Numbers and PollDescs are reused at once, while events for their earlier
// owners are on their way: nobody gets another's bytes or errors.
TEST_F(FdRaceTest, ReusedNumbers) {
  base::Atomic<uint32_t> next{1};
  InGoroutine([&] {
    Peer peer([](int fd, uint32_t* seed) {
      // Edges on the way when the other side closes.
      RawSend(fd, "e");
      Jitter(seed, 600);
      RawSend(fd, "e", (*seed & 0x10000) ? MSG_OOB : 0);
      (*seed & 0x20000) ? testing::RawReset(fd) : (void)close(fd);
    });
    sync::WaitGroup wg;
    for (uint32_t worker = 0; worker < 4; ++worker) {
      wg.Go([&, worker] {
        uint32_t seed = worker;
        const int listener = testing::RawListen();
        for (int i = 0; i < 2500 / kScale; ++i) {
          {
            const RawPair noisy = testing::TcpPairOf(listener);
            FD fd;
            fd.Init(noisy.ours, kTcp);
            peer.Serve(noisy.peer);
            char buf[2];
            if (i % 2 && fd.Read(buf, 2) > 0) fd.WaitRead();
            Jitter(&seed, 400);
          }
          const RawPair pair = testing::TcpPairOf(listener);
          FD fd;
          fd.Init(pair.ours, kTcp);
          const std::string mine = std::to_string(next.fetch_add(1));
          sync::WaitGroup reader;
          reader.Go([&] {
            char buf[64];
            const ssize_t n = fd.Read(buf, sizeof(buf));
            ASSERT_EQ(n, static_cast<ssize_t>(mine.size()));
            EXPECT_EQ(std::string(buf, mine.size()), mine);
          });
          Jitter(&seed, 400);
          if (i % 3 == 0) runtime::Gosched();
          RawSend(pair.peer, mine);
          reader.Wait();
          close(pair.peer);
        }
        close(listener);
      });
    }
    wg.Wait();
  });
}

// Close against everything: each call ends, with its result or kErrClosing, and
// never touches a number that is somebody else's by now.
TEST_F(FdRaceTest, CloseAgainstUsers) {
  InGoroutine([] {
    const int listener = testing::RawListen();
    uint32_t seed = 9;
    for (int round = 0; round < 1000 / kScale; ++round) {
      const RawPair pair = testing::TcpPairOf(listener, 16 << 10);
      FD fd;
      fd.Init(pair.ours, kTcp);
      sync::WaitGroup wg;
      for (int i = 0; i < 2; ++i) {
        wg.Go([&] {
          char buf[16];
          ssize_t n;
          while ((n = fd.Read(buf, sizeof(buf))) > 0) {
          }
          EXPECT_EQ(n, kErrClosing);
        });
        wg.Go([&] {
          const std::string data(5000, 'w');
          size_t written;
          int err;
          while ((err = fd.Write(data.data(), data.size(), &written)) == 0) {
          }
          EXPECT_EQ(err, kErrClosing);
        });
      }
      wg.Go([&, k = round]() mutable {
        while (fd.SetDeadline(base::nanotime() + 60000 * testing::kMs,
                              1 + k++ % 3) == 0) {
          runtime::Gosched();
        }
      });
      RawSend(pair.peer, "something to read");
      Jitter(&seed, 3000);
      if (round % 4) runtime::Gosched();
      int closed = 0;
      sync::WaitGroup closers;
      closers.Go([&] { closed += fd.Close() == 0; });
      closers.Wait();
      EXPECT_EQ(closed, 1);
      EXPECT_EQ(fd.Close(), kErrClosing);
      wg.Wait();
      close(pair.peer);
    }
    close(listener);
  });
}

// Several close at once: one of them does it.
TEST_F(FdRaceTest, OneCloserWins) {
  InGoroutine([] {
    for (int round = 0; round < 2000 / kScale; ++round) {
      const RawPair pair = testing::UnixPair();
      FD fd;
      fd.Init(pair.ours, FD::kStream | FD::kZeroIsEOF);
      base::Atomic<int> closed{0};
      sync::WaitGroup wg;
      wg.Go([&] {
        char c;
        EXPECT_EQ(fd.Read(&c, 1), kErrClosing);
      });
      for (int i = 0; i < 3; ++i) {
        wg.Go([&] { closed += fd.Close() == 0; });
      }
      wg.Wait();
      EXPECT_EQ(closed.load(), 1);
      close(pair.peer);
    }
  });
}

}  // namespace
}  // namespace parkour::poll
