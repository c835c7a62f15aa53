// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/resolve.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "parkour/base/error.h"

namespace parkour::net {
namespace {

absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }

// Go: net.go:DNSError.Error.
absl::Status LookupError(std::string_view name, std::string_view why) {
  std::string text = "lookup ";
  text += name;
  text += ": ";
  text += why;
  return absl::NotFoundError(text);
}

// "address%zone" as an address without port; ip is none if it is not one.
TCPAddr ParseIPZone(std::string_view host) {
  const size_t percent = host.find('%');
  if (percent == std::string_view::npos) return {.ip = ParseIP(host)};
  const std::string_view address = host.substr(0, percent);
  const std::string_view zone = host.substr(percent + 1);
  if (zone.empty() || address.find(':') == std::string_view::npos) return {};
  return {.ip = ParseIP(address), .zone = std::string(zone)};
}

bool IsLocalhost(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return absl::EqualsIgnoreCase(ToAbsl(host), "localhost");
}

// Everything that `host` stands for, without ports; empty = no such host.
std::vector<TCPAddr> LookupHost(std::string_view host) {
  if (IsLocalhost(host)) {
    return {{.ip = IPv4(127, 0, 0, 1)}, {.ip = ParseIP("::1")}};
  }
  TCPAddr literal = ParseIPZone(host);
  if (literal.ip.empty()) return {};
  const bool any = literal.ip == ParseIP("::");
  std::vector<TCPAddr> addrs = {std::move(literal)};
  // Go: ipsock.go:internetAddrList. A host may be able to listen on "::" and
  // still not to connect to it.
  if (any) addrs.push_back({.ip = IPv4(0, 0, 0, 0)});
  return addrs;
}

}  // namespace

// Go: ipsock.go:Resolver.internetAddrList, filterAddrList.
absl::StatusOr<std::vector<TCPAddr>> ResolveTCPAddrs(std::string_view network,
                                                     std::string_view address) {
  if (network != "tcp" && network != "tcp4" && network != "tcp6") {
    return base::ErrUnknownNetwork(network);
  }
  std::string host;
  int port = 0;
  if (!address.empty()) {
    absl::StatusOr<HostPort> split = SplitHostPort(address);
    if (!split.ok()) return split.status();
    absl::StatusOr<int> number = ParsePort(network, split->port);
    if (!number.ok()) return number.status();
    host = std::move(split->host);
    port = *number;
  }
  if (host.empty()) return std::vector<TCPAddr>{{.port = port}};

  std::vector<TCPAddr> addrs = LookupHost(host);
  if (addrs.empty()) return LookupError(host, "no such host");
  if (network != "tcp") {
    const bool want_v4 = network == "tcp4";
    std::erase_if(addrs, [want_v4](const TCPAddr& addr) {
      return addr.ip.To4().empty() == want_v4;
    });
  }
  if (addrs.empty()) return base::ErrAddr(host, "no suitable address found");
  for (TCPAddr& addr : addrs) addr.port = port;
  return addrs;
}

}  // namespace parkour::net
