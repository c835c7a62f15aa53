// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/resolver.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "parkour/base/error.h"
#include "parkour/base/sys.h"
#include "parkour/net/addrselect.h"
#include "parkour/net/dnsname.h"
#include "parkour/net/flight.h"
#include "parkour/net/hosts.h"
#include "parkour/net/system_resolver.h"
#include "parkour/runtime/syscall.h"
#include "parkour/sync/semaphore.h"

namespace parkour::net {
namespace {

// Each thread in the C library has a socket or two.
int64_t MaxThreads() {
  constexpr int64_t kMost = 500;
  const int64_t files = base::sys::OpenFileLimit();
  return std::clamp<int64_t>(files / 2, 1, kMost);
}

// Go: net.go:mapErr.
absl::Status ContextError(const context::Context& ctx, std::string_view name) {
  return WrapDNSError(name, absl::IsCancelled(ctx.Err())
                                ? base::ErrCanceled()
                                : base::ErrDeadlineExceeded());
}

int FamilyOf(std::string_view network) {
  if (network.ends_with('4')) return AF_INET;
  if (network.ends_with('6')) return AF_INET6;
  return AF_UNSPEC;
}

// Whether the C library may be asked. It takes 0x7f.1 for an address, and would
// read a name with a NUL as another name.
bool MayAsk(const std::string& name) {
  in_addr unused;
  return IsDomainName(name) && inet_aton(name.c_str(), &unused) == 0;
}

}  // namespace

struct Resolver::State : std::enable_shared_from_this<Resolver::State> {
  explicit State(ResolverOptions options)
      : hosts(std::move(options.HostsPath)),
        system(options.System ? std::move(options.System)
                              : std::make_shared<SystemResolver>()),
        threads(options.MaxThreads > 0 ? options.MaxThreads : MaxThreads()) {}

  // Everything that a name which is no literal stands for.
  absl::StatusOr<HostAnswer> Host(const context::Context& ctx,
                                  std::string_view network,
                                  const std::string& name);
  absl::StatusOr<std::vector<std::string>> Names(const context::Context& ctx,
                                                 const IPAddr& addr);
  // What the files know; no addresses if nothing.
  HostAnswer Files(std::string_view name);

  // Runs fn, which calls `system`, on a thread without P, in its turn.
  template <typename V>
  absl::StatusOr<V> OnThread(
      const context::Context& ctx, const std::string& name,
      const std::function<SystemResolver::Code(V*)>& fn) {
    if (absl::Status err = threads.Acquire(ctx, 1); !err.ok()) return err;
    V value{};
    SystemResolver::Code code;
    runtime::Blocking([&] { code = fn(&value); });
    threads.Release(1);
    if (absl::Status err = CodeToStatus(name, code); !err.ok()) return err;
    return value;
  }

