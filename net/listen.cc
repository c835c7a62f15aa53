// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// From names to listening sockets, and the operation's name around the error.

#include "parkour/net/listen.h"

#include <string>
#include <utility>

#include "parkour/base/error.h"
#include "parkour/net/addrlist.h"
#include "parkour/net/control.h"
#include "parkour/net/sock_posix.h"

namespace parkour::net {
namespace {

absl::Status ListenError(std::string_view network, std::string_view addr,
                         const absl::Status& inner) {
  return base::MakeOpError("listen", network, "", addr, inner);
}

// Where to listen; its error is complete.
absl::StatusOr<Addr> LocalAddrOf(const context::Context& ctx,
                                 std::string_view network,
                                 std::string_view address, bool packets) {
  internal::RequireContext(ctx);
  const absl::StatusOr<AddrList> addrs = ResolveAddrList(
      Resolver(), ctx, /*dial=*/false, network, address, Addr());
  if (!addrs.ok()) return ListenError(network, "", addrs.status());
  const Addr& addr = FirstIPv4(*addrs);
  if (packets != (IsUDP(network) || network == "unixgram")) {
    return ListenError(network, addr.String(),
                       base::ErrAddr(address, "unexpected address type"));
  }
  return addr;
}

SocketHooks HooksOf(const ListenConfig& config) {
  SocketHooks hooks;
  hooks.control = config.Control;
  hooks.reuse_port = config.ReusePort;
  hooks.keep_alive =
      internal::KeepAliveHook(config.KeepAlive, config.KeepAliveConfig);
  return hooks;
}

}  // namespace

// Go: dial.go:ListenConfig.Listen.
absl::StatusOr<Listener> ListenConfig::Listen(const context::Context& ctx,
                                              std::string_view network,
                                              std::string_view address) const {
  const absl::StatusOr<Addr> addr =
      LocalAddrOf(ctx, network, address, /*packets=*/false);
  if (!addr.ok()) return addr.status();
  absl::StatusOr<Listener> ln = ListenSocket(network, *addr, HooksOf(*this));
  if (!ln.ok()) return ListenError(network, addr->String(), ln.status());
  return ln;
}

absl::StatusOr<PacketConn> ListenConfig::ListenPacket(
    const context::Context& ctx, std::string_view network,
    std::string_view address) const {
  const absl::StatusOr<Addr> addr =
      LocalAddrOf(ctx, network, address, /*packets=*/true);
  if (!addr.ok()) return addr.status();
  absl::StatusOr<PacketConn> conn =
      ListenPacketSocket(network, *addr, HooksOf(*this));
  if (!conn.ok()) return ListenError(network, addr->String(), conn.status());
  return conn;
}

absl::StatusOr<Listener> Listen(std::string_view network,
                                std::string_view address) {
  return ListenConfig().Listen(context::Background(), network, address);
}

absl::StatusOr<PacketConn> ListenPacket(std::string_view network,
                                        std::string_view address) {
  return ListenConfig().ListenPacket(context::Background(), network, address);
}

}  // namespace parkour::net
