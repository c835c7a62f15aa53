// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/udp.h"

#include <string>

#include "parkour/net/sock_posix.h"
#include "parkour/net/socket_option.h"

namespace parkour::net {
namespace {

bool IsUDPNetwork(std::string_view network) {
  return network == "udp" || network == "udp4" || network == "udp6";
}

std::string TextOrNothing(const Addr& addr) {
  return addr.IsNil() ? std::string() : addr.String();
}

}  // namespace

UDPConn UDPConn::From(const std::shared_ptr<ConnImpl>& impl) {
  const auto fd = std::dynamic_pointer_cast<NetFD>(impl);
  UDPConn conn;
  if (fd != nullptr && fd->IsUDP()) conn.impl_ = fd;
  return conn;
}

UDPConn UDPConn::From(const std::shared_ptr<PacketConnImpl>& impl) {
  return From(
      std::shared_ptr<ConnImpl>(std::dynamic_pointer_cast<NetFD>(impl)));
}

UDPConn::operator PacketConn() const { return PacketConn(SocketOf(*this)); }

ReadFromResult UDPConn::ReadFrom(std::span<char> buf) const {
  return PacketConn(*this).ReadFrom(buf);
}

io::Result UDPConn::WriteTo(std::string_view data, const Addr& addr) const {
  return PacketConn(*this).WriteTo(data, addr);
}

ReadMsgResult UDPConn::ReadMsg(std::span<char> buf, std::span<char> oob) const {
  const std::shared_ptr<NetFD> fd = SocketOf(*this);
  return fd ? fd->ReadMsg(buf, oob)
            : ReadMsgResult{.err = internal::NilHandle()};
}

WriteMsgResult UDPConn::WriteMsg(std::string_view data, std::string_view oob,
                                 const Addr& addr) const {
  const std::shared_ptr<NetFD> fd = SocketOf(*this);
  return fd ? fd->WriteMsg(data, oob, addr)
            : WriteMsgResult{.err = internal::NilHandle()};
}

absl::Status UDPConn::SetReadBuffer(int bytes) const {
  return SetSocketOption(*this, SOL_SOCKET, SO_RCVBUF, bytes);
}

absl::Status UDPConn::SetWriteBuffer(int bytes) const {
  return SetSocketOption(*this, SOL_SOCKET, SO_SNDBUF, bytes);
}

absl::StatusOr<net::File> UDPConn::File() const {
  return OnSocket(*this, [](NetFD& fd) { return fd.DupFile(); });
}

RawConn UDPConn::SyscallConn() const { return RawConn(SocketOf(*this)); }

absl::StatusOr<UDPConn> DialUDP(std::string_view network, const Addr& laddr,
                                const Addr& raddr) {
  const auto fail = [&](const absl::Status& err) {
    return base::MakeOpError("dial", network, TextOrNothing(laddr),
                             TextOrNothing(raddr), err);
  };
  if (!IsUDPNetwork(network)) return fail(base::ErrUnknownNetwork(network));
  if (raddr.IsNil()) return fail(base::ErrMissingAddress());
  absl::StatusOr<Conn> conn = DialSocket(network, laddr, raddr, 0);
  if (!conn.ok()) return fail(conn.status());
  return conn->As<UDPConn>();
}

absl::StatusOr<UDPConn> ListenUDP(std::string_view network, const Addr& laddr) {
  const auto fail = [&](const absl::Status& err) {
    return base::MakeOpError("listen", network, "", TextOrNothing(laddr), err);
  };
  if (!IsUDPNetwork(network)) return fail(base::ErrUnknownNetwork(network));
  absl::StatusOr<PacketConn> conn = ListenPacketSocket(network, laddr);
  if (!conn.ok()) return fail(conn.status());
  return conn->As<UDPConn>();
}

}  // namespace parkour::net
