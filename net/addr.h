// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// addr.h: network addresses: parsing, printing, the kernel's form.
//
//   net::TCPAddr addr{.ip = net::ParseIP("::1"), .port = 80};
//   std::string text = addr.String();              // [::1]:80
//   auto list = net::ResolveTCPAddrs("tcp", "localhost:http");
//   if (list.ok()) Use(list->front());             // 127.0.0.1:80
//   absl::Status err = net::SplitHostPort("127.0.0.1").status();
//       // address 127.0.0.1: missing port in address
//
// The parts:
//   IP, ParseIP                    an IPv4 or IPv6 address
//   TCPAddr, Addr                  an end point; any end point
//   SplitHostPort, JoinHostPort    "host:port" and "[host]:port"
//   ParsePort, ResolveTCPAddrs     numbers and well-known names
//
// Guarantees: texts, of addresses and of errors, are Go's; what String prints
//             parses back to an equal value. Any bytes may be passed in; an
//             error's text repeats them as they are.
// Blocking:   no goroutine parks. A zone ("%eth0") costs a short system call
//             when it crosses into the kernel's form or out of it.
// Lifetime:   values; thread-safe as an int is.
// See:        Go: src/net/ip.go, ipsock.go, tcpsock.go, port.go;
//             RFC 4291, RFC 5952

#ifndef PARKOUR_NET_ADDR_H_
#define PARKOUR_NET_ADDR_H_

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace parkour::net {

// An IP address: 4 bytes, 16 bytes, or none (Go's nil). 1.2.3.4 and the IPv6
// address ::ffff:1.2.3.4 ("v4-mapped") are one address in two sizes: they are
// equal and print alike.
class IP {
 public:
  IP() = default;  // none

  // In network byte order; any other length than 4 and 16 gives none.
  static IP FromBytes(std::span<const uint8_t> bytes);

  // The 4 or 16 bytes in network byte order, empty for none. Valid as long as
  // this object.
  std::span<const uint8_t> bytes() const;
  bool empty() const { return size_ == 0; }

  // The address in 4 bytes, none if it has no such form; in 16 bytes.
  IP To4() const;
  IP To16() const;

  bool IsLoopback() const;     // 127.0.0.0/8, ::1
  bool IsUnspecified() const;  // 0.0.0.0, ::

  // "1.2.3.4", also if v4-mapped; RFC 5952 otherwise: "2001:db8::1". None is
  // "<nil>".
  std::string String() const;

  friend bool operator==(const IP& a, const IP& b) {
    return a.empty() == b.empty() && a.bytes_ == b.bytes_;
  }

 private:
  bool IsV4() const;

  std::array<uint8_t, 16> bytes_{};  // v4-mapped if size_ is 4; 0 if none
  uint8_t size_ = 0;                 // 0, 4 or 16
};

// a.b.c.d, in 4 bytes.
IP IPv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);

// Parses "192.0.2.1" (4 bytes), "2001:db8::1" or "::ffff:192.0.2.1" (16 bytes);
// none if `text` is anything else. Octets have no leading zeros: some programs
// take 010 for 8, others for 10. No zone.
IP ParseIP(std::string_view text);

// An end point of TCP. No ip means all addresses, or the local host.
struct TCPAddr {
  IP ip{};
  int port = 0;
  std::string zone{};  // IPv6 scope: an interface's name or number

  std::string Network() const { return "tcp"; }
  // "127.0.0.1:80", "[::1]:80", "[fe80::1%eth0]:80", ":80" without ip.
  std::string String() const;

  friend bool operator==(const TCPAddr&, const TCPAddr&) = default;
};

// Any network's address: Go's net.Addr. Cheap to copy: copies share one
// immutable value, which lives as long as the last of them.
class Addr {
 public:
  Addr() = default;   // nil
  Addr(TCPAddr addr)  // NOLINT: Go converts implicitly, too
      : value_(std::make_shared<const Value>(std::move(addr))) {}

  // "tcp"; empty for nil.
  std::string Network() const;
  // As the address's own String; "<nil>" for nil.
  std::string String() const;

  bool IsNil() const { return value_ == nullptr; }

  // The TCP address, null if it is none. Valid as long as a copy of this.
  const TCPAddr* tcp() const {
    return value_ == nullptr ? nullptr : std::get_if<TCPAddr>(value_.get());
  }

  // By value: the same kind with the same content.
  friend bool operator==(const Addr& a, const Addr& b);

 private:
  using Value = std::variant<TCPAddr>;  // the other networks' types join here

  std::shared_ptr<const Value> value_;  // constant; null = nil
};

// Writes `addr` for a socket of `family` (AF_INET or AF_INET6) and returns the
// length. IPv4 goes v4-mapped into AF_INET6. The wildcards are the family's
// own: no ip, and 0.0.0.0 in AF_INET6, become "::". An unknown zone becomes 0.
// Returns 0 if the address has no form in `family` or the port is out of range.
socklen_t ToSockaddr(const TCPAddr& addr, int family, sockaddr_storage* out);

// The reverse; v4-mapped comes back as 4 bytes. Null and other families give an
// empty TCPAddr. REQUIRES: `addr` is as long as its family says.
TCPAddr FromSockaddr(const sockaddr* addr);

struct HostPort {
  std::string host;
  std::string port;
};

// Splits "host:port", "[host]:port", "[host%zone]:port" at the last colon;
// either side may be empty. Errors, all kInvalidArgument, "address A: ...":
// "missing port in address", "too many colons in address", "missing ']' in
// address", "unexpected '[' in address", "unexpected ']' in address".
absl::StatusOr<HostPort> SplitHostPort(std::string_view address);

// "host:port", with brackets if the host contains a colon.
std::string JoinHostPort(std::string_view host, std::string_view port);

// A port number from a decimal or a well-known service name ("http", in any
// case); empty is 0. Errors: "address 99999: invalid port" (kInvalidArgument),
// "lookup tcp/foo: unknown port" (kNotFound), "address X: unknown network".
absl::StatusOr<int> ParsePort(std::string_view network,
                              std::string_view service);

// What "host:port" stands for on "tcp", "tcp4" or "tcp6"; never empty. An
// empty `address` or host gives one entry without ip; a literal gives itself,
// and "::" also 0.0.0.0, for hosts with half of IPv6; "localhost" both
// loopbacks. 4 and 6 filter the result.
// Errors: those of SplitHostPort and ParsePort, "unknown network X", "address
// A: no suitable address found" (kInvalidArgument), "lookup NAME: no such host"
// (kNotFound), for every other name.
absl::StatusOr<std::vector<TCPAddr>> ResolveTCPAddrs(std::string_view network,
                                                     std::string_view address);

}  // namespace parkour::net

#endif  // PARKOUR_NET_ADDR_H_
