// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/io/any.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::StringReader;

namespace {

// Gives one letter and counts its lives. `Size` words large.
template <size_t Size>
struct Handle {
  io::Result Read(std::span<char> p) const {
    p[0] = *letter;
    return {1, io::EOF()};
  }
  std::shared_ptr<char> letter;  // two words
  std::array<void*, Size - 2> filler = {};
};
using Small = Handle<3>;  // kept in place
using Large = Handle<9>;  // kept on the heap

std::string ReadAll(const io::AnyReader& r) {
  return io::ReadAll(r).value_or("error");
}

template <typename H>
void TestLives() {
  const auto letter = std::make_shared<char>('x');
  {
    io::AnyReader a;
    EXPECT_FALSE(static_cast<bool>(a));
    {
      const H handle{letter};
      a = handle;  // a copy: the handle may go
      EXPECT_EQ(letter.use_count(), 3);
    }
    EXPECT_EQ(letter.use_count(), 2);
    EXPECT_EQ(ReadAll(a), "x");
    io::AnyReader b = std::move(a);
    EXPECT_FALSE(static_cast<bool>(a));  // NOLINT: what a move leaves
    EXPECT_EQ(ReadAll(b), "x");
    EXPECT_EQ(letter.use_count(), 2);
    std::vector<io::AnyReader> many;
    many.push_back(std::move(b));
    for (int i = 0; i < 9; ++i) many.emplace_back(H{letter});  // and moves
    EXPECT_EQ(letter.use_count(), 11);
    for (const io::AnyReader& r : many) EXPECT_EQ(ReadAll(r), "x");
    many[0] = std::move(many[9]);
    EXPECT_EQ(letter.use_count(), 10);
    EXPECT_EQ(ReadAll(many[0]), "x");
  }
  EXPECT_EQ(letter.use_count(), 1);
}

TEST(Any, KeepsHandlesInPlace) { TestLives<Small>(); }
TEST(Any, KeepsHandlesOnTheHeap) { TestLives<Large>(); }

TEST(Any, OwnsTemporaries) {
  io::AnyReader r = StringReader("abc");
  EXPECT_EQ(ReadAll(r), "abc");
  EXPECT_NE(r.As<StringReader>(), nullptr);
}

TEST(Any, RefersToObjects) {
  StringReader object("abc");
  const io::AnyReader r(object);
  EXPECT_EQ(r.As<StringReader>(), &object);
  EXPECT_EQ(ReadAll(r), "abc");
  EXPECT_EQ(object.Left(), 0u);
  // Behind an interface too, and through a reference.
  io::Reader& base = object;
  EXPECT_EQ(io::AnyReader(base), io::ReaderRef(base));
  EXPECT_EQ(io::AnyReader(io::ReaderRef(object)).As<StringReader>(), &object);
  static_assert(!std::is_copy_constructible_v<io::AnyReader>);
  static_assert(!std::is_constructible_v<io::AnyReader, int>);
}

// The header's example.
class LineCounter {
 public:
  explicit LineCounter(io::AnyReader r) : r_(std::move(r)) {}
  int Count() {
    const std::string all = ReadAll(r_);
    return static_cast<int>(std::count(all.begin(), all.end(), '\n'));
  }

 private:
  io::AnyReader r_;
};

TEST(Any, Example) {
  StringReader mine("a\nb\nc\n");
  EXPECT_EQ(LineCounter(io::LimitReader(mine, 5)).Count(), 2);
  EXPECT_EQ(LineCounter(mine).Count(), 1);
}

TEST(Any, OtherKinds) {
  Buffer out;
  io::AnyWriter w(out);
  EXPECT_TRUE(w.Write("x").ok());
  EXPECT_EQ(out.str(), "x");
  io::AnyReaderAt at = StringReader("hello");
  char buf[2];
  EXPECT_EQ(at.ReadAt(buf, 3).n, 2u);
  EXPECT_EQ(std::string(buf, 2), "lo");
}

}  // namespace
