// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go's own tests are in tests/conformance/io: io_test.cc and multi_test.cc.

#include "parkour/io/writers.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "parkour/io/io.h"
#include "parkour/io/test_util.h"

using namespace parkour;
using io::testing::Buffer;
using io::testing::FuncWriter;

namespace {

TEST(MultiWriter, SilentShortWrite) {
  Buffer first, third;
  FuncWriter takes_one([](std::string_view) {
    return io::Result{1, absl::OkStatus()};
  });
  io::MultiWriter w(first, takes_one, third);
  const auto [n, err] = w.Write("abc");
  EXPECT_EQ(n, 1u);
  EXPECT_EQ(err, io::ErrShortWrite());
  EXPECT_EQ(first.str(), "abc");
  EXPECT_EQ(third.str(), "");
}

TEST(MultiWriter, None) {
  io::MultiWriter none;
  const auto [n, err] = none.Write("abc");
  EXPECT_EQ(n, 3u);
  EXPECT_TRUE(err.ok()) << err;
}

TEST(MultiWriter, NestsAndMoves) {
  Buffer a, b;
  io::MultiWriter inner(a, b);
  io::MultiWriter outer(inner, inner);
  io::MultiWriter moved = std::move(outer);
  EXPECT_TRUE(io::WriteString(moved, "x").ok());
  EXPECT_EQ(a.str(), "xx");
  EXPECT_EQ(b.str(), "xx");
}

TEST(OffsetWriter, PlacesItsBytes) {
  struct File {
    io::Result WriteAt(std::string_view p, int64_t off) {
      offset = off;
      text = p;
      return {p.size() / 2, absl::DataLossError("half")};
    }
    int64_t offset = -1;
    std::string text;
  } file;
  io::OffsetWriter w(file, 100);
  EXPECT_EQ(w.Write("abcd").n, 2u);
  EXPECT_EQ(file.offset, 100);
  EXPECT_EQ(w.Write("efgh").err, absl::DataLossError("half"));
  EXPECT_EQ(file.offset, 102) << "behind what was written";
  EXPECT_EQ(w.WriteAt("x", 7).n, 0u);
  EXPECT_EQ(file.offset, 107);
  EXPECT_EQ(*w.Seek(0, io::SeekCurrent), 4);
}

}  // namespace
