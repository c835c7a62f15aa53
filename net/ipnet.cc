// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Masks and networks.

#include <algorithm>
#include <bit>
#include <charconv>
#include <utility>

#include "absl/status/status.h"
#include "parkour/net/ip.h"

namespace parkour::net {
namespace {

struct Parts {
  IP number;  // 4 bytes if it has them
  IPMask mask;
};

// A network's two halves in one size; none if they do not fit.
// Go: ip.go:networkNumberAndMask.
Parts NumberAndMask(const IPNet& net) {
  IP ip = net.ip.To4();
  if (ip.empty()) ip = net.ip;
  IPMask mask = net.mask;
  if (mask.bytes().size() == 16 && ip.bytes().size() == 4) {
    mask = IPMask::FromBytes(mask.bytes().last(4));
  }
  if (ip.empty() || mask.bytes().size() != ip.bytes().size()) return {};
  return {ip, mask};
}

// The number that `text` is, at most `max`; -1 for anything else.
int ParseLength(std::string_view text, int max) {
  int value = -1;
  const char* const end = text.data() + text.size();
  if (text.starts_with('-')) return -1;
  const auto [ptr, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && ptr == end && value <= max ? value : -1;
}

}  // namespace

IPMask IPMask::FromBytes(std::span<const uint8_t> bytes) {
  IPMask mask;
  if (bytes.size() != 4 && bytes.size() != 16) return mask;
  mask.size_ = static_cast<uint8_t>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), mask.bytes_.begin());
  return mask;
}

IPMask::Lengths IPMask::Size() const {
  const int bits = 8 * size_;
  int ones = 0;
  while (ones < bits && bytes_[ones / 8] == 0xff) ones += 8;
  if (ones < bits) ones += std::countl_one(bytes_[ones / 8]);
  if (*this != CIDRMask(ones, bits)) return {0, 0};
  return {ones, bits};
}

std::string IPMask::String() const {
  if (empty()) return "<nil>";
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes()) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xf];
  }
  return out;
}

IPMask IPv4Mask(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  return IPMask::FromBytes(std::array{a, b, c, d});
}

IPMask CIDRMask(int ones, int bits) {
  if ((bits != 32 && bits != 128) || ones < 0 || ones > bits) return IPMask();
  std::array<uint8_t, 16> bytes{};
  const auto whole = bytes.begin() + ones / 8;
  std::fill(bytes.begin(), whole, uint8_t{0xff});
  if (ones % 8 != 0) *whole = static_cast<uint8_t>(0xff << (8 - ones % 8));
  return IPMask::FromBytes(std::span(bytes).first(bits / 8));
}

bool IPNet::Contains(const IP& other) const {
  const Parts parts = NumberAndMask(*this);
  const IP v4 = other.To4();
  const IP& ip = v4.empty() ? other : v4;
  const std::span<const uint8_t> a = ip.bytes();
  const std::span<const uint8_t> b = parts.number.bytes();
  if (a.empty() || a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (((a[i] ^ b[i]) & parts.mask.bytes()[i]) != 0) return false;
  }
  return true;
}

std::string IPNet::String() const {
  const auto [number, bits] = NumberAndMask(*this);
  if (number.empty()) return "<nil>";
  const IPMask::Lengths lengths = bits.Size();
  std::string out = number.String();
  out += '/';
  out += lengths.bits == 0 ? bits.String() : std::to_string(lengths.ones);
  return out;
}

// Go: ip.go:ParseCIDR.
absl::StatusOr<CIDR> ParseCIDR(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const IP ip = ParseIP(text.substr(0, slash));
    const int bits = 8 * static_cast<int>(ip.bytes().size());
    const int ones = ParseLength(text.substr(slash + 1), bits);
    if (bits != 0 && ones >= 0) {
      const IPMask mask = CIDRMask(ones, bits);
      return CIDR{ip, {ip.Mask(mask), mask}};
    }
  }
  std::string error = "invalid CIDR address: ";
  error += text;
  return absl::InvalidArgumentError(error);
}

}  // namespace parkour::net
