// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// result.h: what every reader and writer of bytes returns, and the errors that
// programs compare with.
//
//   for (;;) {
//     auto [n, err] = conn.Read(buf);
//     Use(buf, n);                     // the bytes first, then the error
//     if (io::IsEOF(err)) return absl::OkStatus();
//     if (!err.ok()) return err;
//   }
//
// An error such as ErrShortWrite() is recognised with Is(), Go's errors.Is: it
// sees through the wrapping that room net does ("write tcp a->b: ...").
//
// About the name EOF: <cstdio> has a macro of that name, which would turn
// io::EOF() into io::(-1)(). This header takes the macro away and puts a
// constant of the same value in its place, so `c == EOF` compiles as before
// (`#ifdef EOF` does not; `using namespace parkour::io` makes it ambiguous).
//
// Blocking:   no. Safe from any thread.
// See:        Go: src/io/io.go

#ifndef PARKOUR_IO_RESULT_H_
#define PARKOUR_IO_RESULT_H_

// First, so that no later inclusion can define the macro again.
#include <cstdio>
#undef EOF

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

inline constexpr int EOF = -1;

namespace parkour::io {

// A count and an error together: both can be set, when a transfer failed
// half-way. Binds with `auto [n, err]`.
struct [[nodiscard]] Result {
  size_t n = 0;      // bytes transferred
  absl::Status err;  // OK: it did not fail, and the input has not ended

  bool ok() const { return err.ok(); }
};

// Whether `err` is `target`, one of the errors below or of bufio's, or wraps
// it. Text and code alone do not matter: another error's "EOF" is not EOF().
// Go: errors.Is.
bool Is(const absl::Status& err, const absl::Status& target);

// The end of the input, which is no failure: "EOF", kOutOfRange.
absl::Status EOF();
bool IsEOF(const absl::Status& err);

// The input ended in the middle of something: "unexpected EOF", kDataLoss.
absl::Status ErrUnexpectedEOF();
bool IsUnexpectedEOF(const absl::Status& err);

// A Write took fewer bytes than it was given and said nothing: "short write",
// kDataLoss.
absl::Status ErrShortWrite();

// The buffer is smaller than what must be read: "short buffer",
// kInvalidArgument.
absl::Status ErrShortBuffer();

// A reader is broken: "multiple Read calls return no data or error", kInternal.
absl::Status ErrNoProgress();

// A writer is broken, it took more than it was given: "invalid write result",
// kInternal.
absl::Status ErrInvalidWrite();

// Use of a closed pipe: "io: read/write on closed pipe", kFailedPrecondition.
absl::Status ErrClosedPipe();

// "Seek: invalid whence" and "Seek: invalid offset", kInvalidArgument.
absl::Status ErrWhence();
absl::Status ErrOffset();

namespace internal {

// An error that Is() recognises by its text; for rooms io and bufio. Make it
// once and return copies, which share it.
absl::Status MakeError(absl::StatusCode code, std::string_view text);

}  // namespace internal
}  // namespace parkour::io

#endif  // PARKOUR_IO_RESULT_H_
