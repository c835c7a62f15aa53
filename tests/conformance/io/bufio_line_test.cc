// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/bufio/bufio_test.go, the tests of ReadLine, WriteTo, Reset, Discard
// and errors of Reader.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parkour/bufio/bufio.h"
#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::FuncReader;
using io::testing::FuncWriter;
using io::testing::OnlyReader;
using io::testing::StringReader;

namespace {

constexpr size_t kMinReadBufferSize = 16;

// Reads of `stride` bytes; the end comes with the last.
class StrideReader : public io::Reader {
 public:
  StrideReader(std::string_view data, size_t stride)
      : data_(data), stride_(stride) {}
  io::Result Read(std::span<char> p) override {
    const size_t n = data_.copy(p.data(), std::min(stride_, p.size()));
    data_.remove_prefix(n);
    return {n, data_.empty() ? io::EOF() : absl::OkStatus()};
  }

 private:
  std::string_view data_;
  size_t stride_;
};

void TestReadLine(std::string_view input) {
  for (size_t stride = 1; stride < input.size(); ++stride) {
    bufio::Reader l(StrideReader(input, stride), input.size() + 1);
    std::string done;
    for (;;) {
      const auto [line, is_prefix, err] = l.ReadLine();
      EXPECT_FALSE(is_prefix);
      if (!err.ok()) {
        EXPECT_TRUE(line.empty());
        EXPECT_EQ(err, io::EOF());
        break;
      }
      done += line;
    }
    EXPECT_EQ(done, "0123456789abcdefghijklmnopqrstuvwxy") << stride;
  }
}

TEST(BufioLine, TestReadLine) {
  TestReadLine("012\n345\n678\n9ab\ncde\nfgh\nijk\nlmn\nopq\nrst\nuvw\nxy");
  TestReadLine(
      "012\r\n345\r\n678\r\n9ab\r\ncde\r\nfgh\r\nijk\r\nlmn\r\nopq\r\nrst\r\n"
      "uvw\r\nxy\r\n\n\r\n");
}

void ExpectLine(bufio::Reader* l, std::string_view want, bool want_prefix,
                const absl::Status& want_err = {}) {
  const auto [line, is_prefix, err] = l->ReadLine();
  EXPECT_EQ(line, want);
  EXPECT_EQ(is_prefix, want_prefix);
  EXPECT_EQ(err, want_err);
}

TEST(BufioLine, TestLineTooLong) {
  std::string data;
  for (size_t i = 0; i < kMinReadBufferSize * 5 / 2; ++i) {
    data += static_cast<char>('0' + i % 10);
  }
  bufio::Reader l(StringReader(data), kMinReadBufferSize);
  ExpectLine(&l, data.substr(0, 16), true);
  ExpectLine(&l, data.substr(16, 16), true);
  ExpectLine(&l, data.substr(32), false);
  ExpectLine(&l, "", false, io::EOF());
}

TEST(BufioLine, TestReadAfterLines) {
  const std::string line1 = "this is line1";
  const std::string rest = "this is line2\nthis is line 3\n";
  bufio::Reader l(StringReader(line1 + "\n" + rest),
                  line1.size() + rest.size() / 2);
  ExpectLine(&l, line1, false);
  Buffer out;
  const auto [n, err] = io::Copy(out, l);
  EXPECT_EQ(n, rest.size());
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_EQ(out.str(), rest);
}

TEST(BufioLine, TestReadEmptyBuffer) {
  bufio::Reader l(Buffer(), kMinReadBufferSize);
  ExpectLine(&l, "", false, io::EOF());
}

TEST(BufioLine, TestLinesAfterRead) {
  bufio::Reader l(StringReader("foo"), kMinReadBufferSize);
  EXPECT_EQ(io::ReadAll(l).value_or("error"), "foo");
  ExpectLine(&l, "", false, io::EOF());
}

TEST(BufioLine, TestReadLineNonNilLineOrError) {
  bufio::Reader r(StringReader("line 1\n"));
  ExpectLine(&r, "line 1", false);
  const bufio::Line end = r.ReadLine();
  EXPECT_EQ(end.line.data(), nullptr);
  EXPECT_EQ(end.err, io::EOF());
}

TEST(BufioLine, TestReadLineNewlines) {
  bufio::Reader crlf(StringReader("012345678901234\r\n012345678901234\r\n"),
                     kMinReadBufferSize);
  for (int i = 0; i < 2; ++i) {
    ExpectLine(&crlf, "012345678901234", true);
    ExpectLine(&crlf, "", false);
  }
  ExpectLine(&crlf, "", false, io::EOF());

  bufio::Reader cr(StringReader("0123456789012345\r012345678901234\r"),
                   kMinReadBufferSize);
  ExpectLine(&cr, "0123456789012345", true);
  ExpectLine(&cr, "\r012345678901234", true);
  ExpectLine(&cr, "\r", false);
  ExpectLine(&cr, "", false, io::EOF());
}

std::string TestInput(size_t n) {
  std::string input(n, '\0');
  for (size_t i = 0; i < n; ++i) {
    input[i] = static_cast<char>(i % 101 == 0 ? i % 251 ^ i / 101 : i % 251);
  }
  return input;
}

TEST(BufioLine, TestReaderWriteTo) {
  const std::string input = TestInput(8192);
  bufio::Reader r(OnlyReader(StringReader(input)));
  Buffer w;
  const auto [n, err] = r.WriteTo(w);
  EXPECT_TRUE(err.ok()) << err;
  EXPECT_EQ(n, input.size());
  EXPECT_EQ(w.str(), input);
}

TEST(BufioLine, TestReaderWriteToErrors) {
  const struct {
    size_t rn, wn;
    absl::Status rerr, werr, want;
  } tests[] = {
      {1, 0, {}, io::ErrClosedPipe(), io::ErrClosedPipe()},
      {0, 1, io::ErrClosedPipe(), {}, io::ErrClosedPipe()},
      {0, 0, io::ErrUnexpectedEOF(), io::ErrClosedPipe(),
       io::ErrUnexpectedEOF()},
      {0, 1, io::EOF(), {}, {}},
  };
  for (const auto& tt : tests) {
    FuncReader reader([&](std::span<char> p) {
      return io::Result{p.size() * tt.rn, tt.rerr};
    });
    FuncWriter writer([&](std::string_view p) {
      return io::Result{p.size() * tt.wn, tt.werr};
    });
    bufio::Reader r(reader);
    EXPECT_EQ(r.WriteTo(writer).err, tt.want) << &tt - tests;
  }
}

TEST(BufioLineDeathTest, TestNegativeRead) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        bufio::Reader b(FuncReader([](std::span<char>) {
          return io::Result{static_cast<size_t>(-1), absl::OkStatus()};
        }));
        char buf[100];
        b.Read(buf).err.IgnoreError();
      },
      ::testing::ExitedWithCode(2),
      "panic: bufio: reader returned negative count from Read");
}

