// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Addresses: the C library parses them, too, and what is printed parses back.

#include <arpa/inet.h>

#include <array>
#include <string>

#include "parkour/net/addr.h"
#include "parkour/net/dnsname.h"
#include "parkour/net/ip.h"
#include "parkour/net/ipaddr.h"
#include "parkour/tests/fuzz/target.h"

namespace parkour::tests {

const char kFuzzCorpus[] = "address";
const char kFuzzTokens[] =
    ":: : . [ ] % / 0x 255 256 ffff:: ::ffff:1.2.3.4 /128 /33 http 65535 65536 "
    "fe80::1%eth0 localhost -1 00 1:2:3:4:5:6:7:8";

namespace {

// Neither Go nor Parkour takes a zone here, nor a NUL.
void LikeTheCLibrary(std::string_view text, const net::IP& ip) {
  if (text.find('\0') != text.npos) return Require(ip.empty(), "a NUL");
  const std::string s(text);
  std::array<uint8_t, 16> bytes{};
  size_t size = 0;
  if (inet_pton(AF_INET, s.c_str(), bytes.data()) == 1) size = 4;
  if (inet_pton(AF_INET6, s.c_str(), bytes.data()) == 1) size = 16;
  Require(ip.empty() == (size == 0), "an address is one for both");
  Require(ip == net::IP::FromBytes(std::span(bytes).first(size)),
          "it is the same address");
}

void Networks(std::string_view text) {
  const absl::StatusOr<net::CIDR> cidr = net::ParseCIDR(text);
  if (!cidr.ok()) return;
  // An IPv4 address is in IPv4 networks only, however it is written: Go, too,
  // does not find ::ffff:192.0.2.0 in ::ffff:192.0.2.0/24, which is ::/24.
  const bool v4_in_v6 = !cidr->ip.To4().empty() && cidr->net.ip.To4().empty();
  Require(cidr->net.Contains(cidr->ip) != v4_in_v6,
          "a network contains its address");
  const absl::StatusOr<net::CIDR> again = net::ParseCIDR(cidr->net.String());
  Require(again.ok() && again->net == cidr->net, "a network parses back");
}

void EndPoints(std::string_view text) {
  const absl::StatusOr<net::HostPort> split = net::SplitHostPort(text);
  if (!split.ok()) return;
  const absl::StatusOr<net::HostPort> again =
      net::SplitHostPort(net::JoinHostPort(split->host, split->port));
  Require(
      again.ok() && again->host == split->host && again->port == split->port,
      "host and port are found again");
}

}  // namespace

void FuzzOne(std::string_view text) {
  const net::IP ip = net::ParseIP(text);
  LikeTheCLibrary(text, ip);
  if (!ip.empty()) {
    Require(net::ParseIP(ip.String()) == ip, "an address parses back");
  }
  const net::IPAddr zoned = net::ParseIPZone(text);
  if (!zoned.ip.empty()) {
    const net::IPAddr again = net::ParseIPZone(zoned.String());
    Require(again.ip == zoned.ip && again.zone == zoned.zone,
            "a zone parses back");
  }
  Networks(text);
  EndPoints(text);
  for (const char* network : {"tcp", "udp", "unix"}) {
    const absl::StatusOr<int> port = net::ParsePort(network, text);
    if (port.ok()) Require(*port >= 0 && *port <= 65535, "a port is 16 bits");
  }
  const std::string lower = net::LowerASCII(text);
  Require(net::LowerASCII(lower) == lower, "lower case is lower case");
  Require(net::IsDomainName(text) == net::IsDomainName(lower),
          "case does not matter in names");
  net::AbsoluteDomainName(text);
}

}  // namespace parkour::tests
