// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// From names to connections, and the operation's name around the error.

#include "parkour/net/dial.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "parkour/base/clock.h"
#include "parkour/base/error.h"
#include "parkour/net/addrlist.h"
#include "parkour/net/control.h"
#include "parkour/net/dial_addrs.h"
#include "parkour/net/sock_posix.h"

namespace parkour::net {
namespace {

// RFC 6555, section 5, asks for 150 to 250 ms, and says that some use 300.
constexpr absl::Duration kFallbackDelay = absl::Milliseconds(300);

// `left` from now, in nanotime; never 0, which is no deadline.
int64_t DeadlineIn(absl::Duration left) {
  return std::max<int64_t>(
      base::DeadlineAfter(base::nanotime(), absl::ToInt64Nanoseconds(left)), 1);
}

int64_t Earlier(int64_t a, int64_t b) {
  if (a == 0 || b == 0) return a + b;
  return std::min(a, b);
}

int64_t DeadlineAt(absl::Time t) {
  return t == absl::InfiniteFuture() ? 0 : DeadlineIn(t - absl::Now());
}

int64_t DeadlineOf(const Dialer& dialer) {
  int64_t deadline = DeadlineAt(dialer.Deadline);
  if (dialer.Timeout != absl::ZeroDuration() &&
      dialer.Timeout != absl::InfiniteDuration()) {
    deadline = Earlier(deadline, DeadlineIn(dialer.Timeout));
  }
  return deadline;
}

absl::StatusOr<AddrList> Resolve(const Dialer& dialer,
                                 const context::Context& ctx, int64_t deadline,
                                 std::string_view network,
                                 std::string_view address) {
  if (deadline == 0) {
    return ResolveAddrList(dialer.Resolver, ctx, /*dial=*/true, network,
                           address, dialer.LocalAddr);
  }
  const auto [limited, cancel] =
      context::WithTimeout(ctx, absl::Nanoseconds(deadline - base::nanotime()));
  absl::StatusOr<AddrList> addrs =
      ResolveAddrList(dialer.Resolver, limited, /*dial=*/true, network, address,
                      dialer.LocalAddr);
  cancel();
  return addrs;
}

}  // namespace

// Go: dial.go:Dialer.DialContext.
absl::StatusOr<Conn> Dialer::DialContext(const context::Context& ctx,
                                         std::string_view network,
                                         std::string_view address) const {
  internal::RequireContext(ctx);
  const int64_t own = DeadlineOf(*this);
  const absl::StatusOr<AddrList> addrs =
      Resolve(*this, ctx, own, network, address);
  if (!addrs.ok()) {
    return base::MakeOpError("dial", network, "", "", addrs.status());
  }
  SocketHooks hooks;
  hooks.control = internal::ControlHook(ctx, Control, ControlContext);
  hooks.keep_alive = internal::KeepAliveHook(KeepAlive, KeepAliveConfig);
  const internal::DialPlan plan{
      .network = std::string(network),
      .local = LocalAddr,
      .deadline = Earlier(own, DeadlineAt(ctx.Deadline())),
      .dial_one = [net = std::string(network), local = LocalAddr,
                   hooks = std::move(hooks)](
                      const context::Context& c, const Addr& remote,
                      int64_t deadline) -> absl::StatusOr<Conn> {
        // What cannot be cancelled need not be watched.
        const bool watch = static_cast<bool>(c.Done());
        return DialSocket(net, local, remote, deadline,
                          watch ? c : context::Context(), hooks);
      }};
  if (network != "tcp" || addrs->size() == 1 ||
      FallbackDelay < absl::ZeroDuration()) {
    return internal::DialSerial(plan, ctx, *addrs);
  }
  const Halves halves = PartitionByFamily(*addrs);
  return internal::DialParallel(
      plan, ctx, halves.primaries, halves.fallbacks,
      FallbackDelay > absl::ZeroDuration() ? FallbackDelay : kFallbackDelay);
}

absl::StatusOr<Conn> Dialer::Dial(std::string_view network,
                                  std::string_view address) const {
  return DialContext(context::Background(), network, address);
}

absl::StatusOr<Conn> Dial(std::string_view network, std::string_view address) {
  return Dialer().Dial(network, address);
}

absl::StatusOr<Conn> DialContext(const context::Context& ctx,
                                 std::string_view network,
                                 std::string_view address) {
  return Dialer().DialContext(ctx, network, address);
}

absl::StatusOr<Conn> DialTimeout(std::string_view network,
                                 std::string_view address,
                                 absl::Duration timeout) {
  return Dialer{.Timeout = timeout}.Dial(network, address);
}

}  // namespace parkour::net