TEST(BufioLine, TestReaderClearError) {
  const absl::Status fake = absl::InternalError("fake error");
  int reads = 0;
  bufio::Reader b(FuncReader([&](std::span<char> p) {
    return ++reads == 1 ? io::Result{0, fake}
                        : io::Result{p.size(), absl::OkStatus()};
  }));
  char buf[1];
  EXPECT_TRUE(b.Read({}).ok());
  EXPECT_EQ(b.Read(buf).err, fake);
  EXPECT_TRUE(b.Read({}).ok());
  EXPECT_TRUE(b.Read(buf).ok());
  EXPECT_EQ(reads, 2);
}

TEST(BufioLine, TestReaderReset) {
  bufio::Reader r(StringReader("foo foo"));
  char buf[3];
  EXPECT_TRUE(r.Read(buf).ok());
  EXPECT_EQ(std::string(buf, 3), "foo");

  r.Reset(StringReader("bar bar"));
  EXPECT_EQ(io::ReadAll(r).value_or("error"), "bar bar");

  r = bufio::Reader();  // Go: the zero value
  EXPECT_EQ(r.Size(), 0u);
  r.Reset(StringReader("bar bar"));
  EXPECT_EQ(io::ReadAll(r).value_or("error"), "bar bar");
  EXPECT_EQ(r.Size(), bufio::kDefaultBufferSize);

  r.Reset(StringReader("recur"));
  EXPECT_TRUE(r.Peek(1).ok());
  r.Reset(r);  // to itself: nothing happens
  EXPECT_EQ(io::ReadAll(r).value_or("error"), "recur");

  r.Reset(StringReader("recur2"));
  bufio::Reader r2(StringReader("other"));
  r2.Reset(r);
  EXPECT_EQ(io::ReadAll(r2).value_or("error"), "recur2");
}

