// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// ip.h: IP addresses, masks and networks.
//
//   net::IP ip = net::ParseIP("192.0.2.7");
//   if (ip.IsPrivate()) Skip(ip);
//   auto cidr = net::ParseCIDR("192.0.2.0/24");
//   if (cidr.ok() && cidr->net.Contains(ip)) Use(ip.String());
//   absl::Status err = net::ParseCIDR("192.0.2.0").status();
//       // invalid CIDR address: 192.0.2.0
//
// The parts:
//   IP, IPv4, ParseIP             an IPv4 or IPv6 address
//   IPMask, IPv4Mask, CIDRMask    which of its bits name the network
//   IPNet, ParseCIDR              a network: an address and its mask
//
// Guarantees: texts, of addresses and of errors, are Go's; what IP::String
//             prints parses back to an equal value. Any bytes may be parsed;
//             an error's text repeats them as they are.
// Blocking:   no.
// Lifetime:   values; thread-safe as an int is.
// See:        Go: src/net/ip.go; RFC 4291, RFC 4632, RFC 5952

#ifndef PARKOUR_NET_IP_H_
#define PARKOUR_NET_IP_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace parkour::net {

class IPMask;

// An IP address: 4 bytes, 16 bytes, or none (Go's nil). 1.2.3.4 and the IPv6
// address ::ffff:1.2.3.4 ("v4-mapped") are one address in two sizes: they are
// equal and print alike.
class IP {
 public:
  constexpr IP() = default;  // none

  // In network byte order; any other length than 4 and 16 gives none.
  static constexpr IP FromBytes(std::span<const uint8_t> bytes) {
    IP ip;
    if (bytes.size() != 4 && bytes.size() != 16) return ip;
    ip.size_ = static_cast<uint8_t>(bytes.size());
    if (bytes.size() == 4) ip.bytes_ = kV4Mapped;
    std::copy(bytes.begin(), bytes.end(), ip.bytes_.end() - bytes.size());
    return ip;
  }

  // The 4 or 16 bytes in network byte order, empty for none. Valid as long as
  // this object.
  std::span<const uint8_t> bytes() const {
    return std::span(bytes_).last(size_);
  }
  bool empty() const { return size_ == 0; }

  // The address in 4 bytes, none if it has no such form; in 16 bytes.
  IP To4() const;
  IP To16() const;

  // All false for none. Go's names and ranges.
  bool IsUnspecified() const;              // 0.0.0.0, ::
  bool IsLoopback() const;                 // 127.0.0.0/8, ::1
  bool IsPrivate() const;                  // RFC 1918, fc00::/7
  bool IsMulticast() const;                // 224.0.0.0/4, ff00::/8
  bool IsInterfaceLocalMulticast() const;  // ff01::/16 and its kin
  bool IsLinkLocalMulticast() const;       // 224.0.0.0/24, ff02::/16 ...
  bool IsLinkLocalUnicast() const;         // 169.254.0.0/16, fe80::/10
  // Whatever is none of the other kinds, private addresses included.
  bool IsGlobalUnicast() const;

  // The mask that went with it before CIDR: /8, /16 or /24 by the first byte;
  // none for IPv6.
  IPMask DefaultMask() const;
  // The address with the bits that the mask leaves out set to 0; none if the
  // mask is not of its size. IPv4 may be masked in either size.
  IP Mask(const IPMask& mask) const;

  // "1.2.3.4", also if v4-mapped; RFC 5952 otherwise: "2001:db8::1". None is
  // "<nil>".
  std::string String() const;

  friend bool operator==(const IP& a, const IP& b) {
    return a.empty() == b.empty() && a.bytes_ == b.bytes_;
  }

 private:
  static constexpr std::array<uint8_t, 16> kV4Mapped = {0, 0, 0, 0, 0,    0,
                                                        0, 0, 0, 0, 0xff, 0xff};

  bool IsV4() const;

  std::array<uint8_t, 16> bytes_{};  // v4-mapped if size_ is 4; 0 if none
  uint8_t size_ = 0;                 // 0, 4 or 16
};

// a.b.c.d, in 4 bytes.
constexpr IP IPv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  return IP::FromBytes(std::array{a, b, c, d});
}

// Well-known addresses.
inline constexpr IP IPv4zero = IPv4(0, 0, 0, 0);
inline constexpr IP IPv4bcast = IPv4(255, 255, 255, 255);
inline constexpr IP IPv4allsys = IPv4(224, 0, 0, 1);
inline constexpr IP IPv4allrouter = IPv4(224, 0, 0, 2);
inline constexpr IP IPv6zero = IP::FromBytes(std::array<uint8_t, 16>{});
inline constexpr IP IPv6unspecified = IPv6zero;
inline constexpr IP IPv6loopback = IP::FromBytes(
    std::array<uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

// Parses "192.0.2.1" (4 bytes), "2001:db8::1" or "::ffff:192.0.2.1" (16 bytes);
// none if `text` is anything else. Octets have no leading zeros: some programs
// take 010 for 8, others for 10. No zone.
IP ParseIP(std::string_view text);

// 4 or 16 bytes, or none. The usual ones are ones followed by zeros.
class IPMask {
 public:
  constexpr IPMask() = default;  // none

  // Any other length than 4 and 16 gives none.
  static IPMask FromBytes(std::span<const uint8_t> bytes);

  std::span<const uint8_t> bytes() const {
    return std::span(bytes_).first(size_);
  }
  bool empty() const { return size_ == 0; }

  struct Lengths {
    int ones;
    int bits;
    friend bool operator==(const Lengths&, const Lengths&) = default;
  };
  // How many ones it begins with, and its size in bits; {0, 0} if something
  // else than zeros follows the ones.
  Lengths Size() const;

  // In hexadecimal: "ffffff00"; none is "<nil>".
  std::string String() const;

  friend bool operator==(const IPMask&, const IPMask&) = default;

 private:
  std::array<uint8_t, 16> bytes_{};  // 0 from size_ on
  uint8_t size_ = 0;                 // 0, 4 or 16
};

// a.b.c.d as a mask.
IPMask IPv4Mask(uint8_t a, uint8_t b, uint8_t c, uint8_t d);

// `ones` ones, then zeros, of `bits` bits. None unless bits is 32 or 128 and
// 0 <= ones <= bits.
IPMask CIDRMask(int ones, int bits);

// A network.
struct IPNet {
  IP ip{};        // its number
  IPMask mask{};  // its mask

  // Whether `other` is in it. An IPv4 address is in IPv4 networks only.
  bool Contains(const IP& other) const;

  std::string Network() const { return "ip+net"; }
  // "192.0.2.0/24", "2001:db8::/48"; "198.51.100.0/c000ff00" if the mask is
  // none of CIDR's; "<nil>" if ip and mask do not fit.
  std::string String() const;

  friend bool operator==(const IPNet&, const IPNet&) = default;
};

struct CIDR {
  IP ip;      // the address as written
  IPNet net;  // the network that it is in
};

// Parses "192.0.2.1/24" or "2001:db8::1/32": the address and the network it
// belongs to, here 192.0.2.1 and 192.0.2.0/24. No zone.
// Error: "invalid CIDR address: TEXT" (kInvalidArgument).
absl::StatusOr<CIDR> ParseCIDR(std::string_view text);

}  // namespace parkour::net

#endif  // PARKOUR_NET_IP_H_
