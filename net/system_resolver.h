// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// system_resolver.h: the C library's resolver, behind a seam: tests bring their
// own.
//
// Blocking: the thread, for as long as name servers take. Called on a thread
//           that holds no P: nothing of Parkour may be called from here.
// See:      Go: src/net/cgo_unix.go

#ifndef PARKOUR_NET_SYSTEM_RESOLVER_H_
#define PARKOUR_NET_SYSTEM_RESOLVER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "parkour/net/ipaddr.h"

namespace parkour::net {

struct HostAnswer {
  std::vector<IPAddr> addrs{};
  std::string canonical{};  // with a final '.' if it has one inside
};

class SystemResolver {
 public:
  virtual ~SystemResolver() = default;

  // What the C library answered: 0 or EAI_*, for EAI_SYSTEM with errno.
  struct Code {
    int eai = 0;
    int err = 0;
  };

  // The addresses of `name`. `family`: AF_UNSPEC, AF_INET or AF_INET6.
  virtual Code LookupHost(const std::string& name, int family,
                          HostAnswer* answer);
  // The name of an address.
  virtual Code LookupName(const IPAddr& addr, std::string* name);
};

// In Go's words; OK for 0.
absl::Status CodeToStatus(const std::string& name, SystemResolver::Code code);

}  // namespace parkour::net

#endif  // PARKOUR_NET_SYSTEM_RESOLVER_H_