// Gives five bytes and an error; a second Read is a mistake.
FuncReader FiveThenError(const absl::Status& err) {
  return FuncReader([err, called = false](std::span<char> p) mutable {
    EXPECT_FALSE(std::exchange(called, true));
    EXPECT_GE(p.size(), 5u);
    return io::Result{5, err};
  });
}

FuncReader NeverReads() {
  return FuncReader([](std::span<char>) {
    ADD_FAILURE() << "Read was called";
    return io::Result{0, io::EOF()};
  });
}

TEST(BufioLine, TestReaderDiscard) {
  const std::string abc = "abcdefghijklmnopqrstuvwxyz";
  const absl::Status fail = absl::InternalError("5-then-error");
  struct Case {
    const char* name;
    io::AnyReader r;
    int peek, n;
    size_t want;
    absl::Status err;
    size_t buffered;
  };
  std::vector<Case> tests;
  const auto add = [&tests](Case c) { tests.push_back(std::move(c)); };
  add({"normal", StringReader(abc), 16, 6, 6, {}, 10});
  add({"causes a read", StringReader(abc), 0, 6, 6, {}, 10});
  add({"all without peek", StringReader(abc), 0, 26, 26, {}, 0});
  add({"more than there is", StringReader(abc), 0, 27, 26, io::EOF(), 0});
  add({"error, less", FiveThenError(fail), 0, 4, 4, {}, 1});
  add({"error, equal", FiveThenError(fail), 0, 5, 5, {}, 0});
  add({"error, more", FiveThenError(fail), 0, 6, 5, fail, 0});
  add({"zero", NeverReads(), 0, 0, 0, {}, 0});
  add({"negative", NeverReads(), 0, -1, 0, bufio::ErrNegativeCount(), 0});
  for (Case& tt : tests) {
    bufio::Reader br(std::move(tt.r), 16);
    if (tt.peek > 0) {
      EXPECT_EQ(br.Peek(tt.peek).data.size(), static_cast<size_t>(tt.peek));
    }
    const auto [n, err] = br.Discard(tt.n);
    EXPECT_EQ(n, tt.want) << tt.name;
    EXPECT_EQ(err, tt.err) << tt.name;
    EXPECT_EQ(br.Buffered(), tt.buffered) << tt.name;
  }
}

TEST(BufioLine, TestReaderSize) {
  EXPECT_EQ(bufio::Reader(io::AnyReader()).Size(), bufio::kDefaultBufferSize);
  EXPECT_EQ(bufio::Reader(io::AnyReader(), 1234).Size(), 1234u);
}

TEST(BufioLine, TestPartialReadEOF) {
  size_t left = 10;
  bufio::Reader r(FuncReader([&left](std::span<char> p) {
    const size_t n = std::min(left, p.size());
    left -= n;
    return io::Result{n, left == 0 ? io::EOF() : absl::OkStatus()};
  }));
  char dest[5];
  const io::Result got = r.Read(dest);
  EXPECT_EQ(got.n, 5u);
  EXPECT_TRUE(got.ok()) << got.err;
  EXPECT_EQ(left, 0u);
  EXPECT_EQ(r.Buffered(), 5u);
  const io::Result none = r.Read({});
  EXPECT_EQ(none.n, 0u);
  EXPECT_TRUE(none.ok()) << none.err;
}

}  // namespace
