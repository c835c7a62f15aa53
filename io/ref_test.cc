// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/io/ref.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::FullBuffer;
using io::testing::StringReader;

namespace {

// The header's example.
absl::Status Greet(io::WriterRef w) { return w.Write("hello\n").err; }

// Derives from nothing; a handle, as net::Conn.
struct Duck {
  io::Result Read(std::span<char> p) const {
    if (*left == 0) return {0, io::EOF()};
    --*left;
    p[0] = 'd';
    return {1, absl::OkStatus()};
  }
  io::Result Write(std::string_view p) const {
    *text += p;
    return {p.size(), absl::OkStatus()};
  }
  int* left;
  std::string* text;
};

TEST(Ref, TakesDucksClassesAndTemporaries) {
  int left = 2;
  std::string text;
  const Duck duck{&left, &text};
  EXPECT_TRUE(Greet(duck).ok());
  EXPECT_EQ(text, "hello\n");
  Buffer buffer;
  EXPECT_TRUE(Greet(buffer).ok());
  io::Writer& base = buffer;
  EXPECT_TRUE(Greet(base).ok());
  EXPECT_TRUE(Greet(&buffer == &base ? io::WriterRef(base) : duck).ok());
  EXPECT_EQ(buffer.str(), "hello\nhello\nhello\n");
  EXPECT_TRUE(Greet(Buffer()).ok());
  // Reading and writing the same thing.
  const io::Result r = io::Copy(duck, duck);
  EXPECT_TRUE(r.ok()) << r.err;
  EXPECT_EQ(text, "hello\ndd");
}

TEST(Ref, RefusesWhatDoesNotFit) {
  static_assert(!std::is_convertible_v<int, io::ReaderRef>);
  static_assert(!std::is_convertible_v<std::string&, io::WriterRef>);
  static_assert(!std::is_convertible_v<StringReader&, io::WriterRef>);
  // A Read that is not const needs an object that is not.
  static_assert(std::is_convertible_v<Buffer&, io::ReaderRef>);
  static_assert(!std::is_convertible_v<const Buffer&, io::ReaderRef>);
  static_assert(std::is_convertible_v<const Duck&, io::ReaderRef>);
}

TEST(Ref, FindsAbilities) {
  Buffer plain;
  FullBuffer full;
  EXPECT_FALSE(io::ReaderRef(plain).HasWriteTo());
  EXPECT_FALSE(io::WriterRef(plain).HasReadFrom());
  EXPECT_FALSE(io::WriterRef(plain).HasWriteString());
  EXPECT_TRUE(io::ReaderRef(full).HasWriteTo());
  EXPECT_TRUE(io::WriterRef(full).HasReadFrom());
  EXPECT_TRUE(io::WriterRef(full).HasWriteString());
  // Behind an interface it is the object's type that counts.
  EXPECT_TRUE(io::ReaderRef(static_cast<io::Reader&>(full)).HasWriteTo());
  EXPECT_TRUE(io::WriterRef(static_cast<io::Writer&>(full)).HasReadFrom());
  EXPECT_FALSE(io::ReaderRef(static_cast<io::Reader&>(plain)).HasWriteTo());

  EXPECT_TRUE(full.Write("abc").ok());
  EXPECT_EQ(io::ReaderRef(full).WriteTo(plain).n, 3u);
  EXPECT_EQ(plain.str(), "abc");
  EXPECT_EQ(io::WriterRef(full).ReadFrom(plain).n, 3u);
  EXPECT_EQ(io::WriterRef(plain).WriteString("x").n, 1u);
  EXPECT_EQ(plain.str(), "x");
}

TEST(Ref, AbilityKnownAtRunTime) {
  struct Sometimes {
    io::Result Read(std::span<char>) { return {0, io::EOF()}; }
    io::Result WriteTo(io::WriterRef) { return {7, absl::OkStatus()}; }
    bool HasWriteTo() const { return has; }
    bool has = false;
  } s;
  const io::ReaderRef ref(s);
  EXPECT_FALSE(ref.HasWriteTo());
  s.has = true;
  EXPECT_TRUE(ref.HasWriteTo());
  EXPECT_EQ(io::Copy(io::Discard, s).n, 7u);
}

TEST(Ref, KnowsItsObject) {
  Buffer a, b;
  const io::ReaderRef ref(a);
  EXPECT_EQ(ref.As<Buffer>(), &a);
  EXPECT_EQ(ref.As<const Buffer>(), &a);
  EXPECT_EQ(ref.As<StringReader>(), nullptr);
  EXPECT_EQ(ref.As<io::Reader>(), nullptr);
  EXPECT_EQ(ref, io::ReaderRef(a));
  EXPECT_FALSE(ref == io::ReaderRef(b));
  EXPECT_TRUE(static_cast<bool>(ref));
  EXPECT_FALSE(static_cast<bool>(io::ReaderRef()));
}

TEST(RefDeathTest, NilIsAPanic) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(io::WriterRef().Write("x").err.IgnoreError(),
              ::testing::ExitedWithCode(2),
              "panic: runtime error: invalid memory address or nil pointer "
              "dereference");
  Buffer no_write_to;
  EXPECT_EXIT(io::ReaderRef(no_write_to).WriteTo(io::Discard).err.IgnoreError(),
              ::testing::ExitedWithCode(2), "nil pointer dereference");
}

}  // namespace
