// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/bufio/bufio_test.go, the tests of Writer.

#include <gtest/gtest.h>

#include <charconv>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "parkour/bufio/bufio.h"
#include "parkour/bufio/utf8.h"
#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::FullBuffer;
using io::testing::FuncReader;
using io::testing::FuncWriter;
using io::testing::OnlyReader;
using io::testing::StringReader;

namespace {

TEST(BufioWriter, TestReadWriteRune) {
  constexpr char32_t kRunes = 1000;
  Buffer buf;
  bufio::Writer w(buf);
  for (char32_t r = 0; r < kRunes; ++r) {
    const auto [n, err] = w.WriteRune(r);
    ASSERT_TRUE(err.ok()) << err;
    ASSERT_EQ(n, r < 0x80 ? 1u : 2u);
  }
  EXPECT_TRUE(w.Flush().ok());
  bufio::Reader in(buf);
  for (char32_t r = 0; r < kRunes; ++r) {
    const auto [rune, size, err] = in.ReadRune();
    ASSERT_TRUE(err.ok()) << err;
    ASSERT_EQ(rune, r);
    ASSERT_EQ(size, r < 0x80 ? 1u : 2u);
  }
}

TEST(BufioWriter, TestWriteInvalidRune) {
  constexpr char32_t kInvalid[] = {0xFFFFFFFF, bufio::internal::kMaxRune + 1,
                                   0xD800};
  for (const char32_t r : kInvalid) {
    Buffer buf;
    bufio::Writer w(buf);
    EXPECT_EQ(w.WriteRune(r).n, 3u);
    EXPECT_TRUE(w.Flush().ok());
    EXPECT_EQ(buf.str(), "\uFFFD");
  }
}

constexpr size_t kBufferSizes[] = {0, 16, 23, 32, 46, 64, 93, 128, 1024, 4096};

TEST(BufioWriter, TestWriter) {
  std::string data;
  for (int i = 0; i < 8192; ++i) data += static_cast<char>(' ' + i % 94);
  for (const size_t n : kBufferSizes) {
    for (const size_t size : kBufferSizes) {
      Buffer w;
      bufio::Writer buf(w, size);
      const io::Result put = buf.Write(data.substr(0, n));
      EXPECT_EQ(put.n, n) << size;
      EXPECT_TRUE(put.ok()) << put.err;
      EXPECT_TRUE(buf.Flush().ok());
      EXPECT_EQ(w.str(), data.substr(0, n)) << size;
    }
  }
}

TEST(BufioWriter, TestWriterAppend) {
  Buffer got;
  std::string want;
  bufio::Writer w(got, 64);
  // A generator that never repeats soon; Go uses its random numbers.
  uint32_t number = 1;
  for (int i = 0; i < 100; ++i) {
    number = number * 1664525 + 1013904223;
    // Where there is room it is written in place, else elsewhere.
    char elsewhere[16];
    std::span<char> b = w.AvailableBuffer();
    if (b.size() < sizeof(elsewhere)) b = elsewhere;
    const char* const end = std::to_chars(b.data(), b.data() + 15, number).ptr;
    const std::string_view text(b.data(), static_cast<size_t>(end - b.data()));
    want += text;
    EXPECT_TRUE(w.Write(text).ok());
  }
  EXPECT_TRUE(w.Flush().ok());
  EXPECT_EQ(got.str(), want);
}

TEST(BufioWriter, TestWriteErrors) {
  const absl::Status closed = io::ErrClosedPipe();
  const struct {
    size_t n, m;
    absl::Status err, want;
  } tests[] = {
      {0, 1, {}, io::ErrShortWrite()},
      {1, 2, {}, io::ErrShortWrite()},
      {1, 1, {}, {}},
      {0, 1, closed, closed},
      {1, 2, closed, closed},
      {1, 1, closed, closed},
  };
  for (const auto& tt : tests) {
    FuncWriter w([&tt](std::string_view p) {
      return io::Result{p.size() * tt.n / tt.m, tt.err};
    });
    bufio::Writer buf(w);
    EXPECT_TRUE(buf.Write("hello world").ok());
    // Twice: the error stays.
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(buf.Flush(), tt.want) << &tt - tests;
    }
  }
}

