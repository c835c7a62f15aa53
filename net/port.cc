// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "parkour/base/error.h"
#include "parkour/net/addr.h"

namespace parkour::net {
namespace {

absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }

bool Consume(char c, std::string_view* s) {
  if (!s->starts_with(c)) return false;
  s->remove_prefix(1);
  return true;
}

struct Service {
  std::string_view protocol;
  std::string_view name;
  int port;
};

// The names that work without /etc/services (IANA).
constexpr Service kServices[] = {
    {"tcp", "domain", 53},       {"tcp", "ftp", 21},    {"tcp", "ftps", 990},
    {"tcp", "gopher", 70},       {"tcp", "http", 80},   {"tcp", "https", 443},
    {"tcp", "imap2", 143},       {"tcp", "imap3", 220}, {"tcp", "imaps", 993},
    {"tcp", "pop3", 110},        {"tcp", "pop3s", 995}, {"tcp", "smtp", 25},
    {"tcp", "submissions", 465}, {"tcp", "ssh", 22},    {"tcp", "telnet", 23},
    {"udp", "domain", 53},
};

// Go: net.go:DNSError.Error.
absl::Status LookupError(std::string_view name, std::string_view why) {
  std::string text = "lookup ";
  text += name;
  text += ": ";
  text += why;
  return absl::NotFoundError(text);
}

absl::StatusOr<int> LookupService(std::string_view network,
                                  std::string_view name) {
  std::string_view protocol = network;
  if (network.empty()) protocol = "ip";
  if (network == "tcp4" || network == "tcp6") protocol = "tcp";
  if (network == "udp4" || network == "udp6") protocol = "udp";
  if (protocol != "tcp" && protocol != "udp" && protocol != "ip") {
    return base::ErrAddr(network, "unknown network");
  }
  for (const Service& service : kServices) {
    if ((protocol == "ip" || protocol == service.protocol) &&
        absl::EqualsIgnoreCase(ToAbsl(name), ToAbsl(service.name))) {
      return service.port;
    }
  }
  std::string qualified(protocol);
  qualified += '/';
  qualified += name;
  return LookupError(qualified, "unknown port");
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
