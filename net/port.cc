// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "parkour/base/error.h"
#include "parkour/net/addr.h"
#include "parkour/net/dnserror.h"
#include "parkour/net/services.h"

namespace parkour::net {
namespace {

bool Consume(char c, std::string_view* s) {
  if (!s->starts_with(c)) return false;
  s->remove_prefix(1);
  return true;
}

// Go: lookup.go:Resolver.LookupPort, lookupPortMap.
absl::StatusOr<int> LookupService(std::string_view network,
                                  std::string_view name) {
  std::string_view protocol = network;
  if (network.empty()) protocol = "ip";
  if (network == "tcp4" || network == "tcp6") protocol = "tcp";
  if (network == "udp4" || network == "udp6") protocol = "udp";
  if (protocol != "tcp" && protocol != "udp" && protocol != "ip") {
    return base::ErrAddr(network, "unknown network");
  }
  for (const std::string_view each : {"tcp", "udp"}) {
    if (protocol != "ip" && protocol != each) continue;
    if (const std::optional<int> port = SystemServices().Find(each, name)) {
      return *port;
    }
  }
  std::string qualified(protocol);
  qualified += '/';
  qualified += name;
  return ErrUnknownPort(qualified);
}

}  // namespace

// Go: port.go:parsePort, lookup.go:Resolver.LookupPort.
absl::StatusOr<int> ParsePort(std::string_view network,
                              std::string_view service) {
  // Large enough to be no port, small enough never to overflow: from here on
  // further digits do not matter, nor what follows them.
  constexpr int64_t kSaturated = int64_t{1} << 30;
  std::string_view digits = service;
  const bool negative = Consume('-', &digits);
  if (!negative) Consume('+', &digits);
  int64_t port = 0;
  for (const char c : digits) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return LookupService(network, service);
    }
    if (port >= kSaturated) break;
    port = port * 10 + (c - '0');
  }
  if (negative) port = -port;
  if (port < 0 || port > 65535) return base::ErrAddr(service, "invalid port");
  return static_cast<int>(port);
}

}  // namespace parkour::net