// Differs: a constructor cannot give back its argument.
TEST(BufioWriter, TestNewWriterSizeIdempotent) {
  static_assert(!std::is_constructible_v<bufio::Writer, bufio::Writer&>);
  Buffer out;
  bufio::Writer b(out, 1000);
  bufio::Writer b2(b, 2000);
  EXPECT_EQ(b2.Size(), 2000u);
  EXPECT_TRUE(b2.Write("x").ok());
  EXPECT_TRUE(b2.Flush().ok());
  EXPECT_EQ(b.Buffered(), 1u);
  EXPECT_TRUE(b.Flush().ok());
  EXPECT_EQ(out.str(), "x");
}

TEST(BufioWriter, TestWriteString) {
  FullBuffer buf;
  bufio::Writer b(buf, 8);
  for (const char* s :
       {"0", "123456", "7890", "abcdefghijklmnopqrstuvwxy", "z"}) {
    EXPECT_TRUE(b.WriteString(s).ok());
  }
  EXPECT_TRUE(b.Flush().ok());
  EXPECT_EQ(buf.str(), "01234567890abcdefghijklmnopqrstuvwxyz");
}

// Tells which of its two functions was called.
struct TestStringWriter : io::Writer, io::StringWriter {
  io::Result Write(std::string_view p) override {
    write += p;
    return {p.size(), absl::OkStatus()};
  }
  io::Result WriteString(std::string_view s) override {
    write_string += s;
    return {s.size(), absl::OkStatus()};
  }
  void Check(std::string_view want_write, std::string_view want_string) {
    EXPECT_EQ(write, want_write);
    EXPECT_EQ(write_string, want_string);
  }
  std::string write, write_string;
};

TEST(BufioWriter, TestWriteStringStringWriter) {
  constexpr size_t kSize = 8;
  {
    TestStringWriter tw;
    bufio::Writer b(tw, kSize);
    EXPECT_TRUE(b.WriteString("1234").ok());
    tw.Check("", "");
    EXPECT_TRUE(b.WriteString("56789012").ok());  // through the buffer
    tw.Check("12345678", "");
    EXPECT_TRUE(b.Flush().ok());
    tw.Check("123456789012", "");
  }
  {
    TestStringWriter tw;
    bufio::Writer b(tw, kSize);
    EXPECT_TRUE(b.WriteString("123456789").ok());  // past the buffer
    tw.Check("", "123456789");
  }
  for (const bool as_bytes : {false, true}) {
    TestStringWriter tw;
    bufio::Writer b(tw, kSize);
    EXPECT_TRUE((as_bytes ? b.Write("abc") : b.WriteString("abc")).ok());
    tw.Check("", "");
    EXPECT_TRUE(b.WriteString("123456789012345").ok());
    tw.Check("abc12345", "6789012345");
  }
}

std::string TestInput(size_t n) {
  std::string input(n, '\0');
  for (size_t i = 0; i < n; ++i) {
    input[i] = static_cast<char>(i % 101 == 0 ? i % 251 ^ i / 101 : i % 251);
  }
  return input;
}

TEST(BufioWriter, TestWriterReadFrom) {
  const std::string input = TestInput(8192);
  for (const bool data_err : {false, true}) {
    for (const bool read_from : {false, true}) {
      Buffer plain;
      FullBuffer full;
      bufio::Writer w(read_from ? io::AnyWriter(full) : io::AnyWriter(plain));
      StringReader s(input);
      io::testing::DataErrReader d(s);
      const auto [n, err] =
          w.ReadFrom(data_err ? io::ReaderRef(d) : io::ReaderRef(s));
      EXPECT_TRUE(err.ok()) << err;
      EXPECT_EQ(n, input.size());
      EXPECT_TRUE(w.Flush().ok());
      EXPECT_EQ(read_from ? full.str() : plain.str(), input);
    }
  }
}

