// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's own tests are in tests/conformance/io: bufio_test.cc and
// bufio_line_test.cc.

#include "parkour/bufio/reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "parkour/bufio/bufio.h"
#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::FuncReader;
using io::testing::FuncWriter;
using io::testing::StringReader;
using io::testing::StringReaderWriterTo;

namespace {

const absl::Status kFail = absl::InternalError("fail");

// The header's example.
TEST(Reader, Example) {
  bufio::Reader in(StringReader("one\ntwo\nrest"));
  std::string lines;
  for (;;) {
    auto [line, err] = in.ReadString('\n');
    lines += "[" + line + "]";
    if (!err.ok()) {
      EXPECT_TRUE(io::IsEOF(err));
      break;
    }
  }
  EXPECT_EQ(lines, "[one\n][two\n][rest]");
}

TEST(Reader, LineLongerThanTheBuffer) {
  const std::string longer(100, 'x');
  bufio::Reader in(StringReader(longer + "\nnext\n"), 16);
  EXPECT_EQ(in.ReadString('\n').data, longer + "\n");
  EXPECT_EQ(in.ReadBytes('\n').data, "next\n");
  EXPECT_EQ(in.ReadBytes('\n').err, io::EOF());
}

// The error comes once, after the bytes, and reading goes on.
TEST(Reader, ErrorIsReportedOnce) {
  FuncReader r([calls = 0](std::span<char> p) mutable {
    p[0] = 'x';
    return ++calls == 1 ? io::Result{1, kFail} : io::Result{1, io::EOF()};
  });
  bufio::Reader in(r);
  auto text = in.ReadString('\n');
  EXPECT_EQ(text.data, "x");
  EXPECT_EQ(text.err, kFail);
  text = in.ReadString('\n');
  EXPECT_EQ(text.data, "x");
  EXPECT_EQ(text.err, io::EOF());
}

TEST(Reader, LargeReadGoesPastTheBuffer) {
  size_t asked = 0;
  FuncReader r([&asked](std::span<char> p) {
    asked = p.size();
    p[0] = 'a';
    p[1] = 'b';
    return io::Result{2, absl::OkStatus()};
  });
  bufio::Reader in(r, 16);
  std::string buf(100, '\0');
  EXPECT_EQ(in.Read(buf).n, 2u);
  EXPECT_EQ(asked, 100u);
  EXPECT_TRUE(in.UnreadByte().ok());  // into the empty buffer
  EXPECT_EQ(in.Buffered(), 1u);
  EXPECT_EQ(*in.ReadByte(), 'b');
}

TEST(Reader, MovesWithItsBytes) {
  bufio::Reader a(StringReader("hello world"));
  const std::string_view peeked = a.Peek(5).data;
  bufio::Reader b = std::move(a);
  EXPECT_EQ(peeked, "hello");
  EXPECT_EQ(io::ReadAll(b).value_or("error"), "hello world");
  a.Reset(StringReader("again"));  // NOLINT: what was moved from can be reset
  EXPECT_EQ(io::ReadAll(a).value_or("error"), "again");
}

TEST(Reader, InvalidRunes) {
  bufio::Reader in(StringReader("\xff\xe6\x97"));
  for (int i = 0; i < 3; ++i) {
    const bufio::Rune rune = in.ReadRune();
    EXPECT_TRUE(rune.rune == 0xFFFD && rune.size == 1) << i;
    EXPECT_TRUE(rune.ok());
  }
  EXPECT_EQ(in.ReadRune().err, io::EOF());
}

// The buffered bytes first, then the reader's own way; no Write of nothing.
TEST(Reader, WriteToUsesTheReadersWriteTo) {
  StringReaderWriterTo src(std::string(100, 'x'));
  bufio::Reader in(src, 16);
  EXPECT_EQ(in.Peek(1).data, "x");
  int writes = 0;
  FuncWriter out([&writes](std::string_view p) {
    EXPECT_FALSE(p.empty());
    ++writes;
    return io::Result{p.size(), absl::OkStatus()};
  });
  EXPECT_EQ(io::Copy(out, in).n, 100u);
  EXPECT_EQ(src.calls, 1);
  EXPECT_EQ(writes, 2);
}

TEST(Reader, DiscardAcrossBuffers) {
  bufio::Reader in(StringReader(std::string(100, 'x') + "end"), 16);
  EXPECT_EQ(in.Discard(100).n, 100u);
  EXPECT_EQ(io::ReadAll(in).value_or("error"), "end");
  // More than memory holds, until the end.
  bufio::Reader other(StringReader("abc"), 16);
  EXPECT_EQ(other.Discard(int64_t{1} << 62).n, 3u);
}

TEST(Reader, PeekMoreThanThereCanBe) {
  bufio::Reader in(StringReader("abc"), 16);
  const bufio::Slice s = in.Peek(int64_t{1} << 62);
  EXPECT_EQ(s.data, "abc");
  EXPECT_EQ(s.err, bufio::ErrBufferFull());
}

TEST(ReadWriter, IsBoth) {
  Buffer out;
  bufio::ReadWriter rw{bufio::Reader(StringReader("hello\n")),
                       bufio::Writer(out)};
  EXPECT_EQ(rw.ReadString('\n').data, "hello\n");
  EXPECT_TRUE(rw.WriteString("HELO\r\n").ok());
  EXPECT_EQ(rw.bufio::Writer::Buffered(), 6u);
  EXPECT_TRUE(rw.Flush().ok());
  EXPECT_EQ(out.str(), "HELO\r\n");
  rw.bufio::Reader::Reset(StringReader("more"));
  EXPECT_EQ(io::Copy(io::Discard, rw).n, 4u);
}

TEST(Errors, AreToldApart) {
  const absl::Status all[] = {
      bufio::ErrBufferFull(),        bufio::ErrNegativeCount(),
      bufio::ErrInvalidUnreadByte(), bufio::ErrInvalidUnreadRune(),
      bufio::ErrTooLong(),           bufio::ErrNegativeAdvance(),
      bufio::ErrAdvanceTooFar(),     bufio::ErrBadReadCount(),
      bufio::ErrFinalToken(),        io::EOF(),
  };
  for (const absl::Status& a : all) {
    for (const absl::Status& b : all) EXPECT_EQ(io::Is(a, b), &a == &b) << a;
  }
  EXPECT_EQ(io::testing::Message(all[0]), "bufio: buffer full");
  EXPECT_EQ(io::testing::Message(all[1]), "bufio: negative count");
  EXPECT_EQ(io::testing::Message(all[2]), "bufio: invalid use of UnreadByte");
  EXPECT_EQ(io::testing::Message(all[3]), "bufio: invalid use of UnreadRune");
  EXPECT_EQ(io::testing::Message(all[4]), "bufio.Scanner: token too long");
}

}  // namespace
