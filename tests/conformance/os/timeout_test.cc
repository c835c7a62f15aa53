// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/os/timeout_test.go, by meaning, on what stands in for a pipe. Left
// out: files without a poller, terminals. Deadlines are never early; how late
// they are is the machine's business.

#include <cstring>
#include <string>

#include "parkour/base/rand.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/context/go_test.h"
#include "parkour/tests/conformance/os/pipe.h"

namespace parkour::tests {
namespace {

using base::nanotime;
using poll::kErrTimeout;
using runtime::testing::kMs;
using runtime::testing::ProcsScope;
using runtime::testing::Scaled;

constexpr int64_t kPast = -1;
constexpr int64_t kNone = 0;

// A deadline in the past wins over data that is there; one in the future lets
// them through until then.
GO_TEST(OsTimeoutTest, TestReadTimeout) {
  Pipe p;
  const std::string data = "READ TIMEOUT TEST";
  EXPECT_EQ(p.w.Write(data).err, 0);
  char b[1];
  EXPECT_EQ(p.r.SetDeadline(kPast, PipeEnd::kRead), 0);
  for (int i = 0; i < 2; ++i) {
    const auto [n, err] = p.r.Read(b);
    EXPECT_EQ(n, 0u);
    EXPECT_EQ(err, kErrTimeout);
  }
  const int64_t when = nanotime() + 50 * kMs;
  EXPECT_EQ(p.r.SetDeadline(when, PipeEnd::kRead), 0);
  std::string got;
  for (;;) {
    const auto [n, err] = p.r.Read(b);
    if (err != 0) {
      EXPECT_EQ(err, kErrTimeout);
      break;
    }
    got.append(b, n);
  }
  EXPECT_GE(nanotime(), when);
  EXPECT_EQ(data.substr(0, got.size()), got);
  EXPECT_EQ(p.r.Read(b).err, kErrTimeout);
}

// Waits for a result that must not come before `release`. Whatever comes then
// is no timeout.
void MustNotReturn(const Chan<int>& result, PipeEnd* release) {
  AwaitParked();
  EXPECT_EQ(Select(result.OnRecv([](std::optional<int> err) {
              ADD_FAILURE() << "returned " << *err;
            }),
                   time::After(absl::Milliseconds(100)).OnRecv([] {})),
            1);
  EXPECT_EQ(release->Close(), 0);
  EXPECT_NE(result.Recv(), kErrTimeout);
}

// A deadline that was taken back, or is the other direction's, does nothing.
GO_TEST(OsTimeoutTest, TestReadTimeoutMustNotReturn) {
  Pipe p;
  const Chan<int> result = MakeChan<int>(1);
  sync::WaitGroup wg;
  wg.Go([&p, result] {
    EXPECT_EQ(p.r.SetDeadline(kPast), 0);
    EXPECT_EQ(p.r.SetDeadline(kPast, PipeEnd::kWrite), 0);
    EXPECT_EQ(p.r.SetDeadline(kNone, PipeEnd::kRead), 0);
    char b[1];
    result.Send(p.r.Read(b).err);
  });
  MustNotReturn(result, &p.w);
  wg.Wait();
}

GO_TEST(OsTimeoutTest, TestWriteTimeout) {
  const std::string data = "WRITE TIMEOUT TEST";
  for (const int64_t in : {-5000 * kMs, 10 * kMs}) {
    Pipe p;
    const int64_t when = nanotime() + in;
    EXPECT_EQ(p.w.SetDeadline(in > 0 ? when : kPast, PipeEnd::kWrite), 0);
    const auto [n, err] = p.w.WriteForEver(data);
    EXPECT_EQ(err, kErrTimeout);
    EXPECT_GE(nanotime(), when);
    if (in < 0) {
      EXPECT_EQ(n, 0u);
    }
    const auto [n2, err2] = p.w.Write(data);
    EXPECT_EQ(n2, 0u);
    EXPECT_EQ(err2, kErrTimeout);
  }
}

GO_TEST(OsTimeoutTest, TestWriteTimeoutMustNotReturn) {
  Pipe p;
  const Chan<int> result = MakeChan<int>(1);
  sync::WaitGroup wg;
  wg.Go([&p, result] {
    EXPECT_EQ(p.w.SetDeadline(kPast), 0);
    EXPECT_EQ(p.w.SetDeadline(kPast, PipeEnd::kRead), 0);
    EXPECT_EQ(p.w.SetDeadline(kNone, PipeEnd::kWrite), 0);
    result.Send(p.w.WriteForEver("x").err);
  });
  MustNotReturn(result, &p.r);
  wg.Wait();
}

GO_TEST(OsTimeoutTest, TestReadTimeoutFluctuation) {
  Pipe p;
  const int64_t when = nanotime() + 100 * kMs;
  EXPECT_EQ(p.r.SetDeadline(when, PipeEnd::kRead), 0);
  char b[256];
  const auto [n, err] = p.r.Read(b);
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(err, kErrTimeout);
  EXPECT_GE(nanotime(), when);
}

GO_TEST(OsTimeoutTest, TestWriteTimeoutFluctuation) {
  Pipe p;
  const int64_t when = nanotime() + 100 * kMs;
  EXPECT_EQ(p.w.SetDeadline(when, PipeEnd::kWrite), 0);
  EXPECT_EQ(p.w.WriteForEver("TIMEOUT WRITER").err, kErrTimeout);
  EXPECT_GE(nanotime(), when);
}

// One writes as fast as it can; the other reads until its deadline and leaves.
void TestVariousDeadlines() {
  constexpr int64_t kTimeouts[] = {1,     2,      5,      50,      100,
                                   200,   500,    750,    1000,    5000,
                                   25000, 250000, 500000, 1 * kMs, 5 * kMs};
  for (const int64_t timeout : kTimeouts) {
    Pipe p;
    sync::WaitGroup wg;
    wg.Go([&p] {
      const int err = p.w.WriteForEver(std::string(32 << 10, 'a')).err;
      EXPECT_TRUE(err == -EPIPE || err == -ECONNRESET) << err;
    });
    const int64_t when = nanotime() + timeout;
    EXPECT_EQ(p.r.SetDeadline(when), 0);
    std::string b(32 << 10, '\0');
    EXPECT_EQ(p.r.ReadForEver(b).err, kErrTimeout);
    EXPECT_GE(nanotime(), when);
    EXPECT_EQ(p.r.Close(), 0);
    wg.Wait();
  }
}

GO_TEST(OsTimeoutTest, TestVariousDeadlines) { TestVariousDeadlines(); }

GO_TEST(OsTimeoutTest, TestVariousDeadlines1Proc) {
  ProcsScope procs(1);
  TestVariousDeadlines();
}

GO_TEST(OsTimeoutTest, TestVariousDeadlines4Proc) {
  ProcsScope procs(4);
  TestVariousDeadlines();
}

// Deadlines come and pass while both sides are at it; nothing but timeouts and
// bytes comes out.
GO_TEST(OsTimeoutTest, TestReadWriteDeadlineRace) {
  constexpr int kRounds = Scaled(1000);
  Pipe p;
  sync::WaitGroup wg;
  wg.Go([&p] {
    const time::Ticker tic = time::NewTicker(absl::Microseconds(2));
    for (int i = 0; i < kRounds; ++i) {
      EXPECT_EQ(p.r.SetDeadline(nanotime() + 2000, PipeEnd::kRead), 0);
      EXPECT_EQ(p.w.SetDeadline(nanotime() + 2000, PipeEnd::kWrite), 0);
      tic.C.Recv();
    }
    tic.Stop();
  });
  wg.Go([&p] {
    char b[1];
    for (int i = 0; i < kRounds; ++i) {
      const int err = p.r.Read(b).err;
      EXPECT_TRUE(err == 0 || err == kErrTimeout) << err;
    }
  });
  wg.Go([&p] {
    for (int i = 0; i < kRounds; ++i) {
      const int err = p.w.Write("x").err;
      EXPECT_TRUE(err == 0 || err == kErrTimeout) << err;
    }
  });
  wg.Wait();
}

// What `transfer` was given is the caller's again when it returns, also with a
// timeout: ThreadSanitizer would tell.
template <typename F>
void TestRacy(PipeEnd* end, PipeEnd::Side side, F transfer) {
  const auto soon = [end, side] {
    EXPECT_EQ(end->SetDeadline(nanotime() + kMs, side), 0);
  };
  soon();
  sync::WaitGroup wg;
  for (int i = 0; i < 10; ++i) {
    wg.Go([&] {
      char b1[1024] = {};
      const char b2[sizeof(b1)] = {};
      for (int j = 0; j < Scaled(100); ++j) {
        const int err = transfer(b1);
        std::memcpy(b1, b2, sizeof(b1));
        if (err == 0) continue;
        EXPECT_EQ(err, kErrTimeout);
        soon();
      }
    });
  }
  wg.Wait();
}

GO_TEST(OsTimeoutTest, TestRacyRead) {
  Pipe p;
  sync::WaitGroup wg;
  wg.Go([&p] {
    base::Rand rand(1);
    std::string data(512, '\0');
    for (char& c : data) c = static_cast<char>(rand.Below(256));
    EXPECT_NE(p.w.WriteForEver(data).err, kErrTimeout);
  });
  TestRacy(&p.r, PipeEnd::kRead,
           [&p](std::span<char> b) { return p.r.Read(b).err; });
  EXPECT_EQ(p.r.Close(), 0);
  wg.Wait();
}

GO_TEST(OsTimeoutTest, TestRacyWrite) {
  Pipe p;
  sync::WaitGroup wg;
  wg.Go([&p] {
    char b[512];
    EXPECT_EQ(p.r.ReadForEver(b).err, poll::kErrEOF);
  });
  TestRacy(&p.w, PipeEnd::kWrite, [&p](std::span<char> b) {
    return p.w.Write({b.data(), b.size()}).err;
  });
  EXPECT_EQ(p.w.Close(), 0);
  wg.Wait();
}

}  // namespace
}  // namespace parkour::tests