TEST(BufioWriter, TestWriterReadFromErrors) {
  const absl::Status closed = io::ErrClosedPipe();
  const absl::Status short_write = io::ErrShortWrite();
  const struct {
    size_t rn, wn;
    absl::Status rerr, werr, want;
  } tests[] = {
      {0, 1, io::EOF(), {}, {}},
      {1, 1, io::EOF(), {}, {}},
      {0, 1, closed, {}, closed},
      {0, 0, closed, short_write, closed},
      {1, 0, {}, short_write, short_write},
  };
  for (const auto& tt : tests) {
    FuncReader r([&tt](std::span<char> p) {
      return io::Result{p.size() * tt.rn, tt.rerr};
    });
    FuncWriter out([&tt](std::string_view p) {
      return io::Result{p.size() * tt.wn, tt.werr};
    });
    bufio::Writer w(out);
    EXPECT_EQ(w.ReadFrom(r).err, tt.want) << &tt - tests;
  }
}

// io::Copy into a Writer does not flush it early.
TEST(BufioWriter, TestWriterReadFromCounts) {
  const auto x = [](size_t n) { return std::string(n, 'x'); };
  const auto copy = [&x](bufio::Writer* w, size_t n) {
    EXPECT_EQ(io::Copy(*w, OnlyReader(StringReader(x(n)))).n, n);
  };
  Buffer w0;
  bufio::Writer b0(w0, 1234);
  EXPECT_TRUE(b0.WriteString(x(1000)).ok());
  EXPECT_EQ(w0.writes(), 0);
  EXPECT_TRUE(b0.WriteString(x(200)).ok());
  EXPECT_EQ(w0.writes(), 0);
  copy(&b0, 30);
  EXPECT_EQ(w0.writes(), 0);
  copy(&b0, 9);
  EXPECT_EQ(w0.writes(), 1);

  Buffer w1;
  bufio::Writer b1(w1, 1234);
  EXPECT_TRUE(b1.WriteString(x(1200)).ok());
  EXPECT_TRUE(b1.Flush().ok());
  EXPECT_EQ(w1.writes(), 1);
  EXPECT_TRUE(b1.WriteString(x(89)).ok());
  EXPECT_EQ(w1.writes(), 1);
  copy(&b1, 700);
  EXPECT_EQ(w1.writes(), 1);
  copy(&b1, 600);
  EXPECT_EQ(w1.writes(), 2);
  EXPECT_TRUE(b1.Flush().ok());
  EXPECT_EQ(w1.writes(), 3);
}

TEST(BufioWriter, TestWriterReadFromWhileFull) {
  Buffer buf;
  bufio::Writer w(buf, 10);
  EXPECT_EQ(w.Write("0123456789").n, 10u);
  const auto [n, err] = w.ReadFrom(StringReader("abcdef"));
  EXPECT_EQ(n, 6u);
  EXPECT_TRUE(err.ok()) << err;
}

FuncReader EmptyThen(int empty, std::string_view data) {
  return FuncReader([empty, r = StringReader(data)](std::span<char> p) mutable {
    return empty-- > 0 ? io::Result() : r.Read(p);
  });
}

TEST(BufioWriter, TestWriterReadFromUntilEOF) {
  Buffer buf;
  bufio::Writer w(buf, 5);
  EXPECT_EQ(w.Write("0123").n, 4u);
  const auto [n, err] = w.ReadFrom(EmptyThen(3, "abcd"));
  EXPECT_EQ(n, 4u);
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_TRUE(w.Flush().ok());
  EXPECT_EQ(buf.str(), "0123abcd");
}

