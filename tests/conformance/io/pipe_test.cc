// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/io/pipe_test.go

#include "parkour/io/pipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parkour/io/io.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

using namespace parkour;

namespace {

// Runs f in a goroutine and waits for it when the test ends.
class Background {
 public:
  template <typename F>
  explicit Background(F f) {
    wg_.Go(std::move(f));
  }
  ~Background() { wg_.Wait(); }
  void Wait() { wg_.Wait(); }

 private:
  sync::WaitGroup wg_;
};

void CheckWrite(const io::PipeWriter& w, std::string_view data) {
  const auto [n, err] = w.Write(data);
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_EQ(n, data.size());
}

TEST(Pipe, TestPipe1) {
  auto [r, w] = io::Pipe();
  Background writer([w = w] { CheckWrite(w, "hello, world"); });
  char buf[64];
  const auto [n, err] = r.Read(buf);
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_EQ(std::string(buf, n), "hello, world");
  writer.Wait();
  EXPECT_TRUE(r.Close().ok());
  EXPECT_TRUE(w.Close().ok());
}

TEST(Pipe, TestPipe2) {
  auto [r, w] = io::Pipe();
  std::vector<size_t> reads;
  {
    Background reader([r = r, &reads] {
      char buf[64];
      for (int i = 0; i < 10; ++i) {
        const auto [n, err] = r.Read(buf);
        reads.push_back(n);
        if (!err.ok()) {
          EXPECT_EQ(err, io::EOF());
          return;
        }
      }
      ADD_FAILURE() << "no end";
    });
    const std::string data(64, 'x');
    for (size_t i = 0; i < 5; ++i) CheckWrite(w, data.substr(0, 5 + i * 10));
    EXPECT_TRUE(w.Close().ok());
  }
  EXPECT_EQ(reads, (std::vector<size_t>{5, 15, 25, 35, 45, 0}));
}

TEST(Pipe, TestPipe3) {
  auto [r, w] = io::Pipe();
  std::string data(128, '\0');
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i);
  Background writer([w = w, &data] {
    CheckWrite(w, data);
    EXPECT_TRUE(w.Close().ok());
  });
  std::string got(1024, '\0');
  size_t total = 0;
  for (size_t n = 1; n <= 256; n *= 2) {
    const auto [nn, err] = r.Read(std::span(got).subspan(total, n));
    // Only the last two are short.
    EXPECT_EQ(nn, n == 128 ? 1 : n == 256 ? 0 : n);
    EXPECT_EQ(err, n == 256 ? io::EOF() : absl::OkStatus());
    total += nn;
  }
  writer.Wait();
  EXPECT_EQ(got.substr(0, total), data);
}

struct CloseCase {
  bool async;
  absl::Status err;
  bool with_error;
};

std::vector<CloseCase> CloseCases() {
  std::vector<CloseCase> cases;
  for (const bool async : {true, false}) {
    cases.push_back({async, absl::OkStatus(), false});
    cases.push_back({async, absl::OkStatus(), true});
    cases.push_back({async, io::ErrShortWrite(), true});
  }
  return cases;
}

// Go sleeps a millisecond so that the other end most likely waits; yielding
// gives it the same chance, and either order must give the same result.
template <typename End>
void DelayClose(const End& end, const CloseCase& tt) {
  for (int i = 0; i < 100; ++i) runtime::Gosched();
  EXPECT_TRUE((tt.with_error ? end.CloseWithError(tt.err) : end.Close()).ok());
}

TEST(Pipe, TestPipeReadClose) {
  for (const CloseCase& tt : CloseCases()) {
    auto [r, w] = io::Pipe();
    Background closer([w = w, &tt] { DelayClose(w, tt); });
    if (!tt.async) closer.Wait();
    char buf[64];
    const auto [n, err] = r.Read(buf);
    EXPECT_EQ(err, tt.err.ok() ? io::EOF() : tt.err);
    EXPECT_EQ(n, 0u);
    EXPECT_TRUE(r.Close().ok());
  }
}

TEST(Pipe, TestPipeReadClose2) {
  auto [r, w] = io::Pipe();
  Background closer([r = r] { DelayClose(r, {}); });
  char buf[64];
  const auto [n, err] = r.Read(buf);
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(err, io::ErrClosedPipe());
}

