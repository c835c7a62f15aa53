// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// reader.h: a reader with a buffer: lines, single bytes, looking ahead.
//
//   bufio::Reader in(conn);
//   for (;;) {
//     auto [line, err] = in.ReadString('\n');   // with its '\n'
//     Use(line);                                // may end without, at EOF
//     if (!err.ok()) return io::IsEOF(err) ? absl::OkStatus() : err;
//   }
//
// An error of the underlying reader is reported once, after the bytes before
// it; the next call reads again. A Read that gives nothing a hundred times in a
// row is io::ErrNoProgress.
//
// A Reader on another Reader has a buffer of its own and reads ahead into it:
// what is left there is lost to the inner one. (Go's NewReader would give back
// the inner one; pass a Reader& to functions that go on reading.)
//
// What Peek, ReadSlice and ReadLine return points into the buffer and is valid
// until the next call.
//
// Lifetime:      keeps the reader it is given by the rules of io/any.h: a
//                net::Conn or a temporary is kept, another object must outlive
//                it. Movable; views stay valid.
// Thread-safety: one goroutine at a time.
// Blocking:      where the underlying reader does.
// Misuse:        a Read that returns an impossible count is a panic.
// See:           Go: src/bufio/bufio.go

#ifndef PARKOUR_BUFIO_READER_H_
#define PARKOUR_BUFIO_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parkour/bufio/errors.h"
#include "parkour/io/any.h"
#include "parkour/io/interfaces.h"
#include "parkour/io/result.h"

namespace parkour::bufio {

inline constexpr size_t kDefaultBufferSize = 4096;

// Bytes and an error together: both can be there. They bind with
// `auto [data, err]`.
struct [[nodiscard]] Slice {
  std::string_view data;  // in the reader's buffer
  absl::Status err;

  bool ok() const { return err.ok(); }
};
struct [[nodiscard]] Text {
  std::string data;
  absl::Status err;

  bool ok() const { return err.ok(); }
};
struct [[nodiscard]] Line {
  std::string_view line;   // in the reader's buffer, without its end
  bool is_prefix = false;  // the line goes on
  absl::Status err;        // only with an empty line

  bool ok() const { return err.ok(); }
};
struct [[nodiscard]] Rune {
  char32_t rune = 0;
  size_t size = 0;  // of its encoding
  absl::Status err;

  bool ok() const { return err.ok(); }
};

class Reader : public io::Reader, public io::WriterTo {
 public:
  // Needs a Reset before its first use.
  Reader() = default;
  // The buffer has at least 16 bytes.
  explicit Reader(io::AnyReader rd, size_t size = kDefaultBufferSize);

  // What was Read, at least one byte if p has room; at most one Read of the
  // underlying reader. A large p is filled without the buffer.
  io::Result Read(std::span<char> p) override;

  // The next n bytes without taking them. Fewer come with the reason:
  // ErrBufferFull if n is larger than the buffer. ErrNegativeCount if n < 0.
  Slice Peek(int64_t n);

  // Skips the next n bytes. Fewer come with the reason.
  io::Result Discard(int64_t n);

  // The next byte, or the reader's error: EOF at the end.
  absl::StatusOr<char> ReadByte();

  // Takes back the last byte that was read, whatever read it. Only once, and
  // not after Peek, Discard or WriteTo: then ErrInvalidUnreadByte.
  absl::Status UnreadByte();

  // One UTF-8 encoded rune; U+FFFD and size 1 if it is none.
  Rune ReadRune();

  // Takes back the rune; only after ReadRune, else ErrInvalidUnreadRune.
  absl::Status UnreadRune();

  // All up to the first `delim`, which is included. If something comes before
  // that, the bytes so far and the reason: the reader's error, often EOF, or
  // ErrBufferFull if the buffer is full without one.
  Slice ReadSlice(char delim);

  // A line without its "\n" or "\r\n". A line that is longer than the buffer
  // comes in parts, all but the last with is_prefix. Either a line or an
  // error, never both: the last line may be without end. ReadString or Scanner
  // are often simpler.
  Line ReadLine();

  // As ReadSlice, but of any length.
  Text ReadString(char delim);
  Text ReadBytes(char delim) { return ReadString(delim); }

  // All until the end, which is OK. Uses the reader's WriteTo or w's ReadFrom
  // if there is one.
  io::Result WriteTo(io::WriterRef w) override;

  // Bytes that can be read without reading, and the buffer's size.
  size_t Buffered() const { return w_ - r_; }
  size_t Size() const { return size_; }

  // Forgets what is buffered and its state, and reads from `rd` from now on;
  // keeps the buffer. A Reset to itself does nothing.
  void Reset(io::AnyReader rd);

 private:
  std::string_view Unread() const { return {buf_.get() + r_, w_ - r_}; }
  std::span<char> Free() { return {buf_.get() + w_, size_ - w_}; }
  // Reads once into `p`; keeps the error.
  size_t ReadInto(std::span<char> p);
  void Fill();
  absl::Status TakeError();
  void ForgetLast();
  void RememberLast(char c);
  io::Result WriteBuffered(io::WriterRef w);

  io::AnyReader rd_;
  std::unique_ptr<char[]> buf_;
  size_t size_ = 0;
  size_t r_ = 0;             // the next byte to give
  size_t w_ = 0;             // the end of what was read; r_ <= w_ <= size_
  absl::Status err_;         // of the last Read, not yet reported
  int last_byte_ = -1;       // for UnreadByte; -1: none
  int last_rune_size_ = -1;  // for UnreadRune; -1: none
};

}  // namespace parkour::bufio

#endif  // PARKOUR_BUFIO_READER_H_
