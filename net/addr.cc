// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/addr.h"

#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "parkour/base/error.h"

namespace parkour::net {
namespace {

using Bytes = std::array<uint8_t, 16>;

constexpr size_t kV4Offset = 12;  // of the IPv4 bytes in a v4-mapped address
constexpr Bytes kV4Mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }

bool Consume(std::string_view prefix, std::string_view* s) {
  if (!s->starts_with(prefix)) return false;
  s->remove_prefix(prefix.size());
  return true;
}

// The number at the start of `s`, of 1 to `max_digits` digits; consumes it.
std::optional<unsigned> ConsumeNumber(int base, size_t max_digits,
                                      std::string_view* s) {
  unsigned value = 0;
  const char* begin = s->data();
  // from_chars takes no sign and no 0x for unsigned numbers.
  const auto [end, error] = std::from_chars(
      begin, begin + std::min(s->size(), max_digits + 1), value, base);
  const size_t digits = static_cast<size_t>(end - begin);
  if (error != std::errc() || digits > max_digits) return std::nullopt;
  s->remove_prefix(digits);
  return value;
}

// Four octets, nothing else.
bool ParseIPv4(std::string_view s, uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && !Consume(".", &s)) return false;
    const bool zero = s.starts_with('0');
    const size_t before = s.size();
    const std::optional<unsigned> octet = ConsumeNumber(10, 3, &s);
    if (!octet.has_value() || *octet > 255) return false;
    if (zero && before - s.size() > 1) return false;
    out[i] = static_cast<uint8_t>(*octet);
  }
  return s.empty();
}

// Eight groups, or fewer around one "::" that stands for at least one group of
// zeros; the last two may be written as IPv4.
bool ParseIPv6(std::string_view s, Bytes* out) {
  Bytes bytes{};
  size_t size = 0;
  std::optional<size_t> gap;  // where the "::" is
  if (Consume("::", &s)) gap = 0;
  while (!s.empty()) {
    if (size == bytes.size()) return false;
    std::string_view rest = s;
    const std::optional<unsigned> group = ConsumeNumber(16, 4, &rest);
    if (!group.has_value()) return false;
    if (rest.starts_with('.')) {
      if (size > kV4Offset || (!gap.has_value() && size != kV4Offset) ||
          !ParseIPv4(s, &bytes[size])) {
        return false;
      }
      size += 4;
      break;
    }
    s = rest;
    bytes[size++] = static_cast<uint8_t>(*group >> 8);
    bytes[size++] = static_cast<uint8_t>(*group);
    if (s.empty()) break;
    if (!Consume(":", &s) || s.empty()) return false;
    if (Consume(":", &s)) {
      if (gap.has_value()) return false;
      gap = size;
    }
  }
  if (gap.has_value() == (size == bytes.size())) return false;
  if (gap.has_value()) {
    std::rotate(bytes.begin() + *gap, bytes.begin() + size, bytes.end());
  }
  *out = bytes;
  return true;
}

unsigned Group(const Bytes& bytes, int i) {
  return unsigned{bytes[2 * i]} << 8 | bytes[2 * i + 1];
}

void AppendNumber(unsigned value, int base, std::string* out) {
  char buf[16];
  out->append(buf, std::to_chars(buf, buf + sizeof(buf), value, base).ptr);
}

