// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sock_posix.h: making sockets: families, options, bind, listen, connect.
//
// See: Go: src/net/sock_posix.go, ipsock_posix.go, sockopt_linux.go

#ifndef PARKOUR_NET_SOCK_POSIX_H_
#define PARKOUR_NET_SOCK_POSIX_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "parkour/net/addr.h"
#include "parkour/net/netfd.h"

namespace parkour::net {

// A socket that listens on addr; its options are inherited by the connections
// it accepts. Errors are "syscall: text", without the operation.
absl::StatusOr<std::shared_ptr<NetFD>> ListenTCP(const char* network,
                                                 const TCPAddr& addr);

// A connected socket. `deadline`: as for poll::FD::SetDeadline. A connection to
// itself, which the kernel makes when the target port is ephemeral and free, is
// closed and tried again.
absl::StatusOr<std::shared_ptr<NetFD>> DialTCP(const char* network,
                                               const TCPAddr& addr,
                                               int64_t deadline);

}  // namespace parkour::net

#endif  // PARKOUR_NET_SOCK_POSIX_H_
