// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// addrselect.h: which of a host's addresses to try first.
//
// See: RFC 6724; Go: src/net/addrselect.go

#ifndef PARKOUR_NET_ADDRSELECT_H_
#define PARKOUR_NET_ADDRSELECT_H_

#include <cstdint>
#include <span>
#include <vector>

#include "parkour/net/ipaddr.h"

namespace parkour::net {

// Sorts by RFC 6724. Asks the kernel for the source address of each, which
// takes three short system calls and sends nothing.
void SortByRFC6724(std::vector<IPAddr>* addrs);

namespace internal {

// The same, with the source addresses given; none: cannot be reached.
void SortByRFC6724(std::vector<IPAddr>* addrs, std::vector<IP> sources);

// What the RFC's policy table says about an address.
struct Policy {
  IPNet prefix;
  uint8_t precedence;
  uint8_t label;
};
std::span<const Policy> PolicyTable();  // the longest prefixes first
const Policy& Classify(const IP& ip);

enum class Scope : uint8_t {
  kInterfaceLocal = 0x1,
  kLinkLocal = 0x2,
  kAdminLocal = 0x4,
  kSiteLocal = 0x5,
  kOrgLocal = 0x8,
  kGlobal = 0xe,
};
Scope ClassifyScope(const IP& ip);

// How many bits the two begin with in common; of IPv6 only the network's 64
// count. 0 for addresses of two families.
int CommonPrefixLength(const IP& a, const IP& b);

}  // namespace internal
}  // namespace parkour::net

#endif  // PARKOUR_NET_ADDRSELECT_H_
