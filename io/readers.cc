// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/io/readers.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "parkour/io/copy.h"

namespace parkour::io {
namespace {

std::span<char> AtMost(std::span<char> p, int64_t n) {
  return p.first(std::min(p.size(), static_cast<size_t>(n)));
}

}  // namespace

Result LimitedReader::Read(std::span<char> p) {
  if (n <= 0) return {0, EOF()};
  Result got = r.Read(AtMost(p, n));
  n -= static_cast<int64_t>(got.n);
  return got;
}

Result TeeReader::Read(std::span<char> p) {
  Result got = r_.Read(p);
  if (got.n == 0) return got;
  internal::CheckCount(got.n, p.size());
  Result put = w_.Write({p.data(), got.n});
  return put.ok() ? got : put;
}

Result MultiReader::Read(std::span<char> p) {
  while (next_ < readers_.size()) {
    Result got = readers_[next_].Read(p);
    const bool ended = IsEOF(got.err);
    if (ended) readers_[next_++] = AnyReader();
    if (got.n == 0 && ended) continue;
    // The end of one reader is not yet the end of all.
    if (ended && next_ < readers_.size()) got.err = absl::OkStatus();
    return got;
  }
  return {0, EOF()};
}

Result MultiReader::WriteTo(WriterRef w) {
  constexpr size_t kSize = 32 << 10;
  const auto buf = std::make_unique_for_overwrite<char[]>(kSize);
  Result total;
  for (; next_ < readers_.size(); readers_[next_++] = AnyReader()) {
    Result part = CopyBuffer(w, readers_[next_], {buf.get(), kSize});
    total.n += part.n;
    if (!part.ok()) {
      total.err = std::move(part.err);
      break;
    }
  }
  return total;
}

SectionReader::SectionReader(AnyReaderAt r, int64_t off, int64_t n)
    : r_(std::move(r)), base_(off), off_(off), n_(n) {
  // Overflow: to the end of what can be addressed. Go: io.NewSectionReader.
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  limit_ = n <= 0 || off <= kMax - n ? off + n : kMax;
}

Result SectionReader::Read(std::span<char> p) {
  if (off_ >= limit_) return {0, EOF()};
  Result got = r_.ReadAt(AtMost(p, limit_ - off_), off_);
  off_ += static_cast<int64_t>(got.n);
  return got;
}

absl::StatusOr<int64_t> SectionReader::Seek(int64_t offset, int whence) {
  switch (whence) {
    case SeekStart:
      offset += base_;
      break;
    case SeekCurrent:
      offset += off_;
      break;
    case SeekEnd:
      offset += limit_;
      break;
    default:
      return ErrWhence();
  }
  if (offset < base_) return ErrOffset();
  off_ = offset;
  return offset - base_;
}

Result SectionReader::ReadAt(std::span<char> p, int64_t off) {
  if (off < 0 || off >= Size()) return {0, EOF()};
  off += base_;
  const std::span<char> inside = AtMost(p, limit_ - off);
  Result got = r_.ReadAt(inside, off);
  if (inside.size() < p.size() && got.ok()) got.err = EOF();
  return got;
}

Result NopCloser::WriteTo(WriterRef w) { return Copy(w, r_); }

}  // namespace parkour::io
