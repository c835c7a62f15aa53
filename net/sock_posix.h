// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sock_posix.h: making sockets: families, options, bind, listen, connect.
//
// The port between names (Dial, Listen, Dialer, ListenConfig: dial.cc) and
// sockets. Addresses come in resolved; networks are Go's: tcp, udp with 4 or 6
// or nothing, unix, unixgram, unixpacket.
//
// Errors are without the operation, which the caller puts in front: "syscall:
// text", "address A: why", base::ErrUnknownNetwork, base::ErrDeadlineExceeded,
// base::ErrCanceled.
//
// Blocking: DialSocket parks until connected; the others return at once.
// See:      Go: src/net/sock_posix.go, ipsock_posix.go, sockopt_linux.go,
//           unixsock_posix.go

#ifndef PARKOUR_NET_SOCK_POSIX_H_
#define PARKOUR_NET_SOCK_POSIX_H_

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parkour/context/context.h"
#include "parkour/net/addr.h"
#include "parkour/net/conn.h"
#include "parkour/net/keepalive.h"

namespace parkour::net {

// What the user has to say about a new socket.
struct SocketHooks {
  // Called between socket() and bind() or connect(). `network` has its 4 or 6
  // ("tcp4" although "tcp" was asked for); `address` is the listener's or the
  // peer's. An error ends it, as it is.
  std::function<absl::Status(std::string_view network, std::string_view address,
                             int fd)>
      control{};
  bool reuse_port = false;   // SO_REUSEPORT; listeners, datagrams
  KeepAliveConfig keep_alive{// TCP; a listener's go to its connections
                             .Enable = true,
                             .Idle = absl::ZeroDuration(),
                             .Interval = absl::ZeroDuration(),
                             .Count = 0};
};

// "tcp", "tcp4", "tcp6", "unix", "unixpacket". A nil `laddr`: the wildcard, or
// for unix a name that the kernel makes up.
absl::StatusOr<Listener> ListenSocket(std::string_view network,
                                      const Addr& laddr,
                                      const SocketHooks& hooks = {});

// "udp", "udp4", "udp6", "unixgram". The handle behind is a UDPConn or a
// UnixConn (As).
absl::StatusOr<PacketConn> ListenPacketSocket(std::string_view network,
                                              const Addr& laddr,
                                              const SocketHooks& hooks = {});

// All but the packet networks' listeners: a connected socket. `laddr` may be
// nil. `deadline`: nanotime, 0: none, < 0: passed. A nil `ctx` is never
// cancelled; when it is, base::ErrCanceled(), or "i/o timeout" if its deadline
// was it. TCP connections to itself, which the kernel makes when the target
// port is ephemeral and free, are closed and tried again.
absl::StatusOr<Conn> DialSocket(std::string_view network, const Addr& laddr,
                                const Addr& raddr, int64_t deadline,
                                const context::Context& ctx = {},
                                const SocketHooks& hooks = {});

// Go: net.go (mapErr): a context's error in the words of net.
absl::Status MapContextError(const absl::Status& err);

}  // namespace parkour::net

#endif  // PARKOUR_NET_SOCK_POSIX_H_
