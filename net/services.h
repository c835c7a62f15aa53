// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// services.h: the names of ports.
//
// See: Go: src/net/port_unix.go, lookup.go (services)

#ifndef PARKOUR_NET_SERVICES_H_
#define PARKOUR_NET_SERVICES_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace parkour::net {

// The ports by "protocol/name", names in lower case.
class Services {
 public:
  // With the most common ones in it, so that these need no file.
  Services();

  // Adds what a file like /etc/services says: "name port/protocol alias ...".
  // What is already known stays; lines that make no sense are skipped.
  void Add(std::string_view text);

  // `protocol`: "tcp" or "udp". The name in any case.
  std::optional<int> Find(std::string_view protocol,
                          std::string_view name) const;

 private:
  std::map<std::string, int, std::less<>> ports_;
};

// The built-in ones and those of /etc/services, which is read at the first
// call.
const Services& SystemServices();

}  // namespace parkour::net

#endif  // PARKOUR_NET_SERVICES_H_
