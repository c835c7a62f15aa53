// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/io/copy.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "parkour/base/check.h"
#include "parkour/io/readers.h"

namespace parkour::io {
namespace {

constexpr size_t kCopyBufferSize = 32 << 10;

// A reader that gives little needs no large buffer. Go: io.go:copyBuffer.
size_t BufferSizeFor(ReaderRef src) {
  const LimitedReader* const limited = src.As<const LimitedReader>();
  if (limited == nullptr) return kCopyBufferSize;
  return static_cast<size_t>(std::clamp<int64_t>(
      limited->n, 1, static_cast<int64_t>(kCopyBufferSize)));
}

Result CopyLoop(WriterRef dst, ReaderRef src, std::span<char> buf) {
  Result total;
  for (;;) {
    Result got = src.Read(buf);
    internal::CheckCount(got.n, buf.size());
    if (got.n > 0) {
      Result put = dst.Write({buf.data(), got.n});
      if (put.n > got.n) {
        put.n = 0;
        if (put.ok()) put.err = ErrInvalidWrite();
      }
      total.n += put.n;
      if (put.ok() && put.n < got.n) put.err = ErrShortWrite();
      if (!put.ok()) {
        total.err = std::move(put.err);
        return total;
      }
    }
    if (got.ok()) continue;
    if (!IsEOF(got.err)) total.err = std::move(got.err);
    return total;
  }
}

}  // namespace

namespace internal {

void CheckCount(size_t n, size_t size) {
  if (n <= size) return;
  base::Panic(absl::StrCat("runtime error: slice bounds out of range [:", n,
                           "] with capacity ", size));
}

}  // namespace internal

Result CopyBuffer(WriterRef dst, ReaderRef src, std::span<char> buf) {
  if (buf.data() != nullptr && buf.empty()) {
    base::Panic("empty buffer in CopyBuffer");
  }
  if (src.HasWriteTo()) return src.WriteTo(dst);
  if (dst.HasReadFrom()) return dst.ReadFrom(src);
  if (!buf.empty()) return CopyLoop(dst, src, buf);
  const size_t size = BufferSizeFor(src);
  const auto own = std::make_unique_for_overwrite<char[]>(size);
  return CopyLoop(dst, src, {own.get(), size});
}

Result Copy(WriterRef dst, ReaderRef src) { return CopyBuffer(dst, src, {}); }

Result CopyN(WriterRef dst, ReaderRef src, int64_t n) {
  LimitedReader limited(src, n);
  Result result = Copy(dst, limited);
  const auto written = static_cast<int64_t>(result.n);
  if (written == n) return {result.n, absl::OkStatus()};
  if (written < n && result.ok()) result.err = EOF();  // src ended early
  return result;
}

Result ReadAtLeast(ReaderRef r, std::span<char> buf, size_t min) {
  if (buf.size() < min) return {0, ErrShortBuffer()};
  Result total;
  while (total.n < min && total.ok()) {
    const std::span<char> rest = buf.subspan(total.n);
    Result got = r.Read(rest);
    internal::CheckCount(got.n, rest.size());
    total.n += got.n;
    total.err = std::move(got.err);
  }
  if (total.n >= min) {
    total.err = absl::OkStatus();
  } else if (total.n > 0 && IsEOF(total.err)) {
    total.err = ErrUnexpectedEOF();
  }
  return total;
}

Result ReadFull(ReaderRef r, std::span<char> buf) {
  return ReadAtLeast(r, buf, buf.size());
}

absl::StatusOr<std::string> ReadAll(ReaderRef r) {
  constexpr size_t kFirst = 512;
  std::string all(kFirst, '\0');
  size_t n = 0;
  for (;;) {
    const std::span<char> rest = std::span(all).subspan(n);
    Result got = r.Read(rest);
    internal::CheckCount(got.n, rest.size());
    n += got.n;
    if (!got.ok()) {
      if (!IsEOF(got.err)) return std::move(got.err);
      all.resize(n);
      return all;
    }
    if (n == all.size()) all.resize(2 * n);
  }
}

Result WriteString(WriterRef w, std::string_view s) { return w.WriteString(s); }

}  // namespace parkour::io
