// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/ip.h"

#include <charconv>
#include <optional>

namespace parkour::net {
namespace {

using Bytes = std::array<uint8_t, 16>;

constexpr size_t kV4Offset = 12;  // of the IPv4 bytes in a v4-mapped address
bool Consume(std::string_view prefix, std::string_view* s) {
  if (!s->starts_with(prefix)) return false;
  s->remove_prefix(prefix.size());
  return true;
}

// The number at the start of `s`, of 1 to `max_digits` digits; consumes it.
std::optional<unsigned> ConsumeNumber(int base, size_t max_digits,
                                      std::string_view* s) {
  unsigned value = 0;
  const char* begin = s->data();
  // from_chars takes no sign and no 0x for unsigned numbers.
  const auto [end, error] = std::from_chars(
      begin, begin + std::min(s->size(), max_digits + 1), value, base);
  const size_t digits = static_cast<size_t>(end - begin);
  if (error != std::errc() || digits > max_digits) return std::nullopt;
  s->remove_prefix(digits);
  return value;
}

// Four octets, nothing else.
bool ParseIPv4(std::string_view s, uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && !Consume(".", &s)) return false;
    const bool zero = s.starts_with('0');
    const size_t before = s.size();
    const std::optional<unsigned> octet = ConsumeNumber(10, 3, &s);
    if (!octet.has_value() || *octet > 255) return false;
    if (zero && before - s.size() > 1) return false;
    out[i] = static_cast<uint8_t>(*octet);
  }
  return s.empty();
}

// Eight groups, or fewer around one "::" that stands for at least one group of
// zeros; the last two may be written as IPv4.
bool ParseIPv6(std::string_view s, Bytes* out) {
  Bytes bytes{};
  size_t size = 0;
  std::optional<size_t> gap;  // where the "::" is
  if (Consume("::", &s)) gap = 0;
  while (!s.empty()) {
    if (size == bytes.size()) return false;
    std::string_view rest = s;
    const std::optional<unsigned> group = ConsumeNumber(16, 4, &rest);
    if (!group.has_value()) return false;
    if (rest.starts_with('.')) {
      if (size > kV4Offset || (!gap.has_value() && size != kV4Offset) ||
          !ParseIPv4(s, &bytes[size])) {
        return false;
      }
      size += 4;
      break;
    }
    s = rest;
    bytes[size++] = static_cast<uint8_t>(*group >> 8);
    bytes[size++] = static_cast<uint8_t>(*group);
    if (s.empty()) break;
    if (!Consume(":", &s) || s.empty()) return false;
    if (Consume(":", &s)) {
      if (gap.has_value()) return false;
      gap = size;
    }
  }
  if (gap.has_value() == (size == bytes.size())) return false;
  if (gap.has_value()) {
    std::rotate(bytes.begin() + *gap, bytes.begin() + size, bytes.end());
  }
  *out = bytes;
  return true;
}

unsigned Group(const Bytes& bytes, int i) {
  return unsigned{bytes[2 * i]} << 8 | bytes[2 * i + 1];
}

void AppendNumber(unsigned value, int base, std::string* out) {
  char buf[16];
  out->append(buf, std::to_chars(buf, buf + sizeof(buf), value, base).ptr);
}

// RFC 5952: the longest run of two or more zero groups, the first of equals,
// becomes "::".
std::string PrintIPv6(const Bytes& bytes) {
  int run = 0, run_length = 1;
  for (int i = 0; i < 8; ++i) {
    int end = i;
    while (end < 8 && Group(bytes, end) == 0) ++end;
    if (end - i > run_length) {
      run = i;
      run_length = end - i;
    }
  }
  std::string out;
  for (int i = 0; i < 8; ++i) {
    if (run_length > 1 && i == run) {
      out += "::";
      i += run_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    AppendNumber(Group(bytes, i), 16, &out);
  }
  return out;
}

}  // namespace

bool IP::IsV4() const {
  return size_ != 0 && std::equal(bytes_.begin(), bytes_.begin() + kV4Offset,
                                  kV4Mapped.begin());
}

IP IP::To4() const {
  return IsV4() ? FromBytes(std::span(bytes_).last(4)) : IP();
}

IP IP::To16() const { return empty() ? IP() : FromBytes(bytes_); }

bool IP::IsUnspecified() const {
  return size_ != 0 && (bytes_ == Bytes{} || bytes_ == kV4Mapped);
}

bool IP::IsLoopback() const {
  if (IsV4()) return bytes_[kV4Offset] == 127;
  return *this == IPv6loopback;
}

bool IP::IsPrivate() const {
  if (IsV4()) {
    const uint8_t* ip4 = &bytes_[kV4Offset];
    return ip4[0] == 10 || (ip4[0] == 172 && (ip4[1] & 0xf0) == 16) ||
           (ip4[0] == 192 && ip4[1] == 168);
  }
  return (bytes_[0] & 0xfe) == 0xfc;
}

bool IP::IsMulticast() const {
  if (IsV4()) return (bytes_[kV4Offset] & 0xf0) == 0xe0;
  return bytes_[0] == 0xff;
}

bool IP::IsInterfaceLocalMulticast() const {
  return bytes_[0] == 0xff && (bytes_[1] & 0x0f) == 0x01;
}

bool IP::IsLinkLocalMulticast() const {
  if (IsV4()) {
    const uint8_t* ip4 = &bytes_[kV4Offset];
    return ip4[0] == 224 && ip4[1] == 0 && ip4[2] == 0;
  }
  return bytes_[0] == 0xff && (bytes_[1] & 0x0f) == 0x02;
}

bool IP::IsLinkLocalUnicast() const {
  if (IsV4()) return bytes_[kV4Offset] == 169 && bytes_[kV4Offset + 1] == 254;
  return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

bool IP::IsGlobalUnicast() const {
  return !empty() && *this != IPv4bcast && !IsUnspecified() && !IsLoopback() &&
         !IsMulticast() && !IsLinkLocalUnicast();
}

IPMask IP::DefaultMask() const {
  if (!IsV4()) return IPMask();
  const uint8_t first = bytes_[kV4Offset];
  return CIDRMask(first < 0x80 ? 8 : first < 0xc0 ? 16 : 24, 32);
}

// Go: ip.go:IP.Mask.
IP IP::Mask(const IPMask& mask) const {
  std::span<const uint8_t> bits = mask.bytes();
  std::span<const uint8_t> ip = bytes();
  if (bits.size() == 16 && ip.size() == 4 &&
      std::all_of(bits.begin(), bits.begin() + kV4Offset,
                  [](uint8_t b) { return b == 0xff; })) {
    bits = bits.last(4);
  }
  if (bits.size() == 4 && ip.size() == 16 && IsV4()) ip = ip.last(4);
  if (bits.size() != ip.size()) return IP();
  Bytes masked;
  for (size_t i = 0; i < ip.size(); ++i) masked[i] = ip[i] & bits[i];
  return FromBytes(std::span(masked).first(ip.size()));
}

std::string IP::String() const {
  if (empty()) return "<nil>";
  if (!IsV4()) return PrintIPv6(bytes_);
  std::string out;
  for (size_t i = kV4Offset; i < bytes_.size(); ++i) {
    if (!out.empty()) out += '.';
    AppendNumber(bytes_[i], 10, &out);
  }
  return out;
}

IP ParseIP(std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    Bytes bytes;
    return ParseIPv6(text, &bytes) ? IP::FromBytes(bytes) : IP();
  }
  std::array<uint8_t, 4> bytes;
  return ParseIPv4(text, bytes.data()) ? IP::FromBytes(bytes) : IP();
}

}  // namespace parkour::net
