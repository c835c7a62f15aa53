// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// tcp.h: what TCP has beyond Conn and Listener.
//
//   if (net::TCPConn tcp = conn.As<net::TCPConn>()) {
//     tcp.SetLinger(0).IgnoreError();             // Close sends a reset
//   }
//
// A TCPConn is a Conn; handles of both kinds share one connection. Options fail
// with "set tcp LOCAL->REMOTE: setsockopt: ...", buffers with LOCAL alone.
//
// Blocking: ReadFrom, WriteTo, AcceptTCP and DialTCP park; the rest returns at
//           once.
// Thread-safety: all methods.
// See:      Go: net.TCPConn, net.TCPListener

#ifndef PARKOUR_NET_TCP_H_
#define PARKOUR_NET_TCP_H_

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "parkour/net/conn.h"
#include "parkour/net/file.h"
#include "parkour/net/keepalive.h"
#include "parkour/net/raw_conn.h"

namespace parkour::net {

class TCPConn : public Conn {
 public:
  TCPConn() = default;
  // For As: nil if it is no TCP connection.
  static TCPConn From(const std::shared_ptr<ConnImpl>& impl);

  // True, the default: small writes are sent at once (no Nagle).
  absl::Status SetNoDelay(bool no_delay) const;

  absl::Status SetKeepAlive(bool on) const;
  // The idle time before the first probe; 0: 15 s, below 0: as it is.
  absl::Status SetKeepAlivePeriod(absl::Duration d) const;
  absl::Status SetKeepAliveConfig(const KeepAliveConfig& config) const;

  // What Close does with data that was not yet sent or acknowledged. < 0, the
  // default: send it in the background; 0: discard it, the peer gets a reset;
  // > 0: send it, and after as many seconds discard the rest; Close then takes
  // that long, and a thread, though no P.
  absl::Status SetLinger(int seconds) const;

  // The size of the system's buffers in bytes.
  absl::Status SetReadBuffer(int bytes) const;
  absl::Status SetWriteBuffer(int bytes) const;

  // For io::Copy: writes all that arrives to `w`; inside the kernel if that is
  // a stream socket.
  io::Result WriteTo(io::WriterRef w) const;

  // A duplicate of the descriptor. Closing one does not affect the other.
  absl::StatusOr<net::File> File() const;
  RawConn SyscallConn() const;
};

class TCPListener : public Listener {
 public:
  TCPListener() = default;
  static TCPListener From(const std::shared_ptr<ListenerImpl>& impl);

  absl::StatusOr<TCPConn> AcceptTCP() const;
  absl::StatusOr<net::File> File() const;
  RawConn SyscallConn() const;
};

// Addresses may be nil: the local one for DialTCP, the wildcard for ListenTCP.
// Go: net.DialTCP, net.ListenTCP.
absl::StatusOr<TCPConn> DialTCP(std::string_view network, const Addr& laddr,
                                const Addr& raddr);
absl::StatusOr<TCPListener> ListenTCP(std::string_view network,
                                      const Addr& laddr);

}  // namespace parkour::net

#endif  // PARKOUR_NET_TCP_H_
