// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// io.h: what every reader and writer of bytes returns.
//
//   for (;;) {
//     auto [n, err] = conn.Read(buf);
//     Use(buf, n);                     // the bytes first, then the error
//     if (io::IsEOF(err)) return absl::OkStatus();
//     if (!err.ok()) return err;
//   }
//
// About the name EOF: <cstdio> has a macro of that name, which would turn
// io::EOF() into io::(-1)(). This header takes the macro away and puts a
// constant of the same value in its place, so `c == EOF` compiles as before
// (`#ifdef EOF` does not; `using namespace parkour::io` makes it ambiguous).
//
// Blocking:   no. Safe from any thread.
// See:        Go: src/io/io.go

#ifndef PARKOUR_IO_IO_H_
#define PARKOUR_IO_IO_H_

// First, so that no later inclusion can define the macro again.
#include <cstdio>
#undef EOF

#include <cstddef>

#include "absl/status/status.h"

inline constexpr int EOF = -1;

namespace parkour::io {

// A count and an error together: both can be set, when a transfer failed
// half-way. Binds with `auto [n, err]`.
struct [[nodiscard]] Result {
  size_t n = 0;      // bytes transferred
  absl::Status err;  // OK if there is more to come

  bool ok() const { return err.ok(); }
};

// The end of the input, which is no failure: "EOF", kOutOfRange.
absl::Status EOF();

// Whether `status` is the end of the input. The text and the code do not
// matter: another error's "EOF" is not it.
bool IsEOF(const absl::Status& status);

// The input ended in the middle of something: "unexpected EOF", kDataLoss.
absl::Status ErrUnexpectedEOF();

// Whether `status` is, or wraps, ErrUnexpectedEOF().
bool IsUnexpectedEOF(const absl::Status& status);

}  // namespace parkour::io

#endif  // PARKOUR_IO_IO_H_
