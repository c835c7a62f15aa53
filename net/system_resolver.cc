// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/system_resolver.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>

#include "parkour/base/error.h"
#include "parkour/base/sys.h"
#include "parkour/net/dnserror.h"
#include "parkour/net/dnsname.h"
#include "parkour/net/sockaddr.h"

namespace parkour::net {

namespace sys = base::sys;

SystemResolver::Code SystemResolver::LookupHost(const std::string& name,
                                                int family,
                                                HostAnswer* answer) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;  // or each address comes three times
  hints.ai_flags = AI_CANONNAME;
  addrinfo* list = nullptr;
  Code code;
  code.eai = sys::GetAddrInfo(name.c_str(), &hints, &list, &code.err);
  if (code.eai != 0) return code;
  if (list != nullptr && list->ai_canonname != nullptr) {
    answer->canonical = AbsoluteDomainName(list->ai_canonname);
  }
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    TCPAddr addr = FromSockaddr(at->ai_addr);
    answer->addrs.push_back({addr.ip, std::move(addr.zone)});
  }
  freeaddrinfo(list);
  return code;
}

SystemResolver::Code SystemResolver::LookupName(const IPAddr& addr,
                                                std::string* name) {
  const int family = addr.ip.To4().empty() ? AF_INET6 : AF_INET;
  sockaddr_storage sa{};
  const socklen_t len = ToSockaddr(TCPAddr{addr.ip, 0, addr.zone}, family, &sa);
  char host[NI_MAXHOST] = {};
  Code code;
  code.eai = sys::GetNameInfo(reinterpret_cast<sockaddr*>(&sa), len, host,
                              sizeof(host), NI_NAMEREQD, &code.err);
  if (code.eai == 0) *name = AbsoluteDomainName(host);
  return code;
}

// Go: cgo_unix.go:cgoLookupHostIP.
absl::Status CodeToStatus(const std::string& name, SystemResolver::Code code) {
  switch (code.eai) {
    case 0:
      return absl::OkStatus();
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return ErrNoSuchHost(name);
    case EAI_SYSTEM:
      // Without an errno it is the C library that ran out of descriptors.
      return WrapDNSError(name,
                          base::ErrnoStatus(code.err == 0 ? EMFILE : code.err));
    case EAI_AGAIN:
      return MakeDNSError(
          {.Err = gai_strerror(code.eai), .Name = name, .IsTemporary = true},
          absl::StatusCode::kUnavailable);
    default:
      return MakeDNSError({.Err = gai_strerror(code.eai), .Name = name},
                          code.eai == EAI_MEMORY
                              ? absl::StatusCode::kResourceExhausted
                              : absl::StatusCode::kInternal);
  }
}

}  // namespace parkour::net