TEST(BufioWriter, TestWriterReadFromErrNoProgress) {
  Buffer buf;
  bufio::Writer w(buf, 5);
  EXPECT_EQ(w.Write("0123").n, 4u);
  const auto [n, err] = w.ReadFrom(EmptyThen(100, "abcd"));
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(err, io::ErrNoProgress());
}

// With something in the buffer, the buffer is filled and flushed first.
TEST(BufioWriter, TestWriterReadFromWithBufferedData) {
  struct ReadFromWriter : io::Writer, io::ReaderFrom {
    io::Result Write(std::string_view p) override {
      written += p.size();
      return {p.size(), absl::OkStatus()};
    }
    io::Result ReadFrom(io::ReaderRef r) override {
      const auto all = io::ReadAll(r);
      read_from += all.ok() ? all->size() : 0;
      return {all.ok() ? all->size() : 0, all.status()};
    }
    size_t written = 0, read_from = 0;
  } rfw;
  const std::string input = TestInput(64);
  bufio::Writer w(rfw, 16);
  EXPECT_EQ(w.Write(input.substr(0, 8)).n, 8u);
  const auto [n, err] = w.ReadFrom(StringReader(input.substr(8)));
  EXPECT_EQ(n, 56u);
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_TRUE(w.Flush().ok());
  EXPECT_EQ(rfw.written, 16u);
  EXPECT_EQ(rfw.read_from, 48u);
}

TEST(BufioWriter, TestWriterReset) {
  Buffer buf1, buf2, buf3, buf4;
  bufio::Writer w(buf1);
  EXPECT_TRUE(w.WriteString("foo").ok());
  w.Reset(buf2);  // what was not flushed is gone
  EXPECT_TRUE(w.WriteString("bar").ok());
  EXPECT_TRUE(w.Flush().ok());
  EXPECT_EQ(buf1.str(), "");
  EXPECT_EQ(buf2.str(), "bar");

  w = bufio::Writer();  // Go: the zero value
  w.Reset(buf3);
  EXPECT_TRUE(w.WriteString("bar").ok());
  EXPECT_TRUE(w.Flush().ok());
  EXPECT_EQ(buf3.str(), "bar");

  w.Reset(buf4);
  EXPECT_TRUE(w.WriteString("re").ok());
  w.Reset(w);  // to itself: nothing happens
  EXPECT_TRUE(w.WriteString("cur").ok());
  EXPECT_TRUE(w.Flush().ok());
  EXPECT_EQ(buf4.str(), "recur");
}

TEST(BufioWriter, TestWriterSize) {
  EXPECT_EQ(bufio::Writer(io::AnyWriter()).Size(), bufio::kDefaultBufferSize);
  EXPECT_EQ(bufio::Writer(io::AnyWriter(), 1234).Size(), 1234u);
}

TEST(BufioWriter, TestWriterReadFromMustSetUnderlyingError) {
  struct Failing : io::Writer, io::ReaderFrom {
    io::Result Write(std::string_view) override {
      return {10, absl::OkStatus()};
    }
    io::Result ReadFrom(io::ReaderRef) override {
      return {0, absl::InternalError("writerWithReadFromError error")};
    }
  } out;
  bufio::Writer w(out);
  EXPECT_FALSE(w.ReadFrom(StringReader("test2")).ok());
  EXPECT_FALSE(w.Write("123").ok());
}

TEST(BufioWriter, TestWriterReadFromMustReturnUnderlyingError) {
  const absl::Status fail = absl::InternalError("writeErrorOnlyWriter error");
  FuncWriter out([&fail](std::string_view) { return io::Result{0, fail}; });
  bufio::Writer w(out);
  EXPECT_TRUE(w.WriteString("test1").ok());
  EXPECT_EQ(w.Flush(), fail);
  EXPECT_EQ(w.ReadFrom(StringReader("test2")).err, fail);
  EXPECT_EQ(w.Buffered(), 5u);
}

}  // namespace
