// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// copy.h: moving bytes from readers to writers.
//
//   auto [n, err] = io::Copy(conn, conn);           // echo until EOF
//   absl::StatusOr<std::string> body = io::ReadAll(io::LimitReader(conn, max));
//   char header[8];
//   if (auto r = io::ReadFull(conn, header); !r.ok()) return r.err;
//
// Errors:   the reader's and the writer's, as they are. The end of the input is
//           no error where it is what one waits for.
// Blocking: they park where the reader and the writer do.
// Misuse:   a Read that returns more than fits into its buffer is a panic.
// See:      Go: src/io/io.go

#ifndef PARKOUR_IO_COPY_H_
#define PARKOUR_IO_COPY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "parkour/io/ref.h"
#include "parkour/io/result.h"

namespace parkour::io {

// Copies until src ends, which is OK, or something fails; n tells how much was
// written. Uses src's WriteTo, else dst's ReadFrom, else a buffer of 32 KiB.
// ErrShortWrite if dst takes less without an error, ErrInvalidWrite if it
// claims more. When a Read gives bytes and an error and the Write of the bytes
// fails too, the error is the Write's. Go: io.Copy.
Result Copy(WriterRef dst, ReaderRef src);

// The same with the caller's buffer, if one is needed; a default-constructed
// span: one is made. A buffer without room is a panic, "empty buffer in
// CopyBuffer". Go: io.CopyBuffer.
Result CopyBuffer(WriterRef dst, ReaderRef src, std::span<char> buf);

// Copies n bytes; none if n is negative. EOF() if src ends before. OK if and
// only if n bytes were copied. Go: io.CopyN.
Result CopyN(WriterRef dst, ReaderRef src, int64_t n);

// Fills buf with at least `min` bytes. EOF() if there was not one byte,
// ErrUnexpectedEOF if there were too few, ErrShortBuffer if buf is smaller than
// min. n >= min if and only if OK: an error that comes with the last bytes is
// dropped. Go: io.ReadAtLeast.
Result ReadAtLeast(ReaderRef r, std::span<char> buf, size_t min);

// Fills all of buf. Go: io.ReadFull.
Result ReadFull(ReaderRef r, std::span<char> buf);

// All that r has until it ends, or r's error. Go: io.ReadAll.
absl::StatusOr<std::string> ReadAll(ReaderRef r);

// w's WriteString if it has one, else its Write. Go: io.WriteString.
Result WriteString(WriterRef w, std::string_view s);

namespace internal {

// Panics if a Read returned more than its buffer holds.
void CheckCount(size_t n, size_t size);

}  // namespace internal
}  // namespace parkour::io

#endif  // PARKOUR_IO_COPY_H_