// RFC 5952: the longest run of two or more zero groups, the first of equals,
// becomes "::".
std::string PrintIPv6(const Bytes& bytes) {
  int run = 0, run_length = 1;
  for (int i = 0; i < 8; ++i) {
    int end = i;
    while (end < 8 && Group(bytes, end) == 0) ++end;
    if (end - i > run_length) {
      run = i;
      run_length = end - i;
    }
  }
  std::string out;
  for (int i = 0; i < 8; ++i) {
    if (run_length > 1 && i == run) {
      out += "::";
      i += run_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    AppendNumber(Group(bytes, i), 16, &out);
  }
  return out;
}

// An interface's index from its name or its number; 0 if there is none such.
uint32_t ZoneIndex(const std::string& zone) {
  if (zone.empty()) return 0;
  if (zone.size() < IF_NAMESIZE && zone.find('\0') == std::string::npos) {
    if (const uint32_t index = if_nametoindex(zone.c_str())) return index;
  }
  uint32_t index = 0;
  const char* end = zone.data() + zone.size();
  const auto [ptr, error] = std::from_chars(zone.data(), end, index);
  return error == std::errc() && ptr == end ? index : 0;
}

std::string ZoneName(uint32_t index) {
  if (index == 0) return "";
  char name[IF_NAMESIZE];
  if (if_indextoname(index, name) != nullptr) return name;
  return std::to_string(index);
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

IP IP::FromBytes(std::span<const uint8_t> bytes) {
  IP ip;
  if (bytes.size() != 4 && bytes.size() != 16) return ip;
  ip.size_ = static_cast<uint8_t>(bytes.size());
  if (bytes.size() == 4) ip.bytes_ = kV4Mapped;
  std::copy(bytes.begin(), bytes.end(), ip.bytes_.end() - bytes.size());
  return ip;
}

std::span<const uint8_t> IP::bytes() const {
  return std::span(bytes_).last(size_);
}

bool IP::IsV4() const {
  return size_ != 0 && std::equal(bytes_.begin(), bytes_.begin() + kV4Offset,
                                  kV4Mapped.begin());
}

IP IP::To4() const {
  return IsV4() ? FromBytes(std::span(bytes_).last(4)) : IP();
}

IP IP::To16() const { return empty() ? IP() : FromBytes(bytes_); }

bool IP::IsLoopback() const {
  if (IsV4()) return bytes_[kV4Offset] == 127;
  static constexpr Bytes kLoopback = {0, 0, 0, 0, 0, 0, 0, 0,
                                      0, 0, 0, 0, 0, 0, 0, 1};
  return bytes_ == kLoopback;
}

bool IP::IsUnspecified() const {
  return size_ != 0 && (bytes_ == Bytes{} || bytes_ == kV4Mapped);
}

std::string IP::String() const {
  if (empty()) return "<nil>";
  if (!IsV4()) return PrintIPv6(bytes_);
  std::string out;
  for (size_t i = kV4Offset; i < bytes_.size(); ++i) {
    if (!out.empty()) out += '.';
    AppendNumber(bytes_[i], 10, &out);
  }
  return out;
}

IP IPv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  return IP::FromBytes(std::array{a, b, c, d});
}

IP ParseIP(std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    Bytes bytes;
    return ParseIPv6(text, &bytes) ? IP::FromBytes(bytes) : IP();
  }
  std::array<uint8_t, 4> bytes;
  return ParseIPv4(text, bytes.data()) ? IP::FromBytes(bytes) : IP();
}

std::string TCPAddr::String() const {
  std::string host;
  if (!ip.empty()) host = ip.String();
  if (!zone.empty()) {
    host += '%';
    host += zone;
  }
  return JoinHostPort(host, std::to_string(port));
}

std::string Addr::Network() const {
  if (IsNil()) return "";
  return std::visit([](const auto& addr) { return addr.Network(); }, *value_);
}

std::string Addr::String() const {
  if (IsNil()) return "<nil>";
  return std::visit([](const auto& addr) { return addr.String(); }, *value_);
}

bool operator==(const Addr& a, const Addr& b) {
  if (a.value_ == b.value_) return true;
  return !a.IsNil() && !b.IsNil() && *a.value_ == *b.value_;
}

