// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/bufio/scan_test.go

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parkour/bufio/bufio.h"
#include "parkour/bufio/utf8.h"
#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using bufio::Token;
using io::testing::FuncReader;
using io::testing::StringReader;

namespace {

constexpr size_t kSmallMaxTokenSize = 256;

// The scanner's buffer grows to `max` from nothing. Go: MaxTokenSize of
// export_test.go.
void SetMaxTokenSize(bufio::Scanner* s, size_t max) { s->Buffer({}, max); }

// Reads of at most `max` bytes.
FuncReader SlowReader(size_t max, std::string_view data) {
  return FuncReader([max, r = StringReader(data)](std::span<char> p) mutable {
    return r.Read(p.first(std::min(p.size(), max)));
  });
}

std::vector<std::string> TokensOf(bufio::Scanner* s) {
  std::vector<std::string> tokens;
  while (s->Scan()) tokens.emplace_back(s->Text());
  return tokens;
}

// Against the table of Unicode's White_Space.
TEST(Scan, TestSpace) {
  const std::set<char32_t> spaces = {
      9,      10,     11,     12,     13,     32,     0x85,   0xA0,   0x1680,
      0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008,
      0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};
  for (char32_t r = 0; r <= bufio::internal::kMaxRune; ++r) {
    ASSERT_EQ(bufio::internal::IsSpace(r), spaces.count(r) == 1)
        << static_cast<uint32_t>(r);
  }
}

// Each with the runes that a range loop over it gives.
const struct {
  std::string text;
  std::vector<std::string> runes;
} kScanTests[] = {
    {"", {}},
    {"a", {"a"}},
    {"¼", {"¼"}},
    {"☹", {"☹"}},
    {"\x81", {"\uFFFD"}},
    {"\uFFFD", {"\uFFFD"}},
    {"abcdefgh", {"a", "b", "c", "d", "e", "f", "g", "h"}},
    {"ab d\n\t\t  ", {"a", "b", " ", "d", "\n", "\t", "\t", " ", " "}},
    {"a¼☹\x81\uFFFD日本語\x82"
     "c",
     {"a", "¼", "☹", "\uFFFD", "\uFFFD", "日", "本", "語", "\uFFFD", "c"}},
};

TEST(Scan, TestScanByte) {
  for (const auto& tt : kScanTests) {
    bufio::Scanner s{StringReader(tt.text)};
    s.Split(bufio::ScanBytes);
    std::vector<std::string> want;
    for (const char c : tt.text) want.emplace_back(1, c);
    EXPECT_EQ(TokensOf(&s), want);
    EXPECT_TRUE(s.Err().ok()) << s.Err();
  }
}

TEST(Scan, TestScanRune) {
  for (const auto& tt : kScanTests) {
    // In one piece, and byte by byte, which cuts runes.
    for (const size_t max : {1000, 1}) {
      bufio::Scanner s{SlowReader(max, tt.text)};
      s.Split(bufio::ScanRunes);
      EXPECT_EQ(TokensOf(&s), tt.runes) << tt.text;
      EXPECT_TRUE(s.Err().ok()) << s.Err();
    }
  }
}

TEST(Scan, TestScanWords) {
  const struct {
    std::string text;
    std::vector<std::string> words;
  } tests[] = {
      {"", {}},
      {" ", {}},
      {"\n", {}},
      {"a", {"a"}},
      {" a ", {"a"}},
      {"abc def", {"abc", "def"}},
      {" abc def ", {"abc", "def"}},
      {" abc\tdef\nghi\rjkl\fmno\vpqr\u0085stu\u00a0\n",
       {"abc", "def", "ghi", "jkl", "mno", "pqr", "stu"}},
  };
  for (const auto& tt : tests) {
    bufio::Scanner s{StringReader(tt.text)};
    s.Split(bufio::ScanWords);
    EXPECT_EQ(TokensOf(&s), tt.words);
    EXPECT_TRUE(s.Err().ok()) << s.Err();
  }
}

// A line of n bytes with its end; now and then the end is "\r\n".
std::string GenLine(size_t number, size_t n, bool add_newline) {
  const bool cr = number % 5 == 0;
  if (cr && n > 0) --n;
  std::string line;
  for (size_t i = 0; i + 1 < n; ++i) {
    const char c = static_cast<char>('a' + number + i);
    line += c == '\n' || c == '\r' ? 'N' : c;
  }
  if (add_newline) line += cr ? "\r\n" : "\n";
  return line;
}

// Lines whose lengths go up to the limit and down again.
TEST(Scan, TestScanLongLines) {
  std::string text;
  std::vector<std::string> want;
  size_t length = 0;
  for (size_t i = 0; i < 2 * kSmallMaxTokenSize; ++i) {
    text += GenLine(i, length, true);
    want.push_back(GenLine(i, length, false));
    length < kSmallMaxTokenSize ? ++length : --length;
  }
  bufio::Scanner s{SlowReader(1, text)};
  s.Split(bufio::ScanLines);
  SetMaxTokenSize(&s, kSmallMaxTokenSize);
  EXPECT_EQ(TokensOf(&s), want);
  EXPECT_TRUE(s.Err().ok()) << s.Err();
}

TEST(Scan, TestScanLineTooLong) {
  std::string text;
  std::vector<std::string> want;
  for (size_t i = 0; i < 2 * kSmallMaxTokenSize; ++i) {
    text += GenLine(i, i, true);
    want.push_back(GenLine(i, i, false));
  }
  bufio::Scanner s{SlowReader(3, text)};
  s.Split(bufio::ScanLines);
  SetMaxTokenSize(&s, kSmallMaxTokenSize);
  const std::vector<std::string> got = TokensOf(&s);
  EXPECT_EQ(s.Err(), bufio::ErrTooLong());
  EXPECT_GT(got.size(), kSmallMaxTokenSize - 2);
  ASSERT_LT(got.size(), want.size());
  want.resize(got.size());
  EXPECT_EQ(got, want);
}

void TestNoNewline(std::string_view text, std::vector<std::string> want) {
  bufio::Scanner s{SlowReader(7, text)};
  s.Split(bufio::ScanLines);
  EXPECT_EQ(TokensOf(&s), want);
  EXPECT_TRUE(s.Err().ok()) << s.Err();
}

TEST(Scan, TestScanLineNoNewline) {
  TestNoNewline("abcdefghijklmn\nopqrstuvwxyz",
                {"abcdefghijklmn", "opqrstuvwxyz"});
}
TEST(Scan, TestScanLineReturnButNoNewline) {
  TestNoNewline("abcdefghijklmn\nopqrstuvwxyz\r",
                {"abcdefghijklmn", "opqrstuvwxyz"});
}
TEST(Scan, TestScanLineEmptyFinalLine) {
  TestNoNewline("abcdefghijklmn\nopqrstuvwxyz\n\n",
                {"abcdefghijklmn", "opqrstuvwxyz", ""});
}
TEST(Scan, TestScanLineEmptyFinalLineWithCR) {
  TestNoNewline("abcdefghijklmn\nopqrstuvwxyz\n\r",
                {"abcdefghijklmn", "opqrstuvwxyz", ""});
}

const absl::Status kTestError = absl::InternalError("testError");

TEST(Scan, TestSplitError) {
  constexpr int kOkCount = 7;
  bufio::Scanner s{SlowReader(1, "abcdefghijklmnopqrstuvwxyz")};
  s.Split([splits = 0](std::string_view data, bool at_eof) mutable -> Token {
    EXPECT_FALSE(at_eof) << "not enough data";
    if (splits++ >= kOkCount) return {.err = kTestError};
    return {1, data.substr(0, 1)};
  });
  EXPECT_EQ(TokensOf(&s),
            (std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g"}));
  EXPECT_EQ(s.Err(), kTestError);
}

// An error of the split function is better than the end.
TEST(Scan, TestErrAtEOF) {
  bufio::Scanner s{StringReader("1 2 33")};
  bool was_at_eof = false;
  s.Split([&was_at_eof](std::string_view data, bool at_eof) {
    Token t = bufio::ScanWords(data, at_eof);
    if (t.token.has_value() && t.token->size() > 1) {
      was_at_eof = at_eof;
      t.err = kTestError;
    }
    return t;
  });
  EXPECT_EQ(TokensOf(&s).size(), 2u);
  EXPECT_TRUE(was_at_eof) << "does not test the end";
  EXPECT_EQ(s.Err(), kTestError);
}

absl::Status ErrorOfNothing(const io::Result& result) {
  bufio::Scanner s{FuncReader([result](std::span<char>) { return result; })};
  EXPECT_FALSE(s.Scan());
  return s.Err();
}

TEST(Scan, TestNonEOFWithEmptyRead) {
  EXPECT_EQ(ErrorOfNothing({0, io::ErrUnexpectedEOF()}),
            io::ErrUnexpectedEOF());
}

TEST(Scan, TestBadReader) {
  EXPECT_EQ(ErrorOfNothing({}), io::ErrNoProgress());
}

TEST(Scan, TestScanWordsExcessiveWhiteSpace) {
  bufio::Scanner s{
      StringReader(std::string(4 * kSmallMaxTokenSize, ' ') + "ipsum")};
  SetMaxTokenSize(&s, kSmallMaxTokenSize);
  s.Split(bufio::ScanWords);
  ASSERT_TRUE(s.Scan()) << s.Err();
  EXPECT_EQ(s.Text(), "ipsum");
}

Token CommaSplit(std::string_view data, bool) {
  const size_t comma = data.find(',');
  if (comma == data.npos) return {0, data, bufio::ErrFinalToken()};
  return {static_cast<int64_t>(comma) + 1, data.substr(0, comma)};
}

void TestEmptyTokens(std::string_view text, std::vector<std::string> want) {
  bufio::Scanner s{StringReader(text)};
  s.Split(CommaSplit);
  EXPECT_EQ(TokensOf(&s), want);
  EXPECT_TRUE(s.Err().ok()) << s.Err();
}

TEST(Scan, TestEmptyTokens) { TestEmptyTokens("1,2,3,", {"1", "2", "3", ""}); }
TEST(Scan, TestWithNoEmptyTokens) { TestEmptyTokens("1,2,3", {"1", "2", "3"}); }

Token LoopAtEOFSplit(std::string_view data, bool) {
  if (!data.empty()) return {1, data.substr(0, 1)};
  return {0, data};
}

TEST(ScanDeathTest, TestDontLoopForever) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        bufio::Scanner s{StringReader("abc")};
        s.Split(LoopAtEOFSplit);
        for (int i = 0; i < 1000 && s.Scan();) ++i;
      },
      ::testing::ExitedWithCode(2),
      "panic: bufio.Scan: too many empty tokens without progressing");
}

