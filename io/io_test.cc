// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/io/io.h"

// After io.h, to see that it does not bring the macro back.
#include <gtest/gtest.h>
#include <stdio.h>
#include <wchar.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "parkour/base/error.h"

using namespace parkour;

namespace {

#ifdef EOF
#error "the macro EOF is back"
#endif

io::Result Transfer(size_t n, absl::Status err) { return {n, std::move(err)}; }

TEST(Result, Binds) {
  auto [n, err] = Transfer(3, io::EOF());
  EXPECT_EQ(n, 3u);
  EXPECT_TRUE(io::IsEOF(err));
  EXPECT_FALSE(Transfer(3, io::EOF()).ok());
  EXPECT_TRUE(Transfer(3, absl::OkStatus()).ok());
  const io::Result nothing;
  EXPECT_TRUE(nothing.ok());
  EXPECT_EQ(nothing.n, 0u);
}

TEST(EndOfFile, BothMeaningsCompile) {
  static_assert(EOF == -1 && ::EOF < 0);
  static_assert(std::char_traits<char>::eof() == EOF);
  FILE* file = fopen("/dev/null", "r");
  ASSERT_NE(file, nullptr);
  const int c = getc(file);
  fclose(file);
  EXPECT_TRUE(c == EOF);
  switch (c) {
    case EOF:
      break;
    default:
      FAIL();
  }
  EXPECT_TRUE(io::IsEOF(io::EOF()));
  EXPECT_TRUE(io::IsEOF(parkour::io::EOF()));
}

TEST(EndOfFile, IsExact) {
  const absl::Status eof = io::EOF();
  EXPECT_EQ(eof.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(std::string(eof.message()), "EOF");
  EXPECT_EQ(eof, io::EOF());
  EXPECT_FALSE(io::IsEOF(absl::OkStatus()));
  EXPECT_FALSE(io::IsEOF(absl::OutOfRangeError("EOF")));
  EXPECT_FALSE(io::IsEOF(io::ErrUnexpectedEOF()));
  EXPECT_FALSE(io::IsEOF(base::ErrNetClosing()));
  EXPECT_FALSE(base::IsTimeout(eof) || base::IsTemporary(eof) ||
               base::IsClosed(eof));
}

TEST(EndOfFile, HostilePayload) {
  for (const char* text : {"", "E", "EO", "EOF ", "unexpected EOF"}) {
    absl::Status status = absl::OutOfRangeError("EOF");
    status.SetPayload("parkour.dev/io", absl::Cord(text));
    EXPECT_FALSE(io::IsEOF(status)) << text;
    EXPECT_FALSE(io::IsUnexpectedEOF(status)) << text;
  }
}

TEST(UnexpectedEndOfFile, IsExactAndSeenThroughWrapping) {
  const absl::Status err = io::ErrUnexpectedEOF();
  EXPECT_EQ(std::string(err.message()), "unexpected EOF");
  EXPECT_EQ(err.code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(io::IsUnexpectedEOF(err));
  EXPECT_FALSE(io::IsUnexpectedEOF(io::EOF()));
  EXPECT_FALSE(io::IsUnexpectedEOF(absl::DataLossError("unexpected EOF")));
  const absl::Status write = base::MakeOpError("write", "tcp", "a", "b", err);
  EXPECT_EQ(std::string(write.message()), "write tcp a->b: unexpected EOF");
  EXPECT_TRUE(io::IsUnexpectedEOF(write));
}

struct Named {
  absl::Status (*make)();
  const char* text;
  absl::StatusCode code;
};

constexpr Named kErrors[] = {
    {io::EOF, "EOF", absl::StatusCode::kOutOfRange},
    {io::ErrUnexpectedEOF, "unexpected EOF", absl::StatusCode::kDataLoss},
    {io::ErrShortWrite, "short write", absl::StatusCode::kDataLoss},
    {io::ErrShortBuffer, "short buffer", absl::StatusCode::kInvalidArgument},
    {io::ErrNoProgress, "multiple Read calls return no data or error",
     absl::StatusCode::kInternal},
    {io::ErrInvalidWrite, "invalid write result", absl::StatusCode::kInternal},
    {io::ErrClosedPipe, "io: read/write on closed pipe",
     absl::StatusCode::kFailedPrecondition},
    {io::ErrWhence, "Seek: invalid whence", absl::StatusCode::kInvalidArgument},
    {io::ErrOffset, "Seek: invalid offset", absl::StatusCode::kInvalidArgument},
};

TEST(Errors, AreToldApart) {
  for (const Named& e : kErrors) {
    const absl::Status err = e.make();
    EXPECT_EQ(std::string(err.message()), e.text);
    EXPECT_EQ(err.code(), e.code) << e.text;
    EXPECT_FALSE(io::Is(absl::Status(e.code, e.text), err)) << e.text;
    for (const Named& other : kErrors) {
      EXPECT_EQ(io::Is(err, other.make()), &e == &other) << e.text;
    }
    EXPECT_FALSE(io::Is(absl::OkStatus(), err)) << e.text;
  }
  EXPECT_TRUE(io::Is(absl::OkStatus(), absl::OkStatus()));
}

TEST(Errors, AreSeenThroughWrapping) {
  const absl::Status write =
      base::MakeOpError("write", "pipe", "", "", io::ErrClosedPipe());
  EXPECT_EQ(std::string(write.message()),
            "write pipe: io: read/write on closed pipe");
  EXPECT_TRUE(io::Is(write, io::ErrClosedPipe()));
  EXPECT_FALSE(io::Is(write, io::ErrShortWrite()));
}

}  // namespace
