// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// utf8.h: runes, as ReadRune, WriteRune and the scanner's ScanRunes and
// ScanWords need them.
//
//   const Decoded d = DecodeRune(bytes);   // {U'é', 2}
//   bytes.remove_prefix(d.size);
//
// Guarantees: never reads past the end; what is no UTF-8 (overlong forms,
//             surrogates, beyond U+10FFFF) is U+FFFD of size 1.
// Blocking:   no. Safe from any thread.
// See:        Go: src/unicode/utf8/utf8.go

#ifndef PARKOUR_BUFIO_UTF8_H_
#define PARKOUR_BUFIO_UTF8_H_

#include <cstddef>
#include <string_view>

namespace parkour::bufio::internal {

inline constexpr char32_t kRuneError = 0xFFFD;
inline constexpr char32_t kMaxRune = 0x10FFFF;
inline constexpr size_t kUTFMax = 4;

struct Decoded {
  char32_t rune;
  size_t size;  // of its encoding; 0 for an empty input
};

// The first rune. Go: utf8.DecodeRune.
Decoded DecodeRune(std::string_view p);

// Whether p begins with a whole rune; an error counts as one. Go:
// utf8.FullRune.
bool FullRune(std::string_view p);

// Writes r, or U+FFFD if there is no such rune, and returns its size. Go:
// utf8.EncodeRune.
size_t EncodeRune(char32_t r, char (&out)[kUTFMax]);

// Whether Unicode has r as white space. Go: bufio.isSpace.
bool IsSpace(char32_t r);

}  // namespace parkour::bufio::internal

#endif  // PARKOUR_BUFIO_UTF8_H_