TEST(Scan, TestBlankLines) {
  bufio::Scanner s{StringReader(std::string(1000, '\n'))};
  EXPECT_EQ(TokensOf(&s).size(), 1000u);
  EXPECT_TRUE(s.Err().ok()) << s.Err();
}

TEST(Scan, TestEmptyLinesOK) {
  int left = 10000;
  bufio::Scanner s{StringReader(std::string(10000, '\n'))};
  s.Split([&left](std::string_view data, bool) -> Token {
    if (left == 0) return {};
    --left;
    return {1, data.substr(0, 1)};
  });
  EXPECT_EQ(TokensOf(&s).size(), 10000u);
  EXPECT_TRUE(s.Err().ok()) << s.Err();
  EXPECT_EQ(left, 0);
}

TEST(Scan, TestHugeBuffer) {
  constexpr size_t kMax = bufio::Scanner::kMaxTokenSize;
  const std::string text(2 * kMax, 'x');
  bufio::Scanner s{StringReader(text + "\n")};
  char buf[100];
  s.Buffer(buf, 3 * kMax);
  EXPECT_EQ(TokensOf(&s), std::vector<std::string>{text});
  EXPECT_TRUE(s.Err().ok()) << s.Err();
}

// A reader that hands on the system call's -1.
TEST(Scan, TestNegativeEOFReader) {
  size_t left = 10;
  bufio::Scanner s{FuncReader([&left](std::span<char> p) {
    if (left == 0) return io::Result{static_cast<size_t>(-1), io::EOF()};
    const size_t n = std::min(left, p.size());
    std::fill_n(p.begin(), n, 'a');
    p[n - 1] = '\n';
    left -= n;
    return io::Result{n, absl::OkStatus()};
  })};
  EXPECT_EQ(TokensOf(&s).size(), 1u);
  EXPECT_EQ(s.Err(), bufio::ErrBadReadCount());
}

TEST(Scan, TestLargeReader) {
  bufio::Scanner s{FuncReader([](std::span<char> p) {
    return io::Result{p.size() + 1, absl::OkStatus()};
  })};
  EXPECT_FALSE(s.Scan());
  EXPECT_EQ(s.Err(), bufio::ErrBadReadCount());
}

}  // namespace
