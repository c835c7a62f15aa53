// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// scanner.h: a text in tokens: lines, words, or what a function of yours cuts.
//
//   bufio::Scanner lines(conn);
//   while (lines.Scan()) Use(lines.Text());     // without "\n" or "\r\n"
//   if (!lines.Err().ok()) return lines.Err();  // OK at the end of the input
//
// A token of more than 64 KiB ends the scan with ErrTooLong; see Buffer.
// Programs that want more control over errors, or to read on behind the last
// token, use bufio::Reader.
//
// A split function looks at the bytes that are there and says how many to take
// and what the token is:
//
//   scanner.Split([](std::string_view data, bool at_eof) -> bufio::Token {
//     const size_t end = data.find(';');
//     if (data.empty() || (end == data.npos && !at_eof)) return {};  // more
//     if (end == data.npos) return {int64_t(data.size()), data};  // the last
//     return {int64_t(end) + 1, data.substr(0, end)};
//   });
//
// Lifetime:      keeps the reader it is given by the rules of io/any.h. Movable
//                before the first Scan.
// Thread-safety: one goroutine at a time.
// Blocking:      Scan does where the reader does.
// Misuse:        Buffer or Split after Scan, and a hundred empty tokens at the
//                end without progress, are panics.
// See:           Go: src/bufio/scan.go

#ifndef PARKOUR_BUFIO_SCANNER_H_
#define PARKOUR_BUFIO_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "parkour/bufio/errors.h"
#include "parkour/io/any.h"

namespace parkour::bufio {

// What a split function decides.
struct Token {
  int64_t advance = 0;                      // bytes to take from the data
  std::optional<std::string_view> token{};  // nullopt: none yet
  absl::Status err{};                       // ends the scan
};

// Called with the bytes that are not taken yet; none only at the end. at_eof:
// there will be no more. The default Token asks for more data. With
// ErrFinalToken() its token, if any, is the last, and the scan ends well.
using SplitFunc = std::function<Token(std::string_view data, bool at_eof)>;

// Lines without their "\n" or "\r\n", which may be empty; the last one may come
// without an end. The default.
Token ScanLines(std::string_view data, bool at_eof);

// Words between white space, Unicode's; never empty.
Token ScanWords(std::string_view data, bool at_eof);

// UTF-8 encoded runes; what is none gives "\xef\xbf\xbd", U+FFFD, one per byte.
Token ScanRunes(std::string_view data, bool at_eof);

// Single bytes.
Token ScanBytes(std::string_view data, bool at_eof);

class Scanner {
 public:
  static constexpr size_t kMaxTokenSize = 64 << 10;  // Go: MaxScanTokenSize

  explicit Scanner(io::AnyReader r) : r_(std::move(r)), split_(ScanLines) {}

  // Advances to the next token. False at the end or at an error; Err() tells.
  // Go on with a reader that failed: make a new Scanner.
  bool Scan();

  // The token of the last Scan, empty if that was false. In the buffer: valid
  // until the next Scan.
  std::string_view Text() const { return token_; }
  std::string_view Bytes() const { return token_; }

  // The first error, OK if the input just ended.
  absl::Status Err() const;

  // What to scan in, before the first Scan: `initial`, which must outlive the
  // Scanner, and if it is too small memory of up to `max` bytes, which also
  // bounds the tokens. If max <= initial.size() nothing is allocated.
  void Buffer(std::span<char> initial, size_t max);

  // How to cut, before the first Scan.
  void Split(SplitFunc split);

 private:
  std::string_view Data() const {
    return {buf_.data() + start_, end_ - start_};
  }
  // One call of the split function; nullopt: more data is needed.
  std::optional<bool> Cut();
  bool Advance(int64_t n);
  bool MakeRoom();
  void Fill();
  void SetError(absl::Status err);

  io::AnyReader r_;
  SplitFunc split_;
  size_t max_token_size_ = kMaxTokenSize;
  std::string_view token_;
  std::unique_ptr<char[]> own_;  // what buf_ is if it is not the caller's
  std::span<char> buf_;
  size_t start_ = 0;  // what is not taken yet: [start_, end_) of buf_
  size_t end_ = 0;
  absl::Status err_;  // of the reader or the split function, EOF too
  int empties_ = 0;   // empty tokens in a row at the end
  bool scan_called_ = false;
  bool done_ = false;  // after ErrFinalToken
};

}  // namespace parkour::bufio

#endif  // PARKOUR_BUFIO_SCANNER_H_
