// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// ipaddr.h: an address with the interface it is reached by.
//
//   net::IPAddr addr = net::ParseIPZone("fe80:0::1%eth0");
//   if (!addr.ip.empty()) Use(addr.String());      // fe80::1%eth0
//
// See: Go: src/net/iprawsock.go (IPAddr), ip.go (parseIPZone)

#ifndef PARKOUR_NET_IPADDR_H_
#define PARKOUR_NET_IPADDR_H_

#include <string>
#include <string_view>

#include "parkour/net/ip.h"

namespace parkour::net {

// A host's address. Go: net.IPAddr.
struct IPAddr {
  IP ip{};
  std::string zone{};  // IPv6 scope: an interface's name or number

  std::string Network() const { return "ip"; }
  // "192.0.2.1", "fe80::1%eth0"; empty without ip and zone.
  std::string String() const;

  friend bool operator==(const IPAddr&, const IPAddr&) = default;
};

// "address" or "address%zone"; ip is none if it is neither. Zones belong to
// IPv6.
IPAddr ParseIPZone(std::string_view text);

}  // namespace parkour::net

#endif  // PARKOUR_NET_IPADDR_H_
