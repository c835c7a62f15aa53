// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's own tests are in tests/conformance/io/pipe_test.cc.

#include "parkour/io/pipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "parkour/io/io.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/sync/waitgroup.h"

using namespace parkour;
using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

namespace {

const absl::Status kFail = absl::InternalError("fail");

TEST(Pipe, NilHandles) {
  char buf[1];
  EXPECT_EQ(io::PipeReader().Read(buf).err.code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(io::PipeWriter().Write("x").err.code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(io::PipeReader().Close().ok());
  EXPECT_FALSE(io::PipeWriter().CloseWithError(kFail).ok());
}

// The first error of an end stays; one's own end is always "closed".
TEST(Pipe, WhoClosedWithWhat) {
  char buf[1];
  auto [r, w] = io::Pipe();
  EXPECT_TRUE(w.CloseWithError(kFail).ok());
  EXPECT_TRUE(w.Close().ok());
  EXPECT_EQ(r.Read(buf).err, kFail);
  EXPECT_EQ(w.Write("x").err, io::ErrClosedPipe());
  EXPECT_TRUE(r.CloseWithError(io::ErrNoProgress()).ok());
  EXPECT_EQ(r.Read(buf).err, io::ErrClosedPipe());
  EXPECT_EQ(w.Write("x").err, io::ErrClosedPipe());

  auto [r2, w2] = io::Pipe();
  EXPECT_TRUE(r2.CloseWithError(kFail).ok());
  EXPECT_TRUE(r2.CloseWithError(io::ErrNoProgress()).ok());
  EXPECT_EQ(w2.Write("x").err, kFail);
  EXPECT_EQ(w2.Write("").err, kFail);
  EXPECT_EQ(r2.Read(buf).err, io::ErrClosedPipe());
}

TEST(Pipe, LastHandleCloses) {
  auto [r, w] = io::Pipe();
  std::optional<io::PipeWriter> copy = w;
  w = io::PipeWriter();
  sync::WaitGroup wg;
  wg.Go([r = r] {
    char buf[2];
    EXPECT_EQ(r.Read(buf).n, 1u);
    EXPECT_EQ(r.Read(buf).err, io::EOF());
  });
  EXPECT_TRUE(copy->Write("x").ok());
  copy.reset();
  wg.Wait();

  auto [r2, w2] = io::Pipe();
  r2 = io::PipeReader();
  EXPECT_EQ(w2.Write("x").err, io::ErrClosedPipe());
}

// A Write that was half taken tells how much.
TEST(Pipe, CloseInTheMiddleOfAWrite) {
  auto [r, w] = io::Pipe();
  sync::WaitGroup wg;
  wg.Go([w = w] {
    const auto [n, err] = w.Write("abcdef");
    EXPECT_EQ(n, 4u);
    EXPECT_EQ(err, kFail);
  });
  char buf[4];
  EXPECT_EQ(r.Read(buf).n, 4u);
  EXPECT_TRUE(r.CloseWithError(kFail).ok());
  wg.Wait();
}

// A Read of nothing does not use up a Write; a Write of nothing takes a Read.
TEST(Pipe, Nothing) {
  auto [r, w] = io::Pipe();
  sync::WaitGroup wg;
  wg.Go([w = w] {
    EXPECT_TRUE(w.Write("").ok());
    EXPECT_TRUE(w.Write("ab").ok());
  });
  char buf[8];
  EXPECT_EQ(r.Read(buf).n, 0u);
  EXPECT_EQ(r.Read({}).n, 0u);
  EXPECT_EQ(r.Read(buf).n, 2u);
  wg.Wait();
}

TEST(Pipe, PlainThreads) {
  auto [r, w] = io::Pipe();
  std::thread writer([w = w] {
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(w.Write("0123456789").ok());
    EXPECT_TRUE(w.Close().ok());
  });
  const auto all = io::ReadAll(r);
  writer.join();
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->size(), 1000u);
}

constexpr size_t kWriters = 4;
constexpr size_t kReaders = 3;
constexpr size_t kSize = 16;

// Many writers and readers: no byte is lost or doubled, Writes do not mix.
TEST(Pipe, ManyWritersManyReaders) {
  const ProcsScope procs(4);
  constexpr auto kRounds = static_cast<size_t>(Scaled(2000));
  auto [r, w] = io::Pipe();
  sync::WaitGroup writers, readers;
  for (size_t i = 0; i < kWriters; ++i) {
    writers.Go([w = w, i] {
      const std::string data(kSize, static_cast<char>('a' + i));
      for (size_t k = 0; k < kRounds; ++k) EXPECT_EQ(w.Write(data).n, kSize);
    });
  }
  sync::Mutex mu;
  size_t counts[kWriters] = {};
  for (size_t i = 0; i < kReaders; ++i) {
    readers.Go([r = r, i, &mu, &counts] {
      char buf[kSize];
      for (;;) {
        const auto [n, err] = r.Read(std::span(buf, 3 + 6 * i));
        if (!err.ok()) {
          EXPECT_EQ(err, io::EOF());
          return;
        }
        // One Read takes from one Write.
        ASSERT_EQ(std::count(buf, buf + n, buf[0]), static_cast<long>(n));
        const sync::MutexLock lock(&mu);
        counts[buf[0] - 'a'] += n;
      }
    });
  }
  writers.Wait();
  EXPECT_TRUE(w.Close().ok());
  readers.Wait();
  for (const size_t n : counts) EXPECT_EQ(n, kRounds * kSize);
}

// Close races with everything: all come back, and the counts agree.
TEST(Pipe, CloseRace) {
  const ProcsScope procs(4);
  for (int round = 0; round < Scaled(2000); ++round) {
    auto [r, w] = io::Pipe();
    size_t written = 0, read = 0;
    sync::WaitGroup wg;
    wg.Go([w = w, &written] {
      for (;;) {
        const auto [n, err] = w.Write("abc");
        written += n;
        if (!err.ok()) return;
      }
    });
    wg.Go([r = r, &read] {
      char buf[2];
      for (;;) {
        const auto [n, err] = r.Read(buf);
        read += n;
        if (!err.ok()) return;
      }
    });
    wg.Go([r = r, w = w, round] {
      for (int i = 0; i < round % 8; ++i) runtime::Gosched();
      EXPECT_TRUE((round % 2 == 0 ? r.Close() : w.Close()).ok());
    });
    wg.Wait();
    ASSERT_EQ(read, written) << round;
  }
}

// The header's example, with a bigger page.
TEST(Pipe, Example) {
  const std::string page(100000, 'p');
  const auto upload = [&page](io::ReaderRef r) {
    const auto all = io::ReadAll(r);
    return all.ok() && *all == page;
  };
  auto [r, w] = io::Pipe();
  go([w = w, &page] {
    EXPECT_TRUE(io::WriteString(w, page).ok());
    w.Close().IgnoreError();
  });
  EXPECT_TRUE(upload(r));
}

}  // namespace
