// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// unix.h: what sockets of this machine have beyond Conn, Listener and
// PacketConn: datagrams, and messages that carry descriptors.
//
//   const int fds[] = {file.Fd()};
//   conn.WriteMsg("take this", net::UnixRights(fds), {}).err.IgnoreError();
//
//   char oob[64];
//   net::ReadMsgResult got = conn.ReadMsg(buf, oob);
//   auto received = net::ParseUnixRights({oob, got.oobn});   // yours to close
//
// A UnixConn is a Conn and converts to a PacketConn. Networks: "unix" (a
// stream), "unixgram" (datagrams), "unixpacket" (a connection that keeps
// messages apart). Received descriptors are close-on-exec.
//
// Blocking: reading, writing, accepting and dialling park.
// Thread-safety: all methods.
// See:      Go: net.UnixConn, net.UnixListener, syscall.UnixRights

#ifndef PARKOUR_NET_UNIX_H_
#define PARKOUR_NET_UNIX_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parkour/net/conn.h"
#include "parkour/net/file.h"
#include "parkour/net/packet.h"
#include "parkour/net/raw_conn.h"

namespace parkour::net {

class UnixConn : public Conn {
 public:
  UnixConn() = default;
  static UnixConn From(const std::shared_ptr<ConnImpl>& impl);
  static UnixConn From(const std::shared_ptr<PacketConnImpl>& impl);
  operator PacketConn() const;  // NOLINT: Go converts implicitly, too

  using Conn::ReadFrom;
  // As PacketConn's. A sender without a name is nil.
  ReadFromResult ReadFrom(std::span<char> buf) const;
  io::Result WriteTo(std::string_view data, const Addr& addr) const;

  // The same with ancillary data and flags. Ancillary data without a message is
  // sent and received with one byte that is not counted, if this is no datagram
  // socket.
  ReadMsgResult ReadMsg(std::span<char> buf, std::span<char> oob) const;
  WriteMsgResult WriteMsg(std::string_view data, std::string_view oob,
                          const Addr& addr) const;

  absl::Status SetReadBuffer(int bytes) const;
  absl::Status SetWriteBuffer(int bytes) const;

  absl::StatusOr<net::File> File() const;
  RawConn SyscallConn() const;
};

class UnixListener : public Listener {
 public:
  UnixListener() = default;
  static UnixListener From(const std::shared_ptr<ListenerImpl>& impl);

  // Whether Close removes the socket's file; by default it does if Listen made
  // it.
  void SetUnlinkOnClose(bool unlink) const;

  absl::StatusOr<UnixConn> AcceptUnix() const;
  absl::StatusOr<net::File> File() const;
  RawConn SyscallConn() const;
};

// Go: net.DialUnix, net.ListenUnix, net.ListenUnixgram. `laddr` of DialUnix may
// be nil, and for "unixgram" `raddr` instead.
absl::StatusOr<UnixConn> DialUnix(std::string_view network, const Addr& laddr,
                                  const Addr& raddr);
absl::StatusOr<UnixListener> ListenUnix(std::string_view network,
                                        const Addr& laddr);
absl::StatusOr<UnixConn> ListenUnixgram(std::string_view network,
                                        const Addr& laddr);

// Ancillary data that carries descriptors, and the descriptors in it: the
// caller's to close. Of malformed data those that were found are closed.
std::string UnixRights(std::span<const int> fds);
absl::StatusOr<std::vector<int>> ParseUnixRights(std::string_view oob);

}  // namespace parkour::net

#endif  // PARKOUR_NET_UNIX_H_
