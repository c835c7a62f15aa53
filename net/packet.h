// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// packet.h: what sockets that deal in messages give back.
//
//   net::ReadMsgResult got = conn.ReadMsg(buf, oob);
//   if (got.flags & MSG_TRUNC) longer = true;   // than the buffer
//
// Blocking: no; values. See: Go: net.UDPConn.ReadMsgUDP, UnixConn.ReadMsgUnix

#ifndef PARKOUR_NET_PACKET_H_
#define PARKOUR_NET_PACKET_H_

#include <cstddef>

#include "absl/status/status.h"
#include "parkour/net/addr.h"

namespace parkour::net {

// What a read of one datagram gives. A datagram may be empty.
struct ReadFromResult {
  size_t n = 0;
  Addr addr{};
  absl::Status err{};
  bool ok() const { return err.ok(); }
};

struct ReadMsgResult {
  size_t n = 0;     // bytes of the message
  size_t oobn = 0;  // bytes of ancillary data
  int flags = 0;    // MSG_TRUNC, MSG_CTRUNC ...; see recvmsg(2)
  Addr addr{};      // the sender
  absl::Status err{};
  bool ok() const { return err.ok(); }
};

struct WriteMsgResult {
  size_t n = 0;
  size_t oobn = 0;
  absl::Status err{};
  bool ok() const { return err.ok(); }
};

}  // namespace parkour::net

#endif  // PARKOUR_NET_PACKET_H_
