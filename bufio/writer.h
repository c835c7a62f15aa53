// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// writer.h: a writer with a buffer: many small writes become few large ones.
//
//   bufio::Writer out(conn);
//   for (const Row& row : rows) out.WriteString(row.text).err.IgnoreError();
//   if (absl::Status err = out.Flush(); !err.ok()) return err;
//
// An error stays: after one, nothing more is written, and every later call
// reports it. So it is enough to look at Flush, which must come at the end: the
// destructor does not write, it could not say that it failed.
//
// A Writer on another Writer has a buffer of its own: both want a Flush, this
// one first. (Go's NewWriter would give back the inner one.)
//
// Lifetime:      keeps the writer it is given by the rules of io/any.h: a
//                net::Conn or a temporary is kept, another object must outlive
//                it. Movable.
// Thread-safety: one goroutine at a time.
// Blocking:      where the underlying writer does.
// See:           Go: src/bufio/bufio.go

#ifndef PARKOUR_BUFIO_WRITER_H_
#define PARKOUR_BUFIO_WRITER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "parkour/bufio/reader.h"
#include "parkour/io/any.h"
#include "parkour/io/interfaces.h"
#include "parkour/io/result.h"

namespace parkour::bufio {

class Writer : public io::Writer,
               public io::ReaderFrom,
               public io::StringWriter {
 public:
  // Needs a Reset before its first use.
  Writer() = default;
  // Size 0: the default.
  explicit Writer(io::AnyWriter wr, size_t size = kDefaultBufferSize);

  // Takes all of p; n < p.size() only with an error. What finds the buffer
  // empty and does not fit into it goes out without it.
  io::Result Write(std::string_view p) override;

  // As Write; what does not fit goes to the writer's WriteString if it has one.
  io::Result WriteString(std::string_view s) override;

  absl::Status WriteByte(char c);

  // Encodes r as UTF-8; n is the size. What is no rune is written as U+FFFD.
  io::Result WriteRune(char32_t r);

  // Writes what is buffered. io::ErrShortWrite if the writer takes less and
  // does not say why.
  absl::Status Flush();

  // Takes all that r has, until its end; flushes only when the buffer is full.
  // Uses the writer's ReadFrom if it has one, once the buffer is empty.
  io::Result ReadFrom(io::ReaderRef r) override;

  // The free part of the buffer: what is put there and then written, from its
  // beginning, is not copied. Valid until the next call.
  std::span<char> AvailableBuffer() { return {buf_.get() + n_, Available()}; }

  size_t Available() const { return size_ - n_; }
  size_t Buffered() const { return n_; }
  size_t Size() const { return size_; }

  // Forgets what is buffered and the error, and writes to `wr` from now on. A
  // Reset to itself does nothing.
  void Reset(io::AnyWriter wr);

 private:
  // Into the buffer, as much as fits; how much it was.
  size_t Append(std::string_view p);
  template <typename WriteThrough>
  io::Result WriteAll(std::string_view p, WriteThrough write_through);

  io::AnyWriter wr_;
  std::unique_ptr<char[]> buf_;
  size_t size_ = 0;
  size_t n_ = 0;      // bytes in buf_
  absl::Status err_;  // the first that happened
};

}  // namespace parkour::bufio

#endif  // PARKOUR_BUFIO_WRITER_H_
