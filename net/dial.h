// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// dial.h: connecting to an address.
//
//   net::Dialer dialer{.Timeout = absl::Seconds(2)};
//   auto conn = dialer.DialContext(ctx, "tcp", "localhost:80");
//   if (!conn.ok()) return conn.status();
//       // dial tcp [::1]:80: connect: connection refused
//
// A name may stand for several addresses. They are tried in turn, each with a
// share of the time that is left; the first error is reported if all fail. For
// the network "tcp", if there are both IPv4 and IPv6 addresses, those of the
// other family than the first's have a race of their own (RFC 6555, Happy
// Eyeballs): it begins after FallbackDelay, or as soon as the first family has
// failed. Who is connected first wins; the other side is cancelled, and waited
// for.
//
// Networks: tcp, tcp4, tcp6, udp, udp4, udp6, unix, unixgram, unixpacket.
// Addresses: "host:port" for TCP and UDP, where no host is this machine; a path
//           or "@name" for unix.
// Errors:   "dial tcp ADDRESS: why"; "i/o timeout" if a time limit was it,
//           "operation was canceled" if the context was.
// Blocking: parks until connected; a plain thread sleeps. Thread-safe.
// See:      Go: net.Dialer

#ifndef PARKOUR_NET_DIAL_H_
#define PARKOUR_NET_DIAL_H_

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "parkour/context/context.h"
#include "parkour/net/addr.h"
#include "parkour/net/conn.h"
#include "parkour/net/keepalive.h"
#include "parkour/net/resolver.h"

namespace parkour::net {

// Called for each socket before it is bound or connected, to set options of
// your own on `fd`, which stays the caller's. `network` is the precise one
// ("tcp4" where "tcp" was asked for). An error ends the attempt, as it is.
// Called in goroutines of the dial, by two of them at once in a race; never
// after Dial has returned.
using ControlFunc = std::function<absl::Status(
    std::string_view network, std::string_view address, int fd)>;
// The same with the context of the call.
using ControlContextFunc = std::function<absl::Status(
    const context::Context& ctx, std::string_view network,
    std::string_view address, int fd)>;

struct Dialer {
  // How long a dial may take, looking up names included. 0: no limit; below 0:
  // no time at all.
  absl::Duration Timeout = absl::ZeroDuration();
  // The same as a point in time; the earlier counts.
  absl::Time Deadline = absl::InfiniteFuture();
  // Where to dial from. Nil: the system chooses.
  Addr LocalAddr{};
  // How long the first family's start is. 0: 300 ms; below 0: no race, all
  // addresses in turn.
  absl::Duration FallbackDelay = absl::ZeroDuration();
  // The interval of TCP's keep-alive probes. 0: 15 s; below 0: none are sent.
  absl::Duration KeepAlive = absl::ZeroDuration();
  // Instead of KeepAlive, if enabled.
  net::KeepAliveConfig KeepAliveConfig{};
  ControlFunc Control{};
  ControlContextFunc ControlContext{};  // instead of Control
  net::Resolver Resolver{};

  absl::StatusOr<Conn> Dial(std::string_view network,
                            std::string_view address) const;

  // The context ends the dial, not the connection that came of it.
  // REQUIRES: ctx is not nil ("panic: nil context").
  absl::StatusOr<Conn> DialContext(const context::Context& ctx,
                                   std::string_view network,
                                   std::string_view address) const;
};

// By a Dialer without settings. Go: net.Dial.
absl::StatusOr<Conn> Dial(std::string_view network, std::string_view address);
absl::StatusOr<Conn> DialContext(const context::Context& ctx,
                                 std::string_view network,
                                 std::string_view address);
// With a Timeout. Go: net.DialTimeout.
absl::StatusOr<Conn> DialTimeout(std::string_view network,
                                 std::string_view address,
                                 absl::Duration timeout);

}  // namespace parkour::net

#endif  // PARKOUR_NET_DIAL_H_
