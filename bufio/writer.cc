// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bufio/writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "parkour/base/check.h"
#include "parkour/bufio/utf8.h"
#include "parkour/io/copy.h"
#include "parkour/io/ref.h"

namespace parkour::bufio {
namespace {

constexpr int kMaxEmptyReads = 100;

size_t SizeOrDefault(size_t size) {
  return size > 0 ? size : kDefaultBufferSize;
}

}  // namespace

Writer::Writer(io::AnyWriter wr, size_t size)
    : wr_(std::move(wr)),
      buf_(std::make_unique_for_overwrite<char[]>(SizeOrDefault(size))),
      size_(SizeOrDefault(size)) {}

void Writer::Reset(io::AnyWriter wr) {
  if (wr.As<Writer>() == this) return;
  if (buf_ == nullptr) {
    *this = Writer(std::move(wr));
    return;
  }
  wr_ = std::move(wr);
  n_ = 0;
  err_ = absl::OkStatus();
}

size_t Writer::Append(std::string_view p) {
  const size_t n = std::min(p.size(), Available());
  // memmove: p may lie in AvailableBuffer().
  if (n > 0) std::memmove(buf_.get() + n_, p.data(), n);
  n_ += n;
  return n;
}

template <typename WriteThrough>
io::Result Writer::WriteAll(std::string_view p, WriteThrough write_through) {
  size_t done = 0;
  while (p.size() > Available() && err_.ok()) {
    size_t n = 0;
    if (Buffered() == 0) {
      io::Result put = write_through(p);
      io::internal::CheckCount(put.n, p.size());
      n = put.n;
      err_ = std::move(put.err);
    } else {
      n = Append(p);
      Flush().IgnoreError();  // it is in err_
    }
    done += n;
    p.remove_prefix(n);
  }
  if (!err_.ok()) return {done, err_};
  return {done + Append(p), absl::OkStatus()};
}

io::Result Writer::Write(std::string_view p) {
  return WriteAll(p, [this](std::string_view s) { return wr_.Write(s); });
}

io::Result Writer::WriteString(std::string_view s) {
  return WriteAll(s, [this](std::string_view t) { return wr_.WriteString(t); });
}

absl::Status Writer::WriteByte(char c) {
  if (!err_.ok()) return err_;
  if (Available() == 0 && !Flush().ok()) return err_;
  buf_[n_++] = c;
  return absl::OkStatus();
}

io::Result Writer::WriteRune(char32_t r) {
  char encoded[internal::kUTFMax];
  return Write({encoded, internal::EncodeRune(r, encoded)});
}

absl::Status Writer::Flush() {
  if (!err_.ok() || n_ == 0) return err_;
  io::Result put = wr_.Write({buf_.get(), n_});
  if (put.n < n_ && put.ok()) put.err = io::ErrShortWrite();
  if (put.ok()) {
    n_ = 0;
    return absl::OkStatus();
  }
  // Keep what did not go out, so that Buffered() tells.
  if (put.n > 0 && put.n < n_) {
    std::memmove(buf_.get(), buf_.get() + put.n, n_ - put.n);
  }
  n_ -= std::min(put.n, n_);
  err_ = std::move(put.err);
  return err_;
}

io::Result Writer::ReadFrom(io::ReaderRef r) {
  if (!err_.ok()) return {0, err_};
  const bool has_read_from = wr_.HasReadFrom();
  io::Result total;
  while (total.ok()) {
    if (Available() == 0) {
      if (absl::Status err = Flush(); !err.ok()) return {total.n, err};
    }
    if (has_read_from && Buffered() == 0) {
      io::Result put = wr_.ReadFrom(r);
      err_ = put.err;
      return {total.n + put.n, std::move(put.err)};
    }
    io::Result got;
    int empty = 0;
    for (; empty < kMaxEmptyReads && got.n == 0 && got.ok(); ++empty) {
      got = r.Read(AvailableBuffer());
    }
    if (got.n == 0 && got.ok()) return {total.n, io::ErrNoProgress()};
    io::internal::CheckCount(got.n, Available());
    n_ += got.n;
    total.n += got.n;
    total.err = std::move(got.err);
  }
  if (io::IsEOF(total.err)) {
    // Full at the end: flush now, as it would be at the next byte anyway.
    total.err = Available() == 0 ? Flush() : absl::OkStatus();
  }
  return total;
}

}  // namespace parkour::bufio
