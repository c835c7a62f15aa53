// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/ipaddr.h"

#include <cstddef>

namespace parkour::net {

std::string IPAddr::String() const {
  std::string out = ip.empty() ? std::string() : ip.String();
  if (!zone.empty()) {
    out += '%';
    out += zone;
  }
  return out;
}

IPAddr ParseIPZone(std::string_view text) {
  const size_t percent = text.find('%');
  if (percent == std::string_view::npos) return {.ip = ParseIP(text)};
  const std::string_view address = text.substr(0, percent);
  const std::string_view zone = text.substr(percent + 1);
  if (zone.empty() || address.find(':') == std::string_view::npos) return {};
  const IP ip = ParseIP(address);
  if (ip.empty()) return {};
  return {.ip = ip, .zone = std::string(zone)};
}

}  // namespace parkour::net
