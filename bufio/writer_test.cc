// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's own tests are in tests/conformance/io/bufio_writer_test.cc.

#include "parkour/bufio/writer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::FuncReader;
using io::testing::FuncWriter;
using io::testing::StringReader;

namespace {

const absl::Status kFail = absl::InternalError("fail");

// The header's example.
TEST(Writer, Example) {
  Buffer conn;
  bufio::Writer out(conn);
  for (const char* row : {"a\n", "b\n", "c\n"}) {
    out.WriteString(row).err.IgnoreError();
  }
  EXPECT_TRUE(out.Flush().ok());
  EXPECT_EQ(conn.str(), "a\nb\nc\n");
  EXPECT_EQ(conn.writes(), 1);
}

TEST(Writer, Counts) {
  Buffer conn;
  bufio::Writer out(conn, 8);
  EXPECT_EQ(out.Size(), 8u);
  EXPECT_TRUE(out.Write("abc").ok());
  EXPECT_EQ(out.Buffered(), 3u);
  EXPECT_EQ(out.Available(), 5u);
  EXPECT_EQ(out.AvailableBuffer().size(), 5u);
  EXPECT_TRUE(out.Write("defgh").ok());  // exactly full: nothing goes out
  EXPECT_EQ(conn.writes(), 0);
  EXPECT_TRUE(out.WriteByte('i').ok());
  EXPECT_EQ(conn.str(), "abcdefgh");
  EXPECT_EQ(out.Buffered(), 1u);
}

// What finds the buffer empty and is larger goes out as it is.
TEST(Writer, LargeWriteGoesPastTheBuffer) {
  const std::string large(100, 'x');
  const char* seen = nullptr;
  FuncWriter conn([&seen](std::string_view p) {
    seen = p.data();
    return io::Result{p.size(), absl::OkStatus()};
  });
  bufio::Writer out(conn, 16);
  EXPECT_EQ(out.Write(large).n, 100u);
  EXPECT_EQ(seen, large.data());
}

TEST(Writer, ErrorStays) {
  int calls = 0;
  FuncWriter conn([&calls](std::string_view) {
    ++calls;
    return io::Result{3, kFail};
  });
  bufio::Writer out(conn, 8);
  EXPECT_TRUE(out.Write("abcdefgh").ok());
  EXPECT_EQ(out.Flush(), kFail);
  EXPECT_EQ(out.Buffered(), 5u);  // what did not go out
  EXPECT_EQ(out.Write("x").err, kFail);
  EXPECT_EQ(out.WriteString("x").err, kFail);
  EXPECT_EQ(out.WriteByte('x'), kFail);
  EXPECT_EQ(out.WriteRune('x').err, kFail);
  EXPECT_EQ(out.ReadFrom(StringReader("x")).err, kFail);
  EXPECT_EQ(out.Flush(), kFail);
  EXPECT_EQ(calls, 1);
  Buffer good;
  out.Reset(good);
  EXPECT_TRUE(out.Write("fresh").ok());
  EXPECT_TRUE(out.Flush().ok());
  EXPECT_EQ(good.str(), "fresh");
}

TEST(Writer, ErrorInTheMiddleOfAWrite) {
  FuncWriter conn([](std::string_view) { return io::Result{0, kFail}; });
  bufio::Writer out(conn, 4);
  const auto [n, err] = out.Write("abcdef");
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(err, kFail);
  bufio::Writer full(conn, 4);
  EXPECT_TRUE(full.Write("ab").ok());
  const io::Result put = full.Write("cdef");
  EXPECT_EQ(put.n, 2u) << "what got into the buffer";
  EXPECT_EQ(put.err, kFail);
}

TEST(Writer, ReadFromReportsTheReadersError) {
  Buffer conn;
  bufio::Writer out(conn, 16);
  FuncReader r([](std::span<char> p) {
    p[0] = 'x';
    return io::Result{1, kFail};
  });
  const auto [n, err] = out.ReadFrom(r);
  EXPECT_EQ(n, 1u);
  EXPECT_EQ(err, kFail);
  EXPECT_TRUE(out.Flush().ok()) << "it is not the writer's";
  EXPECT_EQ(conn.str(), "x");
}

TEST(Writer, Moves) {
  Buffer conn;
  bufio::Writer a(conn);
  EXPECT_TRUE(a.Write("abc").ok());
  bufio::Writer b = std::move(a);
  EXPECT_TRUE(b.Write("def").ok());
  EXPECT_TRUE(b.Flush().ok());
  EXPECT_EQ(conn.str(), "abcdef");
}

TEST(WriterDeathTest, WriterThatTakesTooMuch) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        FuncWriter liar([](std::string_view p) {
          return io::Result{p.size() + 1, absl::OkStatus()};
        });
        bufio::Writer out(liar, 4);
        out.Write("too much").err.IgnoreError();
      },
      ::testing::ExitedWithCode(2), "panic: runtime error: slice bounds");
}

}  // namespace
