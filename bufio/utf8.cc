// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bufio/utf8.h"

namespace parkour::bufio::internal {
namespace {

// What may follow a first byte: how many bytes in all (0: nothing, it is an
// error) and the range of the second, which keeps out overlong forms and
// surrogates. The third and fourth are 80 to BF.
struct Lead {
  size_t size;
  unsigned char low;
  unsigned char high;
};

constexpr Lead LeadOf(unsigned char c) {
  if (c < 0x80) return {1, 0, 0};
  if (c < 0xC2) return {0, 0, 0};
  if (c < 0xE0) return {2, 0x80, 0xBF};
  if (c == 0xE0) return {3, 0xA0, 0xBF};
  if (c == 0xED) return {3, 0x80, 0x9F};
  if (c < 0xF0) return {3, 0x80, 0xBF};
  if (c == 0xF0) return {4, 0x90, 0xBF};
  if (c < 0xF4) return {4, 0x80, 0xBF};
  if (c == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

unsigned char At(std::string_view p, size_t i) {
  return static_cast<unsigned char>(p[i]);
}

// How many of the bytes of the rune that p begins with are there and right.
size_t RightBytes(std::string_view p, const Lead& lead) {
  size_t i = 1;
  for (; i < lead.size && i < p.size(); ++i) {
    const unsigned char c = At(p, i);
    const unsigned char low = i == 1 ? lead.low : 0x80;
    const unsigned char high = i == 1 ? lead.high : 0xBF;
    if (c < low || c > high) break;
  }
  return i;
}

}  // namespace

Decoded DecodeRune(std::string_view p) {
  if (p.empty()) return {kRuneError, 0};
  const Lead lead = LeadOf(At(p, 0));
  if (lead.size == 1) return {At(p, 0), 1};
  if (lead.size == 0 || RightBytes(p, lead) < lead.size) return {kRuneError, 1};
  char32_t r = At(p, 0) & (0xFFu >> (lead.size + 1));
  for (size_t i = 1; i < lead.size; ++i) r = r << 6 | (At(p, i) & 0x3F);
  return {r, lead.size};
}

bool FullRune(std::string_view p) {
  if (p.empty()) return false;
  const Lead lead = LeadOf(At(p, 0));
  if (p.size() >= lead.size) return true;
  return RightBytes(p, lead) < p.size();  // a wrong byte: a whole error
}

size_t EncodeRune(char32_t r, char (&out)[kUTFMax]) {
  if (r > kMaxRune || (r >= 0xD800 && r <= 0xDFFF)) r = kRuneError;
  const auto tail = [r](int shift) {
    return static_cast<char>(0x80 | ((r >> shift) & 0x3F));
  };
  if (r < 0x80) {
    out[0] = static_cast<char>(r);
    return 1;
  }
  if (r < 0x800) {
    out[0] = static_cast<char>(0xC0 | r >> 6);
    out[1] = tail(0);
    return 2;
  }
  if (r < 0x10000) {
    out[0] = static_cast<char>(0xE0 | r >> 12);
    out[1] = tail(6);
    out[2] = tail(0);
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | r >> 18);
  out[1] = tail(12);
  out[2] = tail(6);
  out[3] = tail(0);
  return 4;
}

bool IsSpace(char32_t r) {
  switch (r) {
    case '\t':
    case '\n':
    case '\v':
    case '\f':
    case '\r':
    case ' ':
    case 0x85:    // next line
    case 0xA0:    // no-break space
    case 0x1680:  // ogham space mark
    case 0x2028:  // line separator
    case 0x2029:  // paragraph separator
    case 0x202F:  // narrow no-break space
    case 0x205F:  // medium mathematical space
    case 0x3000:  // ideographic space
      return true;
    default:
      return r >= 0x2000 && r <= 0x200A;  // en quad to hair space
  }
}

}  // namespace parkour::bufio::internal
