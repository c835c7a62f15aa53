// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/io/writers.h"

#include <array>

#include "absl/status/status.h"
#include "parkour/io/copy.h"

namespace parkour::io {
namespace {

// Write or WriteString to all of them.
template <typename WriteOne>
Result WriteToAll(const std::vector<AnyWriter>& writers, size_t size,
                  WriteOne write_one) {
  for (const AnyWriter& w : writers) {
    Result put = write_one(w);
    if (!put.ok()) return put;
    if (put.n != size) return {put.n, ErrShortWrite()};
  }
  return {size, absl::OkStatus()};
}

}  // namespace

Result MultiWriter::Write(std::string_view p) {
  return WriteToAll(writers_, p.size(),
                    [p](const AnyWriter& w) { return w.Write(p); });
}

Result MultiWriter::WriteString(std::string_view s) {
  return WriteToAll(writers_, s.size(),
                    [s](const AnyWriter& w) { return w.WriteString(s); });
}

Result OffsetWriter::Write(std::string_view p) {
  Result put = w_.WriteAt(p, off_);
  off_ += static_cast<int64_t>(put.n);
  return put;
}

Result OffsetWriter::WriteAt(std::string_view p, int64_t off) {
  if (off < 0) return {0, ErrOffset()};
  return w_.WriteAt(p, base_ + off);
}

absl::StatusOr<int64_t> OffsetWriter::Seek(int64_t offset, int whence) {
  switch (whence) {
    case SeekStart:
      offset += base_;
      break;
    case SeekCurrent:
      offset += off_;
      break;
    default:
      return ErrWhence();
  }
  if (offset < base_) return ErrOffset();
  off_ = offset;
  return offset - base_;
}

Result DiscardWriter::Write(std::string_view p) const {
  return {p.size(), absl::OkStatus()};
}

Result DiscardWriter::ReadFrom(ReaderRef r) const {
  std::array<char, 8192> buf;
  Result total;
  for (;;) {
    Result got = r.Read(buf);
    internal::CheckCount(got.n, buf.size());
    total.n += got.n;
    if (got.ok()) continue;
    if (!IsEOF(got.err)) total.err = std::move(got.err);
    return total;
  }
}

}  // namespace parkour::io
