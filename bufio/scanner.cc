// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bufio/scanner.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "parkour/base/check.h"
#include "parkour/bufio/utf8.h"
#include "parkour/io/result.h"

namespace parkour::bufio {
namespace {

constexpr size_t kStartSize = 4096;
constexpr int kMaxEmptyReads = 100;
// In static storage, as tokens are views.
constexpr std::string_view kErrorRune = "\xef\xbf\xbd";

std::string_view WithoutCR(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

Token Take(size_t advance, std::string_view token) {
  return {static_cast<int64_t>(advance), token, absl::OkStatus()};
}

}  // namespace

absl::Status Scanner::Err() const {
  return io::IsEOF(err_) ? absl::OkStatus() : err_;
}

void Scanner::Buffer(std::span<char> initial, size_t max) {
  if (scan_called_) base::Panic("Buffer called after Scan");
  buf_ = initial;
  max_token_size_ = max;
}

void Scanner::Split(SplitFunc split) {
  if (scan_called_) base::Panic("Split called after Scan");
  split_ = std::move(split);
}

// The first error stays, but anything is better than EOF.
void Scanner::SetError(absl::Status err) {
  if (err_.ok() || io::IsEOF(err_)) err_ = std::move(err);
}

bool Scanner::Advance(int64_t n) {
  if (n < 0) {
    SetError(ErrNegativeAdvance());
    return false;
  }
  if (static_cast<size_t>(n) > end_ - start_) {
    SetError(ErrAdvanceTooFar());
    return false;
  }
  start_ += static_cast<size_t>(n);
  return true;
}

bool Scanner::Scan() {
  token_ = {};
  if (done_) return false;
  scan_called_ = true;
  for (;;) {
    // At the end the function is asked once more, even without data: there may
    // be a last, empty token.
    if (end_ > start_ || !err_.ok()) {
      if (const std::optional<bool> result = Cut()) return *result;
    }
    if (!err_.ok()) {
      start_ = end_ = 0;
      return false;
    }
    if (!MakeRoom()) return false;
    Fill();
  }
}

std::optional<bool> Scanner::Cut() {
  Token cut = split_(Data(), !err_.ok());
  if (!cut.err.ok()) {
    if (io::Is(cut.err, ErrFinalToken())) {
      done_ = true;
      token_ = cut.token.value_or(std::string_view());
      return cut.token.has_value();
    }
    SetError(std::move(cut.err));
    return false;
  }
  if (!Advance(cut.advance)) return false;
  if (!cut.token.has_value()) return std::nullopt;
  token_ = *cut.token;
  if (err_.ok() || cut.advance > 0) {
    empties_ = 0;
  } else if (++empties_ > kMaxEmptyReads) {
    base::Panic("bufio.Scan: too many empty tokens without progressing");
  }
  return true;
}

// Makes room behind the data: moves it to the front if it is worth it, then
// lets the buffer grow. False: it may not.
bool Scanner::MakeRoom() {
  if (start_ > 0 && (end_ == buf_.size() || start_ > buf_.size() / 2)) {
    std::memmove(buf_.data(), buf_.data() + start_, end_ - start_);
    end_ -= start_;
    start_ = 0;
  }
  if (end_ < buf_.size()) return true;
  if (buf_.size() >= max_token_size_) {
    SetError(ErrTooLong());
    return false;
  }
  const size_t doubled = buf_.empty() ? kStartSize : 2 * buf_.size();
  const size_t size = std::min(doubled, max_token_size_);
  auto larger = std::make_unique_for_overwrite<char[]>(size);
  const size_t length = end_ - start_;
  if (length > 0) std::memcpy(larger.get(), buf_.data() + start_, length);
  own_ = std::move(larger);
  buf_ = {own_.get(), size};
  start_ = 0;
  end_ = length;
  return true;
}

void Scanner::Fill() {
  for (int i = 0; i <= kMaxEmptyReads; ++i) {
    const std::span<char> room = buf_.subspan(end_);
    io::Result got = r_.Read(room);
    if (got.n > room.size()) {
      SetError(ErrBadReadCount());
      return;
    }
    end_ += got.n;
    if (!got.ok()) {
      SetError(std::move(got.err));
      return;
    }
    if (got.n > 0) {
      empties_ = 0;
      return;
    }
  }
  SetError(io::ErrNoProgress());
}

Token ScanBytes(std::string_view data, bool at_eof) {
  if (at_eof && data.empty()) return {};
  return Take(1, data.substr(0, 1));
}

Token ScanRunes(std::string_view data, bool at_eof) {
  if (data.empty()) return {};
  const internal::Decoded d = internal::DecodeRune(data);
  const bool wrong = d.rune == internal::kRuneError && d.size == 1;
  if (!wrong) return Take(d.size, data.substr(0, d.size));
  if (!at_eof && !internal::FullRune(data)) return {};
  return Take(1, kErrorRune);
}

Token ScanLines(std::string_view data, bool at_eof) {
  if (data.empty()) return {};
  const size_t end = data.find('\n');
  if (end != std::string_view::npos) {
    return Take(end + 1, WithoutCR(data.substr(0, end)));
  }
  if (at_eof) return Take(data.size(), WithoutCR(data));
  return {};
}

Token ScanWords(std::string_view data, bool at_eof) {
  size_t start = 0;
  while (start < data.size()) {
    const internal::Decoded d = internal::DecodeRune(data.substr(start));
    if (!internal::IsSpace(d.rune)) break;
    start += d.size;
  }
  for (size_t i = start; i < data.size();) {
    const internal::Decoded d = internal::DecodeRune(data.substr(i));
    if (internal::IsSpace(d.rune)) {
      return Take(i + d.size, data.substr(start, i - start));
    }
    i += d.size;
  }
  if (at_eof && data.size() > start) {
    return Take(data.size(), data.substr(start));
  }
  // Drop the white space, ask for more.
  return {static_cast<int64_t>(start), std::nullopt, absl::OkStatus()};
}

}  // namespace parkour::bufio
