// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// resolver.h: from names to addresses and back.
//
//   auto [ctx, cancel] = context::WithTimeout(parent, absl::Seconds(2));
//   absl::Cleanup release = cancel;
//   auto addrs = net::LookupHost(ctx, "localhost");
//   if (!addrs.ok()) return addrs.status();    // lookup localhost: i/o timeout
//   for (const std::string& addr : *addrs) Use(addr);
//
//   auto to = net::ResolveTCPAddr("tcp", "localhost:http");
//   if (to.ok()) Use(to->String());            // 127.0.0.1:80
//
// Order: a literal address is itself. Then /etc/hosts (at most five seconds
// old), then "localhost", which is the two loopbacks, then the C library
// (getaddrinfo, getnameinfo), with all that nsswitch.conf and resolv.conf tell
// it. Names that cannot be host names are not asked for.
//
// Guarantees: equal questions at the same time are one. Few threads at once are
//             in the C library, about as many as half the open files allow, at
//             most 500; further questions wait. Results of the hosts file are
//             ordered by RFC 6724, the C library's come as they are.
// Blocking:   literals and ports do not park. Names of the hosts file do only
//             while somebody else looks at the file; the rest does. A context's
//             end returns at once; the thread that is in the C library finishes
//             by itself. A thread holds no P meanwhile.
// Errors:     "lookup NAME: no such host" (kNotFound) and its kin, see
//             dnserror.h; "lookup NAME: operation was canceled", "...: i/o
//             timeout" when the context ends.
// Lifetime:   a Resolver is a handle; copies share files and questions.
// See:        Go: src/net/lookup.go, cgo_unix.go, hosts.go

#ifndef PARKOUR_NET_RESOLVER_H_
#define PARKOUR_NET_RESOLVER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "parkour/context/context.h"
#include "parkour/net/addr.h"
#include "parkour/net/dnserror.h"
#include "parkour/net/ipaddr.h"

namespace parkour::net {

class SystemResolver;

struct ResolverOptions {
  std::string HostsPath = "/etc/hosts";
  // How many threads may be in the C library at once; 0: the process's limit.
  int MaxThreads = 0;
  // Instead of the C library; for tests. Null: the C library.
  std::shared_ptr<SystemResolver> System{};
};

class Resolver {
 public:
  // The one that everybody shares. Go: net.DefaultResolver.
  Resolver();
  explicit Resolver(ResolverOptions options);

  // The addresses of a host. Go: Resolver.LookupHost.
  absl::StatusOr<std::vector<std::string>> LookupHost(
      const context::Context& ctx, std::string_view host) const;
  absl::StatusOr<std::vector<IPAddr>> LookupIPAddr(const context::Context& ctx,
                                                   std::string_view host) const;

  // Of one family: `network` is "ip", "ip4" or "ip6". "address HOST: no
  // suitable address found" if there are others only.
  absl::StatusOr<std::vector<IP>> LookupIP(const context::Context& ctx,
                                           std::string_view network,
                                           std::string_view host) const;

  // The names of an address, with a final '.' if they have one inside.
  absl::StatusOr<std::vector<std::string>> LookupAddr(
      const context::Context& ctx, std::string_view addr) const;

  // What a name is an alias of, in the same form.
  absl::StatusOr<std::string> LookupCNAME(const context::Context& ctx,
                                          std::string_view host) const;

  // ParsePort. Built-in names come first, then those of /etc/services.
  absl::StatusOr<int> LookupPort(const context::Context& ctx,
                                 std::string_view network,
                                 std::string_view service) const;

  // For Dial and Listen: LookupIPAddr where an answer of one family will do;
  // `network` may end in 4 or 6.
  absl::StatusOr<std::vector<IPAddr>> LookupIPAddr(const context::Context& ctx,
                                                   std::string_view network,
                                                   std::string_view host) const;

 private:
  struct State;

  std::shared_ptr<State> state_;
};

// The same by the default resolver.
absl::StatusOr<std::vector<std::string>> LookupHost(const context::Context& ctx,
                                                    std::string_view host);
absl::StatusOr<std::vector<std::string>> LookupHost(std::string_view host);
absl::StatusOr<std::vector<IP>> LookupIP(std::string_view host);
absl::StatusOr<std::vector<std::string>> LookupAddr(std::string_view addr);
absl::StatusOr<std::string> LookupCNAME(std::string_view host);
absl::StatusOr<int> LookupPort(std::string_view network,
                               std::string_view service);

// The address that "host:port" stands for: the first IPv4 one of several,
// unless brackets ask for IPv6. Networks: tcp, udp, with 4 or 6 or nothing.
// Errors: those of SplitHostPort, LookupPort and LookupHost, "unknown network
// X", "address A: no suitable address found".
absl::StatusOr<TCPAddr> ResolveTCPAddr(std::string_view network,
                                       std::string_view address);
absl::StatusOr<UDPAddr> ResolveUDPAddr(std::string_view network,
                                       std::string_view address);
// Networks: unix, unixgram, unixpacket.
absl::StatusOr<UnixAddr> ResolveUnixAddr(std::string_view network,
                                         std::string_view address);

}  // namespace parkour::net

#endif  // PARKOUR_NET_RESOLVER_H_
