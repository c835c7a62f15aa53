// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// test_util.h: readers and writers for the tests of io and of the rooms above:
// what Go has in bytes, strings and testing/iotest.
//
// Blocking: no.

#ifndef PARKOUR_IO_TEST_UTIL_H_
#define PARKOUR_IO_TEST_UTIL_H_

#include "parkour/io/io.h"
// The macro EOF is gone from here on.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace parkour::io::testing {

inline std::string Message(const absl::Status& err) {
  return std::string(err.message());
}

// Reads and seeks in a string. Go: strings.Reader, bytes.Reader without
// WriteTo.
class StringReader : public Reader, public Seeker, public ReaderAt {
 public:
  explicit StringReader(std::string_view data) : data_(data) {}

  Result Read(std::span<char> p) override {
    if (pos_ >= Size()) return {0, EOF()};
    Result got = ReadAt(p, pos_);
    pos_ += static_cast<int64_t>(got.n);
    return {got.n, absl::OkStatus()};
  }

  Result ReadAt(std::span<char> p, int64_t off) override {
    if (off < 0) return {0, absl::InvalidArgumentError("negative offset")};
    if (off >= Size()) return {0, EOF()};
    const size_t n = data_.copy(p.data(), p.size(), static_cast<size_t>(off));
    return {n, n < p.size() ? EOF() : absl::OkStatus()};
  }

  absl::StatusOr<int64_t> Seek(int64_t offset, int whence) override {
    if (whence == SeekCurrent) offset += pos_;
    if (whence == SeekEnd) offset += Size();
    if (offset < 0) return absl::InvalidArgumentError("negative position");
    return pos_ = offset;
  }

  size_t Left() const {
    return static_cast<size_t>(std::max<int64_t>(Size() - pos_, 0));
  }

 private:
  int64_t Size() const { return static_cast<int64_t>(data_.size()); }

  std::string data_;
  int64_t pos_ = 0;
};

// As StringReader, with WriteTo. Go: strings.Reader, bytes.Reader.
class StringReaderWriterTo : public StringReader, public WriterTo {
 public:
  using StringReader::StringReader;

  Result WriteTo(WriterRef w) override {
    ++calls;
    std::string rest(Left(), '\0');
    if (rest.empty()) return {};
    const Result got = Read(rest);
    Result put = w.WriteString(rest);
    if (put.ok() && put.n != got.n) put.err = ErrShortWrite();
    return put;
  }

  int calls = 0;
};

// Appends what is written, reads it from the front. Go: bytes.Buffer without
// ReadFrom and WriteTo.
class Buffer : public Reader, public Writer {
 public:
  Buffer() = default;
  explicit Buffer(std::string_view data) : data_(data) {}

  Result Read(std::span<char> p) override {
    if (data_.empty() && !p.empty()) return {0, EOF()};
    const size_t n = data_.copy(p.data(), p.size());
    data_.erase(0, n);
    return {n, absl::OkStatus()};
  }

  Result Write(std::string_view p) override {
    data_ += p;
    ++writes_;
    return {p.size(), absl::OkStatus()};
  }

  const std::string& str() const { return data_; }
  int writes() const { return writes_; }
  void Clear() { data_.clear(); }

 private:
  std::string data_;
  int writes_ = 0;
};

// As Buffer, with all of a bytes.Buffer's abilities.
class FullBuffer : public Buffer,
                   public ReaderFrom,
                   public WriterTo,
                   public StringWriter {
 public:
  using Buffer::Buffer;

  Result ReadFrom(ReaderRef r) override {
    Result total;
    std::string chunk(512, '\0');
    for (;;) {
      Result got = r.Read(chunk);
      total.n += Buffer::Write({chunk.data(), got.n}).n;
      if (got.ok()) continue;
      if (!IsEOF(got.err)) total.err = std::move(got.err);
      return total;
    }
  }

  Result WriteTo(WriterRef w) override {
    if (str().empty()) return {};
    Result put = w.Write(str());
    if (put.ok() && put.n != str().size()) put.err = ErrShortWrite();
    Clear();
    return put;
  }

  Result WriteString(std::string_view s) override { return Write(s); }
};

// A reader and a writer made of a function.
class FuncReader : public Reader {
 public:
  using Func = std::function<Result(std::span<char>)>;
  explicit FuncReader(Func f) : f_(std::move(f)) {}
  Result Read(std::span<char> p) override { return f_(p); }

 private:
  Func f_;
};

class FuncWriter : public Writer {
 public:
  using Func = std::function<Result(std::string_view)>;
  explicit FuncWriter(Func f) : f_(std::move(f)) {}
  Result Write(std::string_view p) override { return f_(p); }

 private:
  Func f_;
};

// Hide all but Read, all but Write.
inline FuncReader OnlyReader(AnyReader r) {
  auto kept = std::make_shared<AnyReader>(std::move(r));
  return FuncReader([kept](std::span<char> p) { return kept->Read(p); });
}
inline FuncWriter OnlyWriter(AnyWriter w) {
  auto kept = std::make_shared<AnyWriter>(std::move(w));
  return FuncWriter([kept](std::string_view p) { return kept->Write(p); });
}

// Go: iotest.OneByteReader, HalfReader.
inline FuncReader OneByteReader(AnyReader r) {
  auto kept = std::make_shared<AnyReader>(std::move(r));
  return FuncReader([kept](std::span<char> p) {
    return p.empty() ? Result() : kept->Read(p.first(1));
  });
}
inline FuncReader HalfReader(AnyReader r) {
  auto kept = std::make_shared<AnyReader>(std::move(r));
  return FuncReader([kept](std::span<char> p) {
    return kept->Read(p.first((p.size() + 1) / 2));
  });
}

// The error comes with the last bytes, not after them. Go:
// iotest.DataErrReader.
class DataErrReader : public Reader {
 public:
  explicit DataErrReader(AnyReader r) : r_(std::move(r)) {}

  Result Read(std::span<char> p) override {
    // One read ahead, as the end must be known with the last bytes.
    while (ahead_.empty() && err_.ok()) Fill();
    const size_t n = ahead_.copy(p.data(), p.size());
    ahead_.erase(0, n);
    while (ahead_.empty() && err_.ok()) Fill();
    return {n, ahead_.empty() ? err_ : absl::OkStatus()};
  }

 private:
  void Fill() {
    ahead_.resize(1024);
    Result got = r_.Read(ahead_);
    ahead_.resize(got.n);
    err_ = std::move(got.err);
  }

  AnyReader r_;
  std::string ahead_;
  absl::Status err_;
};

// The second Read fails with ErrTimeout. Go: iotest.TimeoutReader.
inline absl::Status ErrTimeout() {
  return absl::DeadlineExceededError("timeout");
}
class TimeoutReader : public Reader {
 public:
  explicit TimeoutReader(AnyReader r) : r_(std::move(r)) {}
  Result Read(std::span<char> p) override {
    if (++count_ == 2) return {0, ErrTimeout()};
    return r_.Read(p);
  }

 private:
  AnyReader r_;
  int count_ = 0;
};

}  // namespace parkour::io::testing

#endif  // PARKOUR_IO_TEST_UTIL_H_
