// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/addrselect.h"

#include <netinet/in.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "parkour/base/sys.h"
#include "parkour/net/sockaddr.h"

namespace parkour::net {
namespace {

namespace sys = base::sys;

// The address that a packet to `to` would come from; none if there is no way.
IP SourceOf(const IPAddr& to) {
  const int family = to.ip.To4().empty() ? AF_INET6 : AF_INET;
  sockaddr_storage sa{};
  // The port does not matter, except that 0 is none.
  const socklen_t len = ToSockaddr(UDPAddr{to.ip, 9, to.zone}, family, &sa);
  const int fd = len == 0 ? -1 : sys::Socket(family, SOCK_DGRAM, 0);
  if (fd < 0) return IP();
  IP source;
  sockaddr* const any = reinterpret_cast<sockaddr*>(&sa);
  if (sys::Connect(fd, any, len) == 0) {
    sa = {};
    socklen_t size = sizeof(sa);
    if (sys::GetSockName(fd, any, &size) == 0) source = FromSockaddr(any).ip;
  }
  sys::Close(fd);
  return source;
}

struct Attributes {
  internal::Scope scope = internal::Scope::kGlobal;
  uint8_t precedence = 0;
  uint8_t label = 0;
};

Attributes AttributesOf(const IP& ip) {
  if (ip.empty()) return {};
  const internal::Policy& policy = internal::Classify(ip);
  return {internal::ClassifyScope(ip), policy.precedence, policy.label};
}

struct Candidate {
  IPAddr addr;
  Attributes attributes;
  IP source;
  Attributes source_attributes;
};

// Whether a comes before b. The rules' numbers are those of RFC 6724, section
// 6; 3, 4 and 7 need to know more about interfaces than we do.
bool Before(const Candidate& a, const Candidate& b) {
  // 1: addresses that cannot be reached come last.
  if (a.source.empty() || b.source.empty()) {
    return !a.source.empty() && b.source.empty();
  }
  // 2: the source's scope is the same.
  const bool scope_a = a.attributes.scope == a.source_attributes.scope;
  const bool scope_b = b.attributes.scope == b.source_attributes.scope;
  if (scope_a != scope_b) return scope_a;
  // 5: the source's label is the same.
  const bool label_a = a.attributes.label == a.source_attributes.label;
  const bool label_b = b.attributes.label == b.source_attributes.label;
  if (label_a != label_b) return label_a;
  // 6: higher precedence.
  if (a.attributes.precedence != b.attributes.precedence) {
    return a.attributes.precedence > b.attributes.precedence;
  }
  // 8: smaller scope.
  if (a.attributes.scope != b.attributes.scope) {
    return a.attributes.scope < b.attributes.scope;
  }
  // 9: more in common with the source. Not for IPv4, as in Go: it defeats
  // balancing by the order of DNS's answers.
  if (a.addr.ip.To4().empty() && b.addr.ip.To4().empty()) {
    return internal::CommonPrefixLength(a.source, a.addr.ip) >
           internal::CommonPrefixLength(b.source, b.addr.ip);
  }
  return false;
}

}  // namespace

void SortByRFC6724(std::vector<IPAddr>* addrs) {
  if (addrs->size() < 2) return;
  std::vector<IP> sources;
  for (const IPAddr& addr : *addrs) sources.push_back(SourceOf(addr));
  internal::SortByRFC6724(addrs, std::move(sources));
}

namespace internal {

void SortByRFC6724(std::vector<IPAddr>* addrs, std::vector<IP> sources) {
  std::vector<Candidate> list;
  for (size_t i = 0; i < addrs->size(); ++i) {
    IPAddr& addr = (*addrs)[i];
    const Attributes attributes = AttributesOf(addr.ip);
    list.push_back(
        {std::move(addr), attributes, sources[i], AttributesOf(sources[i])});
  }
  std::stable_sort(list.begin(), list.end(), Before);
  for (size_t i = 0; i < list.size(); ++i) {
    (*addrs)[i] = std::move(list[i].addr);
  }
}

// RFC 6724, section 2.1.
std::span<const Policy> PolicyTable() {
  static const auto& table = *[] {
    const auto prefix = [](const char* text) { return ParseCIDR(text)->net; };
    return new std::vector<Policy>{
        {prefix("::1/128"), 50, 0},   {prefix("::ffff:0:0/96"), 35, 4},
        {prefix("::/96"), 1, 3},      {prefix("2001::/32"), 5, 5},
        {prefix("2002::/16"), 30, 2}, {prefix("3ffe::/16"), 1, 12},
        {prefix("fec0::/10"), 1, 11}, {prefix("fc00::/7"), 3, 13},
        {prefix("::/0"), 40, 1},
    };
  }();
  return table;
}

const Policy& Classify(const IP& ip) {
  const IP wide = ip.To16();
  for (const Policy& policy : PolicyTable()) {
    // By bits: Contains would keep IPv4 out of an IPv6 network.
    if (wide.Mask(policy.prefix.mask) == policy.prefix.ip) return policy;
  }
  return PolicyTable().back();
}

Scope ClassifyScope(const IP& ip) {
  if (ip.IsLoopback() || ip.IsLinkLocalUnicast()) return Scope::kLinkLocal;
  if (ip.To4().empty() && !ip.empty()) {
    if (ip.IsMulticast()) return static_cast<Scope>(ip.bytes()[1] & 0xf);
    if (ip.bytes()[0] == 0xfe && (ip.bytes()[1] & 0xc0) == 0xc0) {
      return Scope::kSiteLocal;
    }
  }
  return Scope::kGlobal;
}

int CommonPrefixLength(const IP& a, const IP& b) {
  const IP a4 = a.To4();
  const IP b4 = b.To4();
  if (a4.empty() != b4.empty() || a.empty() || b.empty()) return 0;
  const IP& x = a4.empty() ? a : a4;
  const IP& y = b4.empty() ? b : b4;
  const size_t size = std::min<size_t>(x.bytes().size(), 8);
  int bits = 0;
  for (size_t i = 0; i < size; ++i) {
    const uint8_t differ = x.bytes()[i] ^ y.bytes()[i];
    bits += std::countl_zero(differ);
    if (differ != 0) break;
  }
  return bits;
}

}  // namespace internal
}  // namespace parkour::net
