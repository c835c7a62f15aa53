// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/sockaddr.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "parkour/base/error.h"

namespace parkour::net {
namespace {

constexpr size_t kPathOffset = offsetof(sockaddr_un, sun_path);

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

// Go: ipsock_posix.go:ipToSockaddrInet4, ipToSockaddrInet6.
// TCP's and UDP's addresses differ in nothing but their name.
template <typename InetAddr>
socklen_t InetToSockaddr(const InetAddr& addr, int family,
                         sockaddr_storage* out) {
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

// Go: syscall_linux.go:anyToSockaddr.
std::string UnixName(const sockaddr* addr, socklen_t len) {
  char path[sizeof(sockaddr_un::sun_path)] = {};
  if (len > kPathOffset) {
    std::memcpy(path, reinterpret_cast<const char*>(addr) + kPathOffset,
                std::min(sizeof(path), len - kPathOffset));
  }
  if (path[0] == '\0') path[0] = '@';
  return std::string(path, strnlen(path, sizeof(path)));
}

}  // namespace

socklen_t ToSockaddr(const TCPAddr& addr, int family, sockaddr_storage* out) {
  return InetToSockaddr(addr, family, out);
}

socklen_t ToSockaddr(const UDPAddr& addr, int family, sockaddr_storage* out) {
  return InetToSockaddr(addr, family, out);
}

namespace {

template <typename InternetAddr>
absl::StatusOr<socklen_t> FormOf(InternetAddr addr, int family,
                                 std::string_view syscall,
                                 sockaddr_storage* out) {
  const socklen_t len = ToSockaddr(addr, family, out);
  if (len > 0) return len;
  addr.port = 0;
  if (ToSockaddr(addr, family, out) > 0) {
    return base::ErrnoStatus(EINVAL, syscall);
  }
  return base::ErrAddr(addr.ip.String(), family == AF_INET
                                             ? "non-IPv4 address"
                                             : "non-IPv6 address");
}

}  // namespace

// Go: net/ipsock_posix.go (ipToSockaddr).
absl::StatusOr<socklen_t> SockaddrOrWhyNot(const TCPAddr& addr, int family,
                                           std::string_view syscall,
                                           sockaddr_storage* out) {
  return FormOf(addr, family, syscall, out);
}

absl::StatusOr<socklen_t> SockaddrOrWhyNot(const UDPAddr& addr, int family,
                                           std::string_view syscall,
                                           sockaddr_storage* out) {
  return FormOf(addr, family, syscall, out);
}

// Go: syscall_linux.go:SockaddrUnix.sockaddr.
socklen_t ToSockaddr(const UnixAddr& addr, sockaddr_storage* out) {
  sockaddr_un sa{};
  const std::string& name = addr.name;
  const bool at = name.starts_with('@');
  const bool abstract = at || (name.size() > 1 && name[0] == '\0');
  // A path is followed by a NUL, an abstract name by nothing.
  if (name.size() > sizeof(sa.sun_path) - (at ? 0 : 1)) return 0;
  sa.sun_family = AF_UNIX;
  std::memcpy(sa.sun_path, name.data(), name.size());
  if (abstract) sa.sun_path[0] = '\0';
  std::memcpy(out, &sa, sizeof(sa));
  size_t len = kPathOffset + name.size();
  if (!name.empty() && !abstract) ++len;
  return static_cast<socklen_t>(len);
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
    std::array<uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &sa.sin6_addr, bytes.size());
    const IP ip = IP::FromBytes(bytes);
    const IP v4 = ip.To4();
    return {.ip = v4.empty() ? ip : v4,
            .port = ntohs(sa.sin6_port),
            .zone = ZoneName(sa.sin6_scope_id)};
  }
  return {};
}

Addr AddrFromSockaddr(std::string_view network, const sockaddr* addr,
                      socklen_t len) {
  if (addr == nullptr || len < sizeof(sa_family_t)) return Addr();
  sa_family_t family;
  std::memcpy(&family, addr, sizeof(family));
  if (family == AF_UNIX) {
    return UnixAddr{.name = UnixName(addr, len), .net = std::string(network)};
  }
  const socklen_t need = family == AF_INET    ? sizeof(sockaddr_in)
                         : family == AF_INET6 ? sizeof(sockaddr_in6)
                                              : 0;
  if (need == 0 || len < need) return Addr();
  TCPAddr inet = FromSockaddr(addr);
  if (!network.starts_with("udp")) return inet;
  return UDPAddr{inet.ip, inet.port, std::move(inet.zone)};
}

}  // namespace parkour::net
