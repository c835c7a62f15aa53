// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// addrlist.h: the addresses that a Dial or a Listen has to do with.
//
// See: Go: src/net/ipsock.go, dial.go (resolveAddrList)

#ifndef PARKOUR_NET_ADDRLIST_H_
#define PARKOUR_NET_ADDRLIST_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "parkour/context/context.h"
#include "parkour/net/addr.h"
#include "parkour/net/resolver.h"

namespace parkour::net {

using AddrList = std::vector<Addr>;  // never empty if it is a result

bool IsTCP(std::string_view network);   // with 4 or 6 or nothing
bool IsUDP(std::string_view network);   // the same
bool IsUnix(std::string_view network);  // unix, unixgram, unixpacket

// The address, none for unix; whether it is IPv4, v4-mapped included.
IP IPOf(const Addr& addr);
bool IsIPv4(const Addr& addr);

// The first IPv4 address, or the first that is not; else the first of all.
const Addr& FirstIPv4(const AddrList& list);
const Addr& FirstNotIPv4(const AddrList& list);

struct Halves {
  AddrList primaries;  // of the first one's kind
  AddrList fallbacks;
};
// By family. Go: addrList.partition.
Halves PartitionByFamily(const AddrList& list);

// What "host:port" stands for on a TCP or UDP network. An empty `address` or
// host gives one entry without ip; "::" also 0.0.0.0, for hosts with half of
// IPv6. 4 and 6 filter the result.
absl::StatusOr<AddrList> InternetAddrList(const Resolver& resolver,
                                          const context::Context& ctx,
                                          std::string_view network,
                                          std::string_view address);

// The same for every network. With `dial`, an empty address is an error
// ("missing address"), and what does not go with the local address `hint`, if
// there is one, is left out or an error.
absl::StatusOr<AddrList> ResolveAddrList(const Resolver& resolver,
                                         const context::Context& ctx, bool dial,
                                         std::string_view network,
                                         std::string_view address,
                                         const Addr& hint);

}  // namespace parkour::net

#endif  // PARKOUR_NET_ADDRLIST_H_
