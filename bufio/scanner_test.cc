// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's own tests are in tests/conformance/io/scan_test.cc.

#include "parkour/bufio/scanner.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using bufio::Token;
using io::testing::FuncReader;
using io::testing::StringReader;

namespace {

std::vector<std::string> TokensOf(bufio::Scanner* s) {
  std::vector<std::string> tokens;
  while (s->Scan()) tokens.emplace_back(s->Text());
  return tokens;
}

// The header's examples.
TEST(Scanner, Examples) {
  bufio::Scanner lines{StringReader("one\r\n\ntwo")};
  EXPECT_EQ(TokensOf(&lines), (std::vector<std::string>{"one", "", "two"}));
  EXPECT_TRUE(lines.Err().ok());
  EXPECT_EQ(lines.Text(), "");
  EXPECT_FALSE(lines.Scan());

  bufio::Scanner scanner{StringReader("a;bc;;d")};
  scanner.Split([](std::string_view data, bool at_eof) -> bufio::Token {
    const size_t end = data.find(';');
    if (end == data.npos && !at_eof) return {};  // more, please
    if (end == data.npos) return {.advance = int64_t(data.size())};
    return {int64_t(end) + 1, data.substr(0, end)};
  });
  EXPECT_EQ(TokensOf(&scanner), (std::vector<std::string>{"a", "bc", ""}));
  EXPECT_TRUE(scanner.Err().ok());
}

TEST(Scanner, BadAdvance) {
  for (const int64_t advance : {-1, 4}) {
    bufio::Scanner s{StringReader("abc")};
    s.Split([advance](std::string_view, bool) -> Token {
      return {advance, "x"};
    });
    EXPECT_FALSE(s.Scan());
    EXPECT_EQ(s.Err(), advance < 0 ? bufio::ErrNegativeAdvance()
                                   : bufio::ErrAdvanceTooFar());
  }
}

TEST(Scanner, FinalTokenOrNone) {
  for (const bool with_token : {true, false}) {
    bufio::Scanner s{StringReader("abc")};
    s.Split([with_token](std::string_view data, bool) -> Token {
      if (data[0] != 'b') return {1, data.substr(0, 1)};
      if (with_token) return {0, "last", bufio::ErrFinalToken()};
      return {.err = bufio::ErrFinalToken()};
    });
    EXPECT_EQ(TokensOf(&s), with_token ? (std::vector<std::string>{"a", "last"})
                                       : std::vector<std::string>{"a"});
    EXPECT_TRUE(s.Err().ok()) << s.Err();
    EXPECT_FALSE(s.Scan());
  }
}

// Within the caller's memory nothing is allocated, and its size is the limit.
TEST(Scanner, CallersBuffer) {
  std::array<char, 8> buf;
  bufio::Scanner s{StringReader("1234567\n89\n12345678\n")};
  s.Buffer(buf, 0);
  ASSERT_TRUE(s.Scan());
  EXPECT_EQ(s.Text(), "1234567");
  EXPECT_GE(s.Bytes().data(), buf.data());
  EXPECT_LT(s.Bytes().data(), buf.data() + buf.size());
  ASSERT_TRUE(s.Scan());
  EXPECT_EQ(s.Text(), "89");
  EXPECT_FALSE(s.Scan());
  EXPECT_EQ(s.Err(), bufio::ErrTooLong());
}

TEST(Scanner, DefaultLimit) {
  constexpr size_t kMax = bufio::Scanner::kMaxTokenSize;
  const auto scan = [](size_t n) {
    bufio::Scanner s{StringReader(std::string(n, 'x') + "\n")};
    while (s.Scan()) EXPECT_EQ(s.Text().size(), n);
    return s.Err();
  };
  EXPECT_TRUE(scan(kMax - 1).ok());  // with its end it fits exactly
  EXPECT_EQ(scan(kMax), bufio::ErrTooLong());
}

TEST(Scanner, ReaderErrorAfterTheLastToken) {
  const absl::Status fail = absl::InternalError("fail");
  bufio::Scanner s{FuncReader([&fail](std::span<char> p) {
    return io::Result{std::string_view("ab\ncd").copy(p.data(), 5), fail};
  })};
  // What was read before counts, as at the end.
  EXPECT_EQ(TokensOf(&s), (std::vector<std::string>{"ab", "cd"}));
  EXPECT_EQ(s.Err(), fail);
}

TEST(ScannerDeathTest, ChangesAfterScan) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  bufio::Scanner s{StringReader("abc")};
  EXPECT_TRUE(s.Scan());
  EXPECT_EXIT(s.Split(bufio::ScanWords), ::testing::ExitedWithCode(2),
              "panic: Split called after Scan");
  EXPECT_EXIT(s.Buffer({}, 10), ::testing::ExitedWithCode(2),
              "panic: Buffer called after Scan");
}

}  // namespace
