// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// addr.h: the addresses of end points: parsing and printing.
//
//   net::TCPAddr addr{.ip = net::IPv6loopback, .port = 80};
//   std::string text = addr.String();              // [::1]:80
//   auto split = net::SplitHostPort("localhost:http");
//   if (split.ok()) Use(split->host, *net::ParsePort("tcp", split->port));
//   absl::Status err = net::SplitHostPort("127.0.0.1").status();
//       // address 127.0.0.1: missing port in address
//
// The parts:
//   TCPAddr, UDPAddr, UnixAddr     an end point
//   Addr                           any of them
//   SplitHostPort, JoinHostPort    "host:port" and "[host]:port"
//   ParsePort                      a number or a well-known name
//
// Guarantees: texts, of addresses and of errors, are Go's; what String prints
//             parses back to an equal value. Any bytes may be passed in; an
//             error's text repeats them as they are.
// Blocking:   no goroutine parks. The first port by name reads /etc/services.
// Lifetime:   values; thread-safe as an int is.
// See:        Go: src/net/ip.go, ipsock.go, tcpsock.go, port.go;
//             RFC 4291, RFC 5952

#ifndef PARKOUR_NET_ADDR_H_
#define PARKOUR_NET_ADDR_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "parkour/net/ip.h"

namespace parkour::net {

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

// An end point of UDP, as a TCPAddr otherwise.
struct UDPAddr {
  IP ip{};
  int port = 0;
  std::string zone{};

  std::string Network() const { return "udp"; }
  std::string String() const;

  friend bool operator==(const UDPAddr&, const UDPAddr&) = default;
};

// An end point on this machine: a path in the file system, or, with a '@' at
// its start, a name in a space of its own (Linux's abstract sockets). A socket
// that was not given a name has "@".
struct UnixAddr {
  std::string name{};
  std::string net = "unix";  // "unix", "unixgram" or "unixpacket"

  std::string Network() const { return net; }
  std::string String() const { return name; }

  friend bool operator==(const UnixAddr&, const UnixAddr&) = default;
};

// Any network's address: Go's net.Addr. Cheap to copy: copies share one
// immutable value, which lives as long as the last of them.
class Addr {
 public:
  Addr() = default;                                       // nil
  Addr(TCPAddr addr) : value_(Make(std::move(addr))) {}   // NOLINT: as Go does
  Addr(UDPAddr addr) : value_(Make(std::move(addr))) {}   // NOLINT
  Addr(UnixAddr addr) : value_(Make(std::move(addr))) {}  // NOLINT

  // "tcp", "udp", "unix" ...; empty for nil.
  std::string Network() const;
  // As the address's own String; "<nil>" for nil.
  std::string String() const;

  bool IsNil() const { return value_ == nullptr; }

  // The address of that kind, null if it is another. Valid as long as a copy of
  // this. (`unix` alone is a macro in GNU C++.)
  const TCPAddr* tcp() const { return As<TCPAddr>(); }
  const UDPAddr* udp() const { return As<UDPAddr>(); }
  const UnixAddr* unix_addr() const { return As<UnixAddr>(); }

  // By value: the same kind with the same content.
  friend bool operator==(const Addr& a, const Addr& b);

 private:
  using Value = std::variant<TCPAddr, UDPAddr, UnixAddr>;

  template <typename T>
  static std::shared_ptr<const Value> Make(T addr) {
    return std::make_shared<const Value>(std::move(addr));
  }
  template <typename T>
  const T* As() const {
    return value_ == nullptr ? nullptr : std::get_if<T>(value_.get());
  }

  std::shared_ptr<const Value> value_;  // constant; null = nil
};

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

// A port number from a decimal or a service name ("http", in any case) that is
// well known or in /etc/services; empty is 0. Errors: "address 99999: invalid
// port" (kInvalidArgument), "lookup tcp/foo: unknown port" (kNotFound),
// "address X: unknown network".
absl::StatusOr<int> ParsePort(std::string_view network,
                              std::string_view service);

}  // namespace parkour::net

#endif  // PARKOUR_NET_ADDR_H_