  HostsFile hosts;
  const std::shared_ptr<SystemResolver> system;
  sync::Semaphore threads;
  const std::shared_ptr<Flights<HostAnswer>> host_calls =
      std::make_shared<Flights<HostAnswer>>();
  const std::shared_ptr<Flights<std::string>> name_calls =
      std::make_shared<Flights<std::string>>();
};

HostAnswer Resolver::State::Files(std::string_view name) {
  HostAnswer answer;
  const std::shared_ptr<const HostsTable> table = hosts.Table();
  if (const HostsTable::Host* host = table->FindHost(name)) {
    answer.canonical = host->canonical;
    for (const std::string& text : host->addrs) {
      answer.addrs.push_back(ParseIPZone(text));
    }
  } else {
    if (name.ends_with('.')) name.remove_suffix(1);
    if (LowerASCII(name) != "localhost") return answer;
    answer = {{{IPv4(127, 0, 0, 1)}, {IPv6loopback}}, "localhost"};
  }
  SortByRFC6724(&answer.addrs);
  return answer;
}

absl::StatusOr<HostAnswer> Resolver::State::Host(const context::Context& ctx,
                                                 std::string_view network,
                                                 const std::string& name) {
  HostAnswer known = Files(name);
  if (!known.addrs.empty()) return known;
  if (!MayAsk(name)) return ErrNoSuchHost(name);
  if (!ctx.Err().ok()) return ContextError(ctx, name);
  const int family = FamilyOf(network);
  absl::StatusOr<HostAnswer> answer = host_calls->Do(
      ctx, std::to_string(family) + ' ' + name,
      [self = shared_from_this(), name, family](const context::Context& own) {
        return self->OnThread<HostAnswer>(own, name, [&](HostAnswer* a) {
          return self->system->LookupHost(name, family, a);
        });
      });
  if (!answer.ok() && !DNSErrorOf(answer.status()).has_value()) {
    return ContextError(ctx, name);
  }
  if (answer.ok() && answer->addrs.empty()) return ErrNoSuchHost(name);
  return answer;
}

absl::StatusOr<std::vector<std::string>> Resolver::State::Names(
    const context::Context& ctx, const IPAddr& addr) {
  const std::string text = addr.String();
  if (const auto* names = hosts.Table()->FindAddr(text)) return *names;
  if (!ctx.Err().ok()) return ContextError(ctx, text);
  absl::StatusOr<std::string> name = name_calls->Do(
      ctx, text,
      [self = shared_from_this(), text, addr](const context::Context& own) {
        return self->OnThread<std::string>(own, text, [&](std::string* n) {
          return self->system->LookupName(addr, n);
        });
      });
  if (!name.ok()) {
    if (!DNSErrorOf(name.status()).has_value()) return ContextError(ctx, text);
    return name.status();
  }
  return std::vector<std::string>{*std::move(name)};
}

// Never destroyed: lookups may be under way while the process exits.
Resolver::Resolver() {
  static const auto& shared =
      *new std::shared_ptr<State>(std::make_shared<State>(ResolverOptions()));
  state_ = shared;
}

Resolver::Resolver(ResolverOptions options)
    : state_(std::make_shared<State>(std::move(options))) {}

absl::StatusOr<std::vector<IPAddr>> Resolver::LookupIPAddr(
    const context::Context& ctx, std::string_view network,
    std::string_view host) const {
  if (host.empty()) return ErrNoSuchHost(host);
  if (IPAddr literal = ParseIPZone(host); !literal.ip.empty()) {
    return std::vector<IPAddr>{std::move(literal)};
  }
  absl::StatusOr<HostAnswer> answer =
      state_->Host(ctx, network, std::string(host));
  if (!answer.ok()) return answer.status();
  return std::move(answer->addrs);
}

absl::StatusOr<std::vector<IPAddr>> Resolver::LookupIPAddr(
    const context::Context& ctx, std::string_view host) const {
  return LookupIPAddr(ctx, "ip", host);
}

absl::StatusOr<std::vector<std::string>> Resolver::LookupHost(
    const context::Context& ctx, std::string_view host) const {
  // A literal is returned as it was written.
  if (!ParseIPZone(host).ip.empty()) {
    return std::vector<std::string>{std::string(host)};
  }
  const absl::StatusOr<std::vector<IPAddr>> addrs = LookupIPAddr(ctx, host);
  if (!addrs.ok()) return addrs.status();
  std::vector<std::string> out;
  for (const IPAddr& addr : *addrs) out.push_back(addr.String());
  return out;
}

absl::StatusOr<std::vector<IP>> Resolver::LookupIP(
    const context::Context& ctx, std::string_view network,
    std::string_view host) const {
  if (network != "ip" && network != "ip4" && network != "ip6") {
    return base::ErrUnknownNetwork(network);
  }
  const absl::StatusOr<std::vector<IPAddr>> addrs =
      LookupIPAddr(ctx, network, host);
  if (!addrs.ok()) return addrs.status();
  const int family = FamilyOf(network);
  std::vector<IP> out;
  for (const IPAddr& addr : *addrs) {
    const bool is_v4 = !addr.ip.To4().empty();
    if (family == AF_UNSPEC || is_v4 == (family == AF_INET)) {
      out.push_back(addr.ip);
    }
  }
  if (out.empty()) return base::ErrAddr(host, "no suitable address found");
  return out;
}

absl::StatusOr<std::vector<std::string>> Resolver::LookupAddr(
    const context::Context& ctx, std::string_view addr) const {
  const IPAddr ip = ParseIPZone(addr);
  if (ip.ip.empty()) {
    return MakeDNSError(
        {.Err = "unrecognized address", .Name = std::string(addr)},
        absl::StatusCode::kInvalidArgument);
  }
  return state_->Names(ctx, ip);
}

absl::StatusOr<std::string> Resolver::LookupCNAME(const context::Context& ctx,
                                                  std::string_view host) const {
  const std::string name(host);
  if (!IsDomainName(name)) return ErrNoSuchHost(name);
  absl::StatusOr<HostAnswer> answer = state_->Host(ctx, "ip", name);
  if (!answer.ok()) return answer.status();
  if (answer->canonical.empty()) return AbsoluteDomainName(name);
  return std::move(answer->canonical);
}

absl::StatusOr<int> Resolver::LookupPort(const context::Context&,
                                         std::string_view network,
                                         std::string_view service) const {
  return ParsePort(network, service);
}

absl::StatusOr<std::vector<std::string>> LookupHost(const context::Context& ctx,
                                                    std::string_view host) {
  return Resolver().LookupHost(ctx, host);
}

absl::StatusOr<std::vector<std::string>> LookupHost(std::string_view host) {
  return LookupHost(context::Background(), host);
}

absl::StatusOr<std::vector<IP>> LookupIP(std::string_view host) {
  return Resolver().LookupIP(context::Background(), "ip", host);
}

absl::StatusOr<std::vector<std::string>> LookupAddr(std::string_view addr) {
  return Resolver().LookupAddr(context::Background(), addr);
}

absl::StatusOr<std::string> LookupCNAME(std::string_view host) {
  return Resolver().LookupCNAME(context::Background(), host);
}

absl::StatusOr<int> LookupPort(std::string_view network,
                               std::string_view service) {
  return ParsePort(network, service);
}

}  // namespace parkour::net
