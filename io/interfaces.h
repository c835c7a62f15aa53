// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// interfaces.h: the small interfaces that everything in io and bufio is made
// of.
//
//   class Rot13 : public io::Reader {
//    public:
//     explicit Rot13(io::AnyReader r) : r_(std::move(r)) {}
//     io::Result Read(std::span<char> p) override {
//       io::Result got = r_.Read(p);
//       for (char& c : p.first(got.n)) c = Rotate(c);
//       return got;
//     }
//
//    private:
//     io::AnyReader r_;
//   };
//
// Nobody has to derive from them: a type with a member of the same name and
// form is as good (net::Conn has Read and Write and derives from nothing). The
// functions of io take both, see ref.h.
//
// Thread-safety: as the implementation says. io and bufio call a reader or
//                writer from one goroutine at a time.
// Blocking:      an implementation may park.
// See:           Go: src/io/io.go

#ifndef PARKOUR_IO_INTERFACES_H_
#define PARKOUR_IO_INTERFACES_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parkour/io/result.h"

namespace parkour::io {

class ReaderRef;
class WriterRef;

// Reads up to p.size() bytes into p. n > 0 may come together with an error, io
// looks at the bytes first. At the end {0, EOF()}, or {n, EOF()} with the last
// bytes and {0, EOF()} from then on. {0, OK} means that nothing happened; it is
// no end, and discouraged. Keeps no reference to p.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Result Read(std::span<char> p) = 0;
};

// Writes p. If n < p.size() the error says why. Keeps no reference to p.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual Result Write(std::string_view p) = 0;
};

// The behaviour after the first Close is the implementation's.
class Closer {
 public:
  virtual ~Closer() = default;
  virtual absl::Status Close() = 0;
};

// A writer that knows a better way than a buffer to take all that `r` has,
// until the end, which is no error. Copy uses it.
class ReaderFrom {
 public:
  virtual ~ReaderFrom() = default;
  virtual Result ReadFrom(ReaderRef r) = 0;
};

// A reader that knows a better way than a buffer to give all that it has to
// `w`. Copy prefers it to ReaderFrom.
class WriterTo {
 public:
  virtual ~WriterTo() = default;
  virtual Result WriteTo(WriterRef w) = 0;
};

// A writer that tells text from bytes. In C++ both are a std::string_view: only
// a writer to which the difference matters needs this.
class StringWriter {
 public:
  virtual ~StringWriter() = default;
  virtual Result WriteString(std::string_view s) = 0;
};

// What an offset is relative to.
inline constexpr int SeekStart = 0;
inline constexpr int SeekCurrent = 1;
inline constexpr int SeekEnd = 2;

// Sets the place of the next Read or Write; returns it relative to the start.
class Seeker {
 public:
  virtual ~Seeker() = default;
  virtual absl::StatusOr<int64_t> Seek(int64_t offset, int whence) = 0;
};

// Reads at a place of its own: p.size() bytes, or fewer and the reason, which
// is EOF() at the end. Safe from several goroutines at once.
class ReaderAt {
 public:
  virtual ~ReaderAt() = default;
  virtual Result ReadAt(std::span<char> p, int64_t off) = 0;
};

// Writes at a place of its own. Safe from several goroutines at once if they
// write to different places.
class WriterAt {
 public:
  virtual ~WriterAt() = default;
  virtual Result WriteAt(std::string_view p, int64_t off) = 0;
};

}  // namespace parkour::io

#endif  // PARKOUR_IO_INTERFACES_H_
