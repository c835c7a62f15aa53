// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's own tests are in tests/conformance/io/io_test.cc.

#include "parkour/io/copy.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::FuncReader;
using io::testing::FuncWriter;
using io::testing::OnlyReader;
using io::testing::OnlyWriter;
using io::testing::StringReader;

namespace {

const absl::Status kFail = absl::InternalError("fail");

TEST(Copy, ShortWrite) {
  FuncWriter half([](std::string_view p) {
    return io::Result{p.size() / 2, absl::OkStatus()};
  });
  const auto [n, err] = io::Copy(half, StringReader("12345678"));
  EXPECT_EQ(n, 4u);
  EXPECT_EQ(err, io::ErrShortWrite());
}

TEST(Copy, LargeInput) {
  std::string big(100000, '\0');
  for (size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 7);
  Buffer out;
  EXPECT_EQ(io::Copy(out, StringReader(big)).n, big.size());
  EXPECT_EQ(out.str(), big);
  EXPECT_EQ(out.writes(), 4);  // 32 KiB each
}

TEST(Copy, ReadErrorComesAfterItsBytes) {
  FuncReader r([](std::span<char> p) {
    p[0] = 'x';
    return io::Result{1, kFail};
  });
  Buffer out;
  const auto [n, err] = io::Copy(out, r);
  EXPECT_EQ(n, 1u);
  EXPECT_EQ(err, kFail);
  EXPECT_EQ(out.str(), "x");
}

TEST(Copy, NothingIsNoEnd) {
  FuncReader r([calls = 0](std::span<char> p) mutable -> io::Result {
    if (++calls % 3 != 0) return {};
    if (calls > 9) return {0, io::EOF()};
    p[0] = 'x';
    return {1, absl::OkStatus()};
  });
  Buffer out;
  EXPECT_EQ(io::Copy(out, r).n, 3u);
  EXPECT_EQ(out.str(), "xxx");
}

// A limited reader gets a buffer of its size. Go: io.copyBuffer.
TEST(Copy, BufferFitsTheLimit) {
  for (const int64_t limit : {int64_t{5}, int64_t{1} << 40}) {
    size_t asked = 0;
    FuncReader r([&asked](std::span<char> p) {
      asked = p.size();
      return io::Result{0, io::EOF()};
    });
    io::LimitedReader limited(r, limit);
    Buffer out;
    EXPECT_TRUE(io::Copy(out, limited).ok());
    EXPECT_EQ(asked, limit == 5 ? 5u : 32u << 10);
  }
}

TEST(CopyN, Zero) {
  FuncReader r([](std::span<char>) {
    ADD_FAILURE() << "Read was called";
    return io::Result{0, kFail};
  });
  Buffer out;
  EXPECT_TRUE(io::CopyN(out, r, 0).ok());
}

TEST(CopyN, LeavesTheRest) {
  StringReader r("hello, world");
  Buffer out;
  EXPECT_TRUE(io::CopyN(out, r, 5).ok());
  EXPECT_EQ(io::ReadAll(r).value_or("error"), ", world");
}

TEST(CopyN, ErrorBeforeTheEnd) {
  FuncReader r([](std::span<char>) { return io::Result{0, kFail}; });
  Buffer out;
  EXPECT_EQ(io::CopyN(out, r, 5).err, kFail);
}

TEST(ReadFull, Rules) {
  char buf[4];
  const auto full = [&buf](std::string_view data) {
    return io::ReadFull(io::testing::OneByteReader(StringReader(data)), buf);
  };
  EXPECT_EQ(full("").err, io::EOF());
  EXPECT_EQ(full("abc").err, io::ErrUnexpectedEOF());
  EXPECT_EQ(full("abc").n, 3u);
  EXPECT_TRUE(full("abcd").ok());
  EXPECT_TRUE(full("abcde").ok());
  EXPECT_EQ(std::string(buf, 4), "abcd");
  EXPECT_TRUE(io::ReadFull(StringReader(""), {}).ok());
  EXPECT_EQ(io::ReadAtLeast(StringReader("abc"), buf, 5).err,
            io::ErrShortBuffer());
}

TEST(ReadAll, SizesAndErrors) {
  for (const size_t n : {0, 1, 511, 512, 513, 1024, 100000}) {
    const std::string data(n, 'x');
    EXPECT_EQ(io::ReadAll(StringReader(data)).value_or("error"), data);
  }
  FuncReader r([](std::span<char>) { return io::Result{3, kFail}; });
  EXPECT_EQ(io::ReadAll(r).status(), kFail);
  FuncReader data_and_eof([](std::span<char> p) {
    p[0] = 'x';
    return io::Result{1, io::EOF()};
  });
  EXPECT_EQ(io::ReadAll(data_and_eof).value_or("error"), "x");
}

TEST(Discard, TakesAll) {
  EXPECT_EQ(io::Copy(io::Discard, StringReader(std::string(20000, 'x'))).n,
            20000u);
  EXPECT_EQ(io::Copy(OnlyWriter(io::Discard), StringReader("abc")).n, 3u);
  FuncReader r([](std::span<char>) { return io::Result{2, kFail}; });
  const auto [n, err] = io::Copy(io::Discard, r);
  EXPECT_EQ(n, 2u);
  EXPECT_EQ(err, kFail);
}

TEST(CopyDeathTest, Misuse) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  FuncReader liar([](std::span<char> p) {
    return io::Result{p.size() + 1, absl::OkStatus()};
  });
  char buf[8];
  const auto dies = ::testing::ExitedWithCode(2);
  const char* const bounds = "panic: runtime error: slice bounds out of range";
  Buffer out;
  EXPECT_EXIT(io::Copy(out, liar).err.IgnoreError(), dies, bounds);
  EXPECT_EXIT(io::Copy(io::Discard, liar).err.IgnoreError(), dies, bounds);
  EXPECT_EXIT(io::ReadFull(liar, buf).err.IgnoreError(), dies, bounds);
  EXPECT_EXIT(io::ReadAll(liar).status().IgnoreError(), dies, bounds);
  EXPECT_EXIT(io::TeeReader(liar, out).Read(buf).err.IgnoreError(), dies,
              bounds);
  EXPECT_EXIT(io::CopyBuffer(out, liar, std::span(buf, 0)).err.IgnoreError(),
              dies, "panic: empty buffer in CopyBuffer");
}

}  // namespace
