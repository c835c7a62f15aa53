// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// udp.h: what UDP has beyond Conn and PacketConn.
//
//   auto conn = net::ListenUDP("udp", net::UDPAddr{.port = port});
//   ...
//   net::ReadFromResult got = conn->ReadFrom(buf);
//   io::Result put;
//   if (got.ok()) put = conn->WriteTo(Answer(buf, got.n), got.addr);
//
// A UDPConn is a Conn and converts to a PacketConn. Connected (dialled) it has
// one peer, and Read and Write; else ReadFrom and WriteTo. A read of nothing is
// an empty datagram, never the end. What does not fit into the buffer is lost;
// ReadMsg's flags tell. A connected peer that does not listen shows as
// ECONNREFUSED at some later call.
//
// Blocking: reading and writing park. Thread-safety: all methods.
// See:      Go: net.UDPConn

#ifndef PARKOUR_NET_UDP_H_
#define PARKOUR_NET_UDP_H_

#include <memory>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parkour/net/conn.h"
#include "parkour/net/file.h"
#include "parkour/net/packet.h"
#include "parkour/net/raw_conn.h"

namespace parkour::net {

class UDPConn : public Conn {
 public:
  UDPConn() = default;
  static UDPConn From(const std::shared_ptr<ConnImpl>& impl);
  static UDPConn From(const std::shared_ptr<PacketConnImpl>& impl);
  operator PacketConn() const;  // NOLINT: Go converts implicitly, too

  // As PacketConn's. WriteTo on a connected one: "use of WriteTo with
  // pre-connected connection".
  ReadFromResult ReadFrom(std::span<char> buf) const;
  io::Result WriteTo(std::string_view data, const Addr& addr) const;

  // The same with ancillary data and flags. WriteMsg's address is nil if and
  // only if the socket is connected.
  ReadMsgResult ReadMsg(std::span<char> buf, std::span<char> oob = {}) const;
  WriteMsgResult WriteMsg(std::string_view data, std::string_view oob,
                          const Addr& addr) const;

  // The size of the system's buffers in bytes.
  absl::Status SetReadBuffer(int bytes) const;
  absl::Status SetWriteBuffer(int bytes) const;

  absl::StatusOr<net::File> File() const;
  RawConn SyscallConn() const;
};

// Go: net.DialUDP, net.ListenUDP. `laddr` may be nil.
absl::StatusOr<UDPConn> DialUDP(std::string_view network, const Addr& laddr,
                                const Addr& raddr);
absl::StatusOr<UDPConn> ListenUDP(std::string_view network, const Addr& laddr);

}  // namespace parkour::net

#endif  // PARKOUR_NET_UDP_H_
