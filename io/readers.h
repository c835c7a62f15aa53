// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// readers.h: readers made of readers.
//
//   auto body = io::ReadAll(io::LimitReader(conn, 1 << 20));  // at most 1 MiB
//   io::MultiReader both(head, conn);            // head, then conn
//   io::TeeReader tee(conn, log);                // a copy of it into log
//   io::SectionReader part(file, 4096, 512);     // a piece of a ReaderAt
//   io::NopCloser closer(buffer);                // with a Close
//
// They keep what they are given by the rules of any.h: temporaries and handles
// are owned, other objects must outlive them. Movable, except where noted.
//
// Thread-safety: one goroutine at a time, except SectionReader::ReadAt.
// Blocking:      where the underlying readers do.
// See:           Go: src/io/io.go, src/io/multi.go

#ifndef PARKOUR_IO_READERS_H_
#define PARKOUR_IO_READERS_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parkour/io/any.h"
#include "parkour/io/interfaces.h"

namespace parkour::io {

// Reads from r, but ends after n bytes; n is what remains. Both may be changed.
// Go: io.LimitedReader.
class LimitedReader : public Reader {
 public:
  LimitedReader(AnyReader r, int64_t n) : r(std::move(r)), n(n) {}

  // EOF() once n <= 0.
  Result Read(std::span<char> p) override;

  AnyReader r;
  int64_t n;
};

// Go: io.LimitReader.
inline LimitedReader LimitReader(AnyReader r, int64_t n) {
  return LimitedReader(std::move(r), n);
}

// Reads from r and writes to w what it read, before it returns. An error of the
// Write is the Read's error, with the Write's count. Go: io.TeeReader.
class TeeReader : public Reader {
 public:
  TeeReader(AnyReader r, AnyWriter w) : r_(std::move(r)), w_(std::move(w)) {}

  Result Read(std::span<char> p) override;

 private:
  AnyReader r_;
  AnyWriter w_;
};

// The readers one after the other; ends when the last has ended. A reader that
// has ended is let go. Go: io.MultiReader.
class MultiReader : public Reader, public WriterTo {
 public:
  explicit MultiReader(std::vector<AnyReader> readers)
      : readers_(std::move(readers)) {}

  template <typename... R>
  requires((sizeof...(R) != 1 || (!std::same_as<R, MultiReader> && ...)) &&
           (std::constructible_from<AnyReader, R> &&
            ...)) explicit MultiReader(R&&... readers) {
    readers_.reserve(sizeof...(R));
    (readers_.emplace_back(std::forward<R>(readers)), ...);
  }

  Result Read(std::span<char> p) override;
  // Stops at the first error, at which the next call goes on.
  Result WriteTo(WriterRef w) override;

 private:
  std::vector<AnyReader> readers_;
  size_t next_ = 0;  // those before it have ended
};

// The n bytes of r from `off` on, as a file of its own. Go: io.SectionReader,
// io.NewSectionReader.
class SectionReader : public Reader, public Seeker, public ReaderAt {
 public:
  SectionReader(AnyReaderAt r, int64_t off, int64_t n);

  Result Read(std::span<char> p) override;
  absl::StatusOr<int64_t> Seek(int64_t offset, int whence) override;
  Result ReadAt(std::span<char> p, int64_t off) override;

  int64_t Size() const { return limit_ - base_; }

  // What it was made of.
  struct Section {
    ReaderAtRef r;
    int64_t off;
    int64_t n;
  };
  Section Outer() const { return {r_, base_, n_}; }

 private:
  AnyReaderAt r_;
  int64_t base_;
  int64_t off_;    // of the next Read, in r_
  int64_t limit_;  // the end, in r_
  int64_t n_;
};

// r with a Close that does nothing. Go: io.NopCloser.
class NopCloser : public Reader, public WriterTo, public Closer {
 public:
  template <typename R>
  requires(!std::same_as<std::remove_cvref_t<R>, NopCloser> &&
           std::constructible_from<AnyReader, R>) explicit NopCloser(R&& r)
      : r_(std::forward<R>(r)) {}

  Result Read(std::span<char> p) override { return r_.Read(p); }
  absl::Status Close() override { return absl::OkStatus(); }

  // Whether r has one. Without, WriteTo reads and writes.
  bool HasWriteTo() const { return r_.HasWriteTo(); }
  Result WriteTo(WriterRef w) override;

 private:
  AnyReader r_;
};

}  // namespace parkour::io

#endif  // PARKOUR_IO_READERS_H_
