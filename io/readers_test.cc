// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's own tests are in tests/conformance/io: io_test.cc and multi_test.cc.

#include "parkour/io/readers.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

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

TEST(LimitedReader, CountsAndEnds) {
  StringReader r("hello, world");
  io::LimitedReader limited = io::LimitReader(r, 5);
  char buf[3];
  EXPECT_EQ(limited.Read(buf).n, 3u);
  EXPECT_EQ(limited.n, 2);
  EXPECT_EQ(limited.Read(buf).n, 2u);
  EXPECT_EQ(limited.Read(buf).err, io::EOF());
  limited.n = 1;  // a little more
  EXPECT_EQ(io::ReadAll(limited).value_or("error"), ",");
  limited = io::LimitReader(StringReader("other"), 100);
  EXPECT_EQ(io::ReadAll(limited).value_or("error"), "other");
}

TEST(TeeReader, WriteErrorIsTheReads) {
  FuncWriter w([](std::string_view) { return io::Result{2, kFail}; });
  io::TeeReader tee(StringReader("abcdef"), w);
  char buf[4];
  const auto [n, err] = tee.Read(buf);
  EXPECT_EQ(n, 2u);
  EXPECT_EQ(err, kFail);
}

TEST(TeeReader, EndWritesNothing) {
  int writes = 0;
  FuncWriter w([&writes](std::string_view p) {
    ++writes;
    return io::Result{p.size(), absl::OkStatus()};
  });
  io::TeeReader tee(StringReader(""), w);
  char buf[4];
  EXPECT_EQ(tee.Read(buf).err, io::EOF());
  EXPECT_EQ(writes, 0);
}

TEST(MultiReader, NoneAndErrors) {
  io::MultiReader none;
  char buf[4];
  EXPECT_EQ(none.Read(buf).err, io::EOF());
  EXPECT_EQ(io::Copy(io::Discard, none).n, 0u);

  io::MultiReader broken(StringReader("a"), FuncReader([](std::span<char>) {
                           return io::Result{0, kFail};
                         }),
                         StringReader("b"));
  EXPECT_EQ(broken.Read(buf).n, 1u);
  // It is still there the next time.
  EXPECT_EQ(broken.Read(buf).err, kFail);
  EXPECT_EQ(broken.Read(buf).err, kFail);
}

// An error of the writer: the next WriteTo goes on with the same reader.
TEST(MultiReader, WriteToGoesOn) {
  io::MultiReader mr(StringReader("abc"), StringReader("def"));
  Buffer out;
  FuncWriter fails_second([&out, calls = 0](std::string_view p) mutable {
    return ++calls == 2 ? io::Result{0, kFail} : out.Write(p);
  });
  const io::Result first = mr.WriteTo(fails_second);
  EXPECT_EQ(first.n, 3u);
  EXPECT_EQ(first.err, kFail);
  EXPECT_EQ(out.str(), "abc");
  EXPECT_TRUE(mr.WriteTo(fails_second).ok());
}

TEST(MultiReader, Moves) {
  io::MultiReader a(StringReader("abc"), StringReader("def"));
  io::MultiReader b = std::move(a);
  EXPECT_EQ(io::ReadAll(b).value_or("error"), "abcdef");
}

TEST(SectionReader, ReadsItsPiece) {
  StringReader file("0123456789");
  io::SectionReader s(file, 3, 4);
  EXPECT_EQ(io::ReadAll(s).value_or("error"), "3456");
  EXPECT_EQ(*s.Seek(-1, io::SeekEnd), 3);
  EXPECT_EQ(io::ReadAll(s).value_or("error"), "6");
  EXPECT_EQ(s.Seek(-1, io::SeekStart).status(), io::ErrOffset());
  EXPECT_EQ(file.Left(), 10u) << "the file's own place did not move";
}

TEST(NopCloser, ReadsAndWritesTo) {
  io::NopCloser plain{StringReader("abc")};
  EXPECT_EQ(io::ReadAll(plain).value_or("error"), "abc");
  EXPECT_TRUE(plain.Close().ok());
  StringReaderWriterTo src("def");
  io::NopCloser forwards(src);
  Buffer out;
  EXPECT_EQ(io::Copy(out, forwards).n, 3u);
  EXPECT_EQ(src.calls, 1);
  // Behind the interface it must work even without the ability.
  io::NopCloser without{StringReader("ghi")};
  io::Reader& base = without;
  EXPECT_EQ(io::Copy(out, base).n, 3u);
  EXPECT_EQ(out.str(), "defghi");
}

}  // namespace