// Go: ipsock_posix.go:ipToSockaddrInet4, ipToSockaddrInet6.
socklen_t ToSockaddr(const TCPAddr& addr, int family, sockaddr_storage* out) {
  if (addr.port < 0 || addr.port > 65535) return 0;
  const uint16_t port = htons(static_cast<uint16_t>(addr.port));
  const bool any = addr.ip.empty() || addr.ip.IsUnspecified();
  if (family == AF_INET) {
    const IP ip = addr.ip.empty() ? IPv4(0, 0, 0, 0) : addr.ip.To4();
    if (ip.empty()) return 0;
    sockaddr_in sa{};
    sa.sin_family = AF_INET;
    sa.sin_port = port;
    std::memcpy(&sa.sin_addr, ip.bytes().data(), ip.bytes().size());
    std::memcpy(out, &sa, sizeof(sa));
    return sizeof(sa);
  }
  if (family == AF_INET6) {
    sockaddr_in6 sa{};
    sa.sin6_family = AF_INET6;
    sa.sin6_port = port;
    sa.sin6_scope_id = ZoneIndex(addr.zone);
    // A socket on ::ffff:0.0.0.0 would hear IPv4 only; "all" must mean all.
    if (!any) {
      const IP ip = addr.ip.To16();
      std::memcpy(&sa.sin6_addr, ip.bytes().data(), ip.bytes().size());
    }
    std::memcpy(out, &sa, sizeof(sa));
    return sizeof(sa);
  }
  return 0;
}

TCPAddr FromSockaddr(const sockaddr* addr) {
  if (addr == nullptr) return {};
  // Copies, because callers' buffers need be neither aligned nor of this type.
  sa_family_t family;
  std::memcpy(
      &family,
      reinterpret_cast<const char*>(addr) + offsetof(sockaddr, sa_family),
      sizeof(family));
  if (family == AF_INET) {
    sockaddr_in sa;
    std::memcpy(&sa, addr, sizeof(sa));
    std::array<uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &sa.sin_addr, bytes.size());
    return {.ip = IP::FromBytes(bytes), .port = ntohs(sa.sin_port)};
  }
  if (family == AF_INET6) {
    sockaddr_in6 sa;
    std::memcpy(&sa, addr, sizeof(sa));
    Bytes bytes;
    std::memcpy(bytes.data(), &sa.sin6_addr, bytes.size());
    const IP ip = IP::FromBytes(bytes);
    const IP v4 = ip.To4();
    return {.ip = v4.empty() ? ip : v4,
            .port = ntohs(sa.sin6_port),
            .zone = ZoneName(sa.sin6_scope_id)};
  }
  return {};
}

absl::StatusOr<HostPort> SplitHostPort(std::string_view address) {
  constexpr auto npos = std::string_view::npos;
  const size_t colon = address.rfind(':');
  if (colon == npos) return base::ErrAddr(address, "missing port in address");

  std::string_view host = address.substr(0, colon);
  std::string_view after_open = address;   // where no other '[' may be
  std::string_view after_close = address;  // where no other ']' may be
  if (address.starts_with('[')) {
    const size_t end = address.find(']');
    if (end == npos) return base::ErrAddr(address, "missing ']' in address");
    if (end + 1 != colon) {
      // Nothing, a colon that is not the last one, or rubbish.
      return base::ErrAddr(address, address.substr(end + 1).starts_with(':')
                                        ? "too many colons in address"
                                        : "missing port in address");
    }
    host = address.substr(1, end - 1);
    after_open = address.substr(1);
    after_close = address.substr(end + 1);
  } else if (host.find(':') != npos) {
    return base::ErrAddr(address, "too many colons in address");
  }
  if (after_open.find('[') != npos) {
    return base::ErrAddr(address, "unexpected '[' in address");
  }
  if (after_close.find(']') != npos) {
    return base::ErrAddr(address, "unexpected ']' in address");
  }
  return HostPort{std::string(host), std::string(address.substr(colon + 1))};
}

std::string JoinHostPort(std::string_view host, std::string_view port) {
  const bool brackets = host.find(':') != std::string_view::npos;
  std::string out;
  out.reserve(host.size() + port.size() + 3);
  if (brackets) out += '[';
  out += host;
  if (brackets) out += ']';
  out += ':';
  out += port;
  return out;
}

// Go: port.go:parsePort, lookup.go:Resolver.LookupPort.
absl::StatusOr<int> ParsePort(std::string_view network,
                              std::string_view service) {
  // Large enough to be no port, small enough never to overflow: from here on
  // further digits do not matter, nor what follows them.
  constexpr int64_t kSaturated = int64_t{1} << 30;
  std::string_view digits = service;
  const bool negative = Consume("-", &digits);
  if (!negative) Consume("+", &digits);
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
