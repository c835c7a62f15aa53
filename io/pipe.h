// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// pipe.h: a pipe in memory between what wants a writer and what wants a reader.
//
//   auto [r, w] = io::Pipe();
//   go([page, w = w] {
//     Render(page, w);                  // anything that writes
//     w.Close().IgnoreError();
//   });
//   absl::Status err = Upload(r);       // anything that reads
//
// Nothing is buffered: a Write returns when Reads have taken all of it, or an
// end was closed. One Write may serve several Reads; a Read takes from one
// Write only. A Write of nothing still waits for a Read.
//
// Handles: copies share one end, methods are const; the last handle of an end
// to go closes it. A default-constructed handle is Go's nil: every call fails
// with "invalid argument".
//
// Memory:        a Write happens before the Read that gets its bytes, and that
//                Read before the Write returns.
// Thread-safety: all methods. Several Writes are served one after another.
// Blocking:      Read and Write park the goroutine (a plain thread sleeps).
// See:           Go: src/io/pipe.go

#ifndef PARKOUR_IO_PIPE_H_
#define PARKOUR_IO_PIPE_H_

#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "parkour/io/result.h"

namespace parkour::io {

namespace internal {
class PipeReadEnd;
class PipeWriteEnd;
}  // namespace internal

class PipeReader {
 public:
  PipeReader() = default;
  explicit PipeReader(std::shared_ptr<internal::PipeReadEnd> end)
      : end_(std::move(end)) {}

  // Waits for a Write. Once the writer is closed {0, EOF()}, or the error it
  // was closed with; after our own Close ErrClosedPipe().
  Result Read(std::span<char> p) const;

  // Writes, also those that wait, get ErrClosedPipe(). Always OK.
  absl::Status Close() const;

  // Writes get `err`; OK means ErrClosedPipe(). The first error stays. Always
  // OK.
  absl::Status CloseWithError(const absl::Status& err) const;

  explicit operator bool() const { return end_ != nullptr; }
  friend bool operator==(const PipeReader&, const PipeReader&) = default;

 private:
  std::shared_ptr<internal::PipeReadEnd> end_;
};

class PipeWriter {
 public:
  PipeWriter() = default;
  explicit PipeWriter(std::shared_ptr<internal::PipeWriteEnd> end)
      : end_(std::move(end)) {}

  // Waits until Reads have taken all of p, or an end is closed: then n tells
  // how much was taken, and the error is the one the reader was closed with,
  // by default ErrClosedPipe(); after our own Close ErrClosedPipe().
  Result Write(std::string_view p) const;

  // Reads, also those that wait, get EOF(). Always OK.
  absl::Status Close() const;

  // Reads get `err`; OK means EOF(). The first error stays. Always OK.
  absl::Status CloseWithError(const absl::Status& err) const;

  explicit operator bool() const { return end_ != nullptr; }
  friend bool operator==(const PipeWriter&, const PipeWriter&) = default;

 private:
  std::shared_ptr<internal::PipeWriteEnd> end_;
};

// Go: io.Pipe.
std::pair<PipeReader, PipeWriter> Pipe();

}  // namespace parkour::io

#endif  // PARKOUR_IO_PIPE_H_