TEST(Pipe, TestPipeWriteClose) {
  for (const CloseCase& tt : CloseCases()) {
    auto [r, w] = io::Pipe();
    Background closer([r = r, &tt] { DelayClose(r, tt); });
    if (!tt.async) closer.Wait();
    const auto [n, err] = io::WriteString(w, "hello, world");
    EXPECT_EQ(err, tt.err.ok() ? io::ErrClosedPipe() : tt.err);
    EXPECT_EQ(n, 0u);
    EXPECT_TRUE(w.Close().ok());
  }
}

TEST(Pipe, TestPipeWriteClose2) {
  auto [r, w] = io::Pipe();
  Background closer([w = w] { DelayClose(w, {}); });
  const auto [n, err] = w.Write(std::string(64, 'x'));
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(err, io::ErrClosedPipe());
}

void TestEmptyWrite(std::string_view nothing) {
  auto [r, w] = io::Pipe();
  Background writer([w = w, nothing] {
    CheckWrite(w, nothing);
    EXPECT_TRUE(w.Close().ok());
  });
  char b[2];
  const auto [n, err] = io::ReadFull(r, b);
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(err, io::EOF());
  EXPECT_TRUE(r.Close().ok());
}

TEST(Pipe, TestWriteEmpty) { TestEmptyWrite(""); }

TEST(Pipe, TestWriteNil) { TestEmptyWrite({}); }

TEST(Pipe, TestWriteAfterWriterClose) {
  auto [r, w] = io::Pipe();
  absl::Status write_err;
  Background writer([w = w, &write_err] {
    CheckWrite(w, "hello");
    EXPECT_TRUE(w.Close().ok());
    write_err = w.Write("world").err;
  });
  char buf[100];
  const auto [n, err] = io::ReadFull(r, buf);
  EXPECT_EQ(err, io::ErrUnexpectedEOF());
  EXPECT_EQ(std::string(buf, n), "hello");
  writer.Wait();
  EXPECT_EQ(write_err, io::ErrClosedPipe());
}

// The first error stays.
TEST(Pipe, TestPipeCloseError) {
  const absl::Status err1 = absl::InternalError("1");
  const absl::Status err2 = absl::InternalError("2");
  {
    auto [r, w] = io::Pipe();
    for (const absl::Status& err : {err1, err2}) {
      EXPECT_TRUE(r.CloseWithError(err).ok());
      EXPECT_EQ(w.Write("").err, err1);
    }
  }
  {
    auto [r, w] = io::Pipe();
    for (const absl::Status& err : {err1, err2}) {
      EXPECT_TRUE(w.CloseWithError(err).ok());
      EXPECT_EQ(r.Read({}).err, err1);
    }
  }
}

constexpr std::string_view kInput = "0123456789abcdef";
constexpr size_t kCount = 8;
constexpr size_t kReadSize = 2;

// Writes are not mixed, however many Reads each takes.
void TestConcurrentWrites() {
  auto [r, w] = io::Pipe();
  sync::WaitGroup writers;
  for (size_t i = 0; i < kCount; ++i) {
    writers.Go([w = w] { CheckWrite(w, kInput); });
  }
  std::string got, want;
  for (size_t i = 0; i < kCount; ++i) want += kInput;
  while (got.size() < want.size()) {
    char buf[kReadSize];
    const auto [n, err] = r.Read(buf);
    ASSERT_TRUE(err.ok()) << err;
    EXPECT_EQ(n, kReadSize);
    got.append(buf, n);
  }
  EXPECT_EQ(got, want);
  writers.Wait();
}

// Reads get what was written, each byte once, in pieces of their size.
void TestConcurrentReads() {
  auto [r, w] = io::Pipe();
  constexpr size_t kReads = kCount * kInput.size() / kReadSize;
  std::vector<std::string> got(kReads), want;
  sync::WaitGroup readers;
  for (std::string& piece : got) {
    readers.Go([r = r, &piece] {
      char buf[kReadSize];
      const auto [n, err] = r.Read(buf);
      EXPECT_TRUE(err.ok()) << err;
      piece.assign(buf, n);
    });
  }
  for (size_t i = 0; i < kCount; ++i) {
    CheckWrite(w, kInput);
    for (size_t at = 0; at < kInput.size(); at += kReadSize) {
      want.emplace_back(kInput.substr(at, kReadSize));
    }
  }
  readers.Wait();
  std::sort(got.begin(), got.end());
  std::sort(want.begin(), want.end());
  EXPECT_EQ(got, want);
}

TEST(Pipe, TestPipeConcurrent) {
  for (int i = 0; i < runtime::testing::Scaled(200); ++i) {
    TestConcurrentWrites();
    TestConcurrentReads();
  }
}

}  // namespace
