// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/addrlist.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "parkour/base/error.h"

namespace parkour::net {
namespace {

// Nothing, or all of a family: goes with anything.
bool IsWildcard(const IP& ip) { return ip.empty() || ip.IsUnspecified(); }

bool SameFamily(const IP& a, const IP& b) {
  return a.To4().empty() == b.To4().empty();
}

template <typename F>
const Addr& FirstOr(const AddrList& list, F pred) {
  const auto it = std::find_if(list.begin(), list.end(), pred);
  return it != list.end() ? *it : list.front();
}

absl::StatusOr<Addr> ResolveInet(std::string_view network,
                                 std::string_view address) {
  absl::StatusOr<AddrList> list =
      InternetAddrList(Resolver(), context::Background(), network, address);
  if (!list.ok()) return list.status();
  // Go: ipsock.go:addrList.forResolve. Who writes brackets means IPv6.
  const bool want6 = (network == "tcp" || network == "udp") &&
                     address.find('[') != std::string_view::npos;
  return want6 ? FirstNotIPv4(*list) : FirstIPv4(*list);
}

}  // namespace

bool IsTCP(std::string_view network) {
  return network == "tcp" || network == "tcp4" || network == "tcp6";
}

bool IsUDP(std::string_view network) {
  return network == "udp" || network == "udp4" || network == "udp6";
}

bool IsUnix(std::string_view network) {
  return network == "unix" || network == "unixgram" || network == "unixpacket";
}

IP IPOf(const Addr& addr) {
  if (addr.tcp() != nullptr) return addr.tcp()->ip;
  if (addr.udp() != nullptr) return addr.udp()->ip;
  return IP();
}

bool IsIPv4(const Addr& addr) { return !IPOf(addr).To4().empty(); }

const Addr& FirstIPv4(const AddrList& list) { return FirstOr(list, IsIPv4); }

const Addr& FirstNotIPv4(const AddrList& list) {
  return FirstOr(list, [](const Addr& a) { return !IsIPv4(a); });
}

Halves PartitionByFamily(const AddrList& list) {
  Halves halves;
  for (const Addr& addr : list) {
    const bool primary = IsIPv4(addr) == IsIPv4(list.front());
    (primary ? halves.primaries : halves.fallbacks).push_back(addr);
  }
  return halves;
}

// Go: ipsock.go:Resolver.internetAddrList, filterAddrList.
absl::StatusOr<AddrList> InternetAddrList(const Resolver& resolver,
                                          const context::Context& ctx,
                                          std::string_view network,
                                          std::string_view address) {
  if (!IsTCP(network) && !IsUDP(network)) {
    return base::ErrUnknownNetwork(network);
  }
  std::string host;
  int port = 0;
  if (!address.empty()) {
    absl::StatusOr<HostPort> split = SplitHostPort(address);
    if (!split.ok()) return split.status();
    absl::StatusOr<int> number = resolver.LookupPort(ctx, network, split->port);
    if (!number.ok()) return number.status();
    host = std::move(split->host);
    port = *number;
  }
  std::vector<IPAddr> ips = {IPAddr{}};
  if (!host.empty()) {
    absl::StatusOr<std::vector<IPAddr>> found =
        resolver.LookupIPAddr(ctx, network, host);
    if (!found.ok()) return found.status();
    ips = *std::move(found);
    // A host may be able to listen on "::" and still not to connect to it.
    if (ips.size() == 1 && ips.front().ip == IPv6unspecified) {
      ips.push_back({.ip = IPv4zero});
    }
    if (network.size() == 4) {
      const bool want4 = network.back() == '4';
      std::erase_if(ips, [want4](const IPAddr& addr) {
        return addr.ip.To4().empty() == want4;
      });
    }
    if (ips.empty()) return base::ErrAddr(host, "no suitable address found");
  }
  AddrList list;
  for (IPAddr& addr : ips) {
    if (IsTCP(network)) {
      list.push_back(TCPAddr{addr.ip, port, std::move(addr.zone)});
    } else {
      list.push_back(UDPAddr{addr.ip, port, std::move(addr.zone)});
    }
  }
  return list;
}

// Go: dial.go:Resolver.resolveAddrList.
absl::StatusOr<AddrList> ResolveAddrList(const Resolver& resolver,
                                         const context::Context& ctx, bool dial,
                                         std::string_view network,
                                         std::string_view address,
                                         const Addr& hint) {
  if (!IsTCP(network) && !IsUDP(network) && !IsUnix(network)) {
    return base::ErrUnknownNetwork(network);
  }
  if (dial && address.empty()) {
    return base::ErrMissingAddress();
  }
  const auto mismatched = [&hint] {
    return base::ErrAddr(hint.String(), "mismatched local address type");
  };
  const bool hinted = dial && !hint.IsNil();
  if (IsUnix(network)) {
    AddrList list = {UnixAddr{std::string(address), std::string(network)}};
    if (hinted && hint.Network() != list.front().Network()) {
      return mismatched();
    }
    return list;
  }
  absl::StatusOr<AddrList> list =
      InternetAddrList(resolver, ctx, network, address);
  if (!list.ok() || !hinted) return list;
  if (list->front().Network() != hint.Network()) return mismatched();
  const IP local = IPOf(hint);
  std::erase_if(*list, [&local](const Addr& addr) {
    const IP ip = IPOf(addr);
    return !IsWildcard(local) && !IsWildcard(ip) && !SameFamily(ip, local);
  });
  if (list->empty()) {
    return base::ErrAddr(hint.String(), "no suitable address found");
  }
  return list;
}

// Go: tcpsock.go:ResolveTCPAddr: the empty name is an old spelling of tcp.
absl::StatusOr<TCPAddr> ResolveTCPAddr(std::string_view network,
                                       std::string_view address) {
  if (network.empty()) network = "tcp";
  if (!IsTCP(network)) return base::ErrUnknownNetwork(network);
  absl::StatusOr<Addr> addr = ResolveInet(network, address);
  if (!addr.ok()) return addr.status();
  return *addr->tcp();
}

absl::StatusOr<UDPAddr> ResolveUDPAddr(std::string_view network,
                                       std::string_view address) {
  if (network.empty()) network = "udp";
  if (!IsUDP(network)) return base::ErrUnknownNetwork(network);
  absl::StatusOr<Addr> addr = ResolveInet(network, address);
  if (!addr.ok()) return addr.status();
  return *addr->udp();
}

absl::StatusOr<UnixAddr> ResolveUnixAddr(std::string_view network,
                                         std::string_view address) {
  if (!IsUnix(network)) return base::ErrUnknownNetwork(network);
  return UnixAddr{std::string(address), std::string(network)};
}

}  // namespace parkour::net
