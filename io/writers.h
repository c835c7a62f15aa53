// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// writers.h: writers made of writers, and the one that forgets.
//
//   io::MultiWriter out(file, conn);          // to both
//   io::OffsetWriter part(file, 4096);        // from there on
//   auto [n, err] = io::Copy(io::Discard, conn);    // drains it
//
// They keep what they are given by the rules of any.h.
//
// Thread-safety: one goroutine at a time, except OffsetWriter::WriteAt and
//                Discard.
// Blocking:      where the underlying writers do.
// See:           Go: src/io/multi.go, src/io/io.go

#ifndef PARKOUR_IO_WRITERS_H_
#define PARKOUR_IO_WRITERS_H_

#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "parkour/io/any.h"
#include "parkour/io/interfaces.h"

namespace parkour::io {

// Writes everything to all of them, one after the other, and stops at the first
// error; one that takes too little is ErrShortWrite. Go: io.MultiWriter.
class MultiWriter : public Writer, public StringWriter {
 public:
  explicit MultiWriter(std::vector<AnyWriter> writers)
      : writers_(std::move(writers)) {}

  template <typename... W>
  requires((sizeof...(W) != 1 || (!std::same_as<W, MultiWriter> && ...)) &&
           (std::constructible_from<AnyWriter, W> &&
            ...)) explicit MultiWriter(W&&... writers) {
    writers_.reserve(sizeof...(W));
    (writers_.emplace_back(std::forward<W>(writers)), ...);
  }

  Result Write(std::string_view p) override;
  Result WriteString(std::string_view s) override;

 private:
  std::vector<AnyWriter> writers_;
};

// Writes to w from `off` on, as to a file of its own. Go: io.OffsetWriter,
// io.NewOffsetWriter.
class OffsetWriter : public Writer, public Seeker, public WriterAt {
 public:
  OffsetWriter(AnyWriterAt w, int64_t off)
      : w_(std::move(w)), base_(off), off_(off) {}

  Result Write(std::string_view p) override;
  // ErrWhence also for SeekEnd: there is no end.
  absl::StatusOr<int64_t> Seek(int64_t offset, int whence) override;
  Result WriteAt(std::string_view p, int64_t off) override;

 private:
  AnyWriterAt w_;
  int64_t base_;
  int64_t off_;  // of the next Write, in w_
};

// Takes everything and keeps nothing. Go: io.Discard.
class DiscardWriter {
 public:
  Result Write(std::string_view p) const;
  Result WriteString(std::string_view s) const { return Write(s); }
  Result ReadFrom(ReaderRef r) const;
};
inline constexpr DiscardWriter Discard{};

}  // namespace parkour::io

#endif  // PARKOUR_IO_WRITERS_H_
