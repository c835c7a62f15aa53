// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bufio/reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "parkour/base/check.h"
#include "parkour/bufio/utf8.h"
#include "parkour/io/ref.h"

namespace parkour::bufio {
namespace {

constexpr size_t kMinBufferSize = 16;
constexpr int kMaxEmptyReads = 100;

}  // namespace

Reader::Reader(io::AnyReader rd, size_t size)
    : rd_(std::move(rd)),
      buf_(std::make_unique_for_overwrite<char[]>(
          std::max(size, kMinBufferSize))),
      size_(std::max(size, kMinBufferSize)) {}

void Reader::Reset(io::AnyReader rd) {
  if (rd.As<Reader>() == this) return;
  if (buf_ == nullptr) {
    *this = Reader(std::move(rd));
    return;
  }
  rd_ = std::move(rd);
  r_ = w_ = 0;
  err_ = absl::OkStatus();
  ForgetLast();
}

void Reader::ForgetLast() { last_byte_ = last_rune_size_ = -1; }

void Reader::RememberLast(char c) {
  last_byte_ = static_cast<unsigned char>(c);
  last_rune_size_ = -1;
}

absl::Status Reader::TakeError() { return std::exchange(err_, {}); }

size_t Reader::ReadInto(std::span<char> p) {
  io::Result got = rd_.Read(p);
  // Go: errNegativeRead. Go's other impossible count, too large, panics where
  // the bytes are used.
  if (got.n > p.size()) {
    base::Panic("bufio: reader returned negative count from Read");
  }
  err_ = std::move(got.err);
  return got.n;
}

// Reads a new chunk into the buffer. Go: Reader.fill.
void Reader::Fill() {
  if (r_ > 0) {
    std::memmove(buf_.get(), buf_.get() + r_, w_ - r_);
    w_ -= r_;
    r_ = 0;
  }
  if (w_ >= size_) base::Panic("bufio: tried to fill full buffer");
  for (int i = 0; i < kMaxEmptyReads; ++i) {
    const size_t n = ReadInto(Free());
    w_ += n;
    if (n > 0 || !err_.ok()) return;
  }
  err_ = io::ErrNoProgress();
}

Slice Reader::Peek(int64_t n) {
  if (n < 0) return {{}, ErrNegativeCount()};
  ForgetLast();
  const auto want = static_cast<size_t>(n);
  while (Buffered() < want && Buffered() < size_ && err_.ok()) Fill();
  if (want > size_) return {Unread(), ErrBufferFull()};
  if (Buffered() >= want) return {Unread().substr(0, want), absl::OkStatus()};
  return {Unread(), TakeError()};
}

io::Result Reader::Discard(int64_t n) {
  if (n < 0) return {0, ErrNegativeCount()};
  if (n == 0) return {};
  ForgetLast();
  const auto want = static_cast<size_t>(n);
  for (size_t done = 0;;) {
    if (Buffered() == 0) Fill();
    const size_t skip = std::min(Buffered(), want - done);
    r_ += skip;
    done += skip;
    if (done == want) return {done, absl::OkStatus()};
    if (!err_.ok()) return {done, TakeError()};
  }
}

io::Result Reader::Read(std::span<char> p) {
  if (p.empty()) {
    return {0, Buffered() > 0 ? absl::OkStatus() : TakeError()};
  }
  if (Buffered() == 0) {
    if (!err_.ok()) return {0, TakeError()};
    if (p.size() >= size_) {
      const size_t n = ReadInto(p);
      if (n > 0) RememberLast(p[n - 1]);
      return {n, TakeError()};
    }
    // One Read, not Fill: it would wait for more after nothing.
    r_ = w_ = 0;
    w_ = ReadInto(Free());
    if (w_ == 0) return {0, TakeError()};
  }
  const size_t n = Unread().copy(p.data(), p.size());
  r_ += n;
  RememberLast(p[n - 1]);
  return {n, absl::OkStatus()};
}

absl::StatusOr<char> Reader::ReadByte() {
  last_rune_size_ = -1;
  while (Buffered() == 0) {
    if (!err_.ok()) return TakeError();
    Fill();
  }
  const char c = buf_[r_++];
  RememberLast(c);
  return c;
}

absl::Status Reader::UnreadByte() {
  if (last_byte_ < 0 || (r_ == 0 && w_ > 0)) return ErrInvalidUnreadByte();
  if (r_ > 0) {
    --r_;
  } else {
    w_ = 1;  // a large Read went past the buffer, which is empty
  }
  buf_[r_] = static_cast<char>(last_byte_);
  ForgetLast();
  return absl::OkStatus();
}

Rune Reader::ReadRune() {
  while (Buffered() < internal::kUTFMax && !internal::FullRune(Unread()) &&
         err_.ok() && Buffered() < size_) {
    Fill();
  }
  last_rune_size_ = -1;
  if (Buffered() == 0) return {0, 0, TakeError()};
  const internal::Decoded d = internal::DecodeRune(Unread());
  r_ += d.size;
  last_byte_ = static_cast<unsigned char>(buf_[r_ - 1]);
  last_rune_size_ = static_cast<int>(d.size);
  return {d.rune, d.size, absl::OkStatus()};
}

absl::Status Reader::UnreadRune() {
  if (last_rune_size_ < 0 || r_ < static_cast<size_t>(last_rune_size_)) {
    return ErrInvalidUnreadRune();
  }
  r_ -= static_cast<size_t>(last_rune_size_);
  ForgetLast();
  return absl::OkStatus();
}

Slice Reader::ReadSlice(char delim) {
  Slice result;
  for (size_t seen = 0;;) {
    const size_t found = Unread().find(delim, seen);
    if (found != std::string_view::npos) {
      result.data = Unread().substr(0, found + 1);
      break;
    }
    result.data = Unread();
    if (!err_.ok()) {
      result.err = TakeError();
      break;
    }
    if (Buffered() >= size_) {
      result.err = ErrBufferFull();
      break;
    }
    seen = Buffered();  // is not looked at twice
    Fill();
  }
  r_ += result.data.size();
  if (!result.data.empty()) RememberLast(result.data.back());
  return result;
}

Line Reader::ReadLine() {
  auto [line, err] = ReadSlice('\n');
  if (io::Is(err, ErrBufferFull())) {
    // A '\r' at the very end may belong to a '\n' that comes: put it back, and
    // see it with the rest.
    if (!line.empty() && line.back() == '\r') {
      if (r_ == 0) base::Panic("bufio: tried to rewind past start of buffer");
      --r_;
      line.remove_suffix(1);
    }
    return {line, true, absl::OkStatus()};
  }
  if (line.empty()) return {{}, false, std::move(err)};
  if (line.back() == '\n') {
    line.remove_suffix(1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  }
  return {line, false, absl::OkStatus()};
}

Text Reader::ReadString(char delim) {
  Text text;
  for (;;) {
    auto [data, err] = ReadSlice(delim);
    text.data += data;
    if (io::Is(err, ErrBufferFull())) continue;
    text.err = std::move(err);
    return text;
  }
}

// Writes the buffered bytes. Go: Reader.writeBuf.
io::Result Reader::WriteBuffered(io::WriterRef w) {
  io::Result put = w.Write(Unread());
  if (put.n > Buffered()) {
    base::Panic("bufio: writer returned negative count from Write");
  }
  r_ += put.n;
  return put;
}

io::Result Reader::WriteTo(io::WriterRef w) {
  ForgetLast();
  io::Result total;
  const auto add = [&total](io::Result part) {
    total.n += part.n;
    total.err = std::move(part.err);
    return total.ok();
  };
  // Go 1.24 begins with a Write even of nothing, which packet sockets and pipes
  // notice; later versions do not.
  if (Buffered() > 0 && !add(WriteBuffered(w))) return total;
  if (rd_.HasWriteTo()) {
    add(rd_.WriteTo(w));
    return total;
  }
  if (w.HasReadFrom()) {
    add(w.ReadFrom(rd_));
    return total;
  }
  if (Buffered() < size_) Fill();
  while (Buffered() > 0) {
    if (!add(WriteBuffered(w))) return total;
    Fill();
  }
  total.err = TakeError();
  if (io::IsEOF(total.err)) total.err = absl::OkStatus();
  return total;
}

}  // namespace parkour::bufio
