// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// listen.h: being found at an address.
//
//   net::ListenConfig config{.ReusePort = true};
//   auto ln = config.Listen(ctx, "tcp", "127.0.0.1:0");
//   if (!ln.ok()) return ln.status();
//   Use(ln->Addr().String());                  // with the port that it got
//
// No host, 0.0.0.0 and :: are all addresses of this machine, of both families
// unless the network ends in 4 or 6. A name is its first IPv4 address. Port 0
// lets the system choose. For unix the address is a path, which the last Close
// removes, or "@name"; none at all makes the system choose one.
//
// Errors:   "listen tcp ADDRESS: why".
// Blocking: parks only to look up a name. Thread-safe.
// See:      Go: net.ListenConfig

#ifndef PARKOUR_NET_LISTEN_H_
#define PARKOUR_NET_LISTEN_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "parkour/context/context.h"
#include "parkour/net/conn.h"
#include "parkour/net/dial.h"
#include "parkour/net/keepalive.h"

namespace parkour::net {

struct ListenConfig {
  ControlFunc Control{};
  // As a Dialer's; for the connections that are accepted.
  absl::Duration KeepAlive = absl::ZeroDuration();
  net::KeepAliveConfig KeepAliveConfig{};
  // Several sockets may have this address, if all ask for it; the system
  // spreads what arrives over them (SO_REUSEPORT).
  bool ReusePort = false;

  // Networks: tcp, tcp4, tcp6, unix, unixpacket. The context ends the lookup of
  // a name, nothing after that. REQUIRES: ctx is not nil.
  absl::StatusOr<Listener> Listen(const context::Context& ctx,
                                  std::string_view network,
                                  std::string_view address) const;
  // Networks: udp, udp4, udp6, unixgram.
  absl::StatusOr<PacketConn> ListenPacket(const context::Context& ctx,
                                          std::string_view network,
                                          std::string_view address) const;
};

// By a ListenConfig without settings. Go: net.Listen, net.ListenPacket.
absl::StatusOr<Listener> Listen(std::string_view network,
                                std::string_view address);
absl::StatusOr<PacketConn> ListenPacket(std::string_view network,
                                        std::string_view address);

}  // namespace parkour::net

#endif  // PARKOUR_NET_LISTEN_H_
