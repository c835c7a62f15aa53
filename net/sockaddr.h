// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sockaddr.h: addresses in the kernel's form and back.
//
// Blocking: a zone ("%eth0") costs a short system call in either direction.
// See:      Go: src/net/ipsock_posix.go, syscall/syscall_linux.go

#ifndef PARKOUR_NET_SOCKADDR_H_
#define PARKOUR_NET_SOCKADDR_H_

#include <sys/socket.h>

#include <string_view>

#include "absl/status/statusor.h"
#include "parkour/net/addr.h"

namespace parkour::net {

// Writes `addr` for a socket of `family` (AF_INET or AF_INET6) and returns the
// length. IPv4 goes v4-mapped into AF_INET6. The wildcards are the family's
// own: no ip, and 0.0.0.0 in AF_INET6, become "::". An unknown zone becomes 0.
// Returns 0 if the address has no form in `family` or the port is out of range.
socklen_t ToSockaddr(const TCPAddr& addr, int family, sockaddr_storage* out);
socklen_t ToSockaddr(const UDPAddr& addr, int family, sockaddr_storage* out);

// The same, with the reason if there is no form: "address A: non-IPv4 address",
// or, for a port, what the system call would say: "connect: invalid argument".
absl::StatusOr<socklen_t> SockaddrOrWhyNot(const TCPAddr& addr, int family,
                                           std::string_view syscall,
                                           sockaddr_storage* out);
absl::StatusOr<socklen_t> SockaddrOrWhyNot(const UDPAddr& addr, int family,
                                           std::string_view syscall,
                                           sockaddr_storage* out);

// The same for AF_UNIX. A '@' at the start becomes NUL; no name at all makes
// the kernel choose one (bind). Returns 0 if the name is longer than 107 bytes,
// abstract 108, for which Go has bind or connect say "invalid argument".
socklen_t ToSockaddr(const UnixAddr& addr, sockaddr_storage* out);

// The reverse; v4-mapped comes back as 4 bytes. Null and other families give an
// empty TCPAddr. REQUIRES: `addr` is as long as its family says.
TCPAddr FromSockaddr(const sockaddr* addr);

// What the kernel wrote, `len` bytes, for a socket of `network` ("tcp6",
// "unixgram" ...). Nil if it wrote no address. Names of unix sockets end at the
// first NUL; one at the start becomes '@', and so does no name at all.
Addr AddrFromSockaddr(std::string_view network, const sockaddr* addr,
                      socklen_t len);

}  // namespace parkour::net

#endif  // PARKOUR_NET_SOCKADDR_H_
