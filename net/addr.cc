// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/addr.h"

#include <cstddef>

#include "parkour/base/error.h"

namespace parkour::net {
namespace {

std::string InetString(const IP& ip, int port, const std::string& zone) {
  std::string host;
  if (!ip.empty()) host = ip.String();
  if (!zone.empty()) {
    host += '%';
    host += zone;
  }
  return JoinHostPort(host, std::to_string(port));
}

}  // namespace

std::string TCPAddr::String() const { return InetString(ip, port, zone); }

std::string UDPAddr::String() const { return InetString(ip, port, zone); }

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

}  // namespace parkour::net
