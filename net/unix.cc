// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/unix.h"

#include <errno.h>

#include <cstring>

#include "parkour/base/sys.h"
#include "parkour/net/sock_posix.h"
#include "parkour/net/socket_option.h"

namespace parkour::net {
namespace {

std::string TextOrNothing(const Addr& addr) {
  return addr.IsNil() ? std::string() : addr.String();
}

}  // namespace

UnixConn UnixConn::From(const std::shared_ptr<ConnImpl>& impl) {
  const auto fd = std::dynamic_pointer_cast<NetFD>(impl);
  UnixConn conn;
  if (fd != nullptr && fd->IsUnix()) conn.impl_ = fd;
  return conn;
}

UnixConn UnixConn::From(const std::shared_ptr<PacketConnImpl>& impl) {
  return From(
      std::shared_ptr<ConnImpl>(std::dynamic_pointer_cast<NetFD>(impl)));
}

UnixConn::operator PacketConn() const { return PacketConn(SocketOf(*this)); }

ReadFromResult UnixConn::ReadFrom(std::span<char> buf) const {
  return PacketConn(*this).ReadFrom(buf);
}

io::Result UnixConn::WriteTo(std::string_view data, const Addr& addr) const {
  return PacketConn(*this).WriteTo(data, addr);
}

ReadMsgResult UnixConn::ReadMsg(std::span<char> buf,
                                std::span<char> oob) const {
  const std::shared_ptr<NetFD> fd = SocketOf(*this);
  return fd ? fd->ReadMsg(buf, oob)
            : ReadMsgResult{.err = internal::NilHandle()};
}

WriteMsgResult UnixConn::WriteMsg(std::string_view data, std::string_view oob,
                                  const Addr& addr) const {
  const std::shared_ptr<NetFD> fd = SocketOf(*this);
  return fd ? fd->WriteMsg(data, oob, addr)
            : WriteMsgResult{.err = internal::NilHandle()};
}

absl::Status UnixConn::SetReadBuffer(int bytes) const {
  return SetSocketOption(*this, SOL_SOCKET, SO_RCVBUF, bytes);
}

absl::Status UnixConn::SetWriteBuffer(int bytes) const {
  return SetSocketOption(*this, SOL_SOCKET, SO_SNDBUF, bytes);
}

absl::StatusOr<net::File> UnixConn::File() const {
  return OnSocket(*this, [](NetFD& fd) { return fd.DupFile(); });
}

RawConn UnixConn::SyscallConn() const { return RawConn(SocketOf(*this)); }

// ---- UnixListener ----

UnixListener UnixListener::From(const std::shared_ptr<ListenerImpl>& impl) {
  const auto socket = std::dynamic_pointer_cast<SocketListener>(impl);
  UnixListener listener;
  if (socket != nullptr && socket->fd()->IsUnix()) listener.impl_ = impl;
  return listener;
}

void UnixListener::SetUnlinkOnClose(bool unlink) const {
  const auto impl = As<SocketListener>();
  if (impl != nullptr) impl->SetUnlinkOnClose(unlink);
}

absl::StatusOr<UnixConn> UnixListener::AcceptUnix() const {
  absl::StatusOr<Conn> conn = Accept();
  if (!conn.ok()) return conn.status();
  return conn->As<UnixConn>();
}

absl::StatusOr<net::File> UnixListener::File() const {
  const auto impl = As<SocketListener>();
  if (impl == nullptr) return internal::NilHandle();
  return impl->DupFile();
}

RawConn UnixListener::SyscallConn() const {
  return RawConn(SocketOf(*this), /*listener=*/true);
}

// ---- Dial, listen ----

absl::StatusOr<UnixConn> DialUnix(std::string_view network, const Addr& laddr,
                                  const Addr& raddr) {
  const auto fail = [&](const absl::Status& err) {
    return base::MakeOpError("dial", network, TextOrNothing(laddr),
                             TextOrNothing(raddr), err);
  };
  if (!network.starts_with("unix") || StaticNetwork(network) == nullptr) {
    return fail(base::ErrUnknownNetwork(network));
  }
  absl::StatusOr<Conn> conn = DialSocket(network, laddr, raddr, 0);
  if (!conn.ok()) return fail(conn.status());
  return conn->As<UnixConn>();
}

absl::StatusOr<UnixListener> ListenUnix(std::string_view network,
                                        const Addr& laddr) {
  const auto fail = [&](const absl::Status& err) {
    return base::MakeOpError("listen", network, "", TextOrNothing(laddr), err);
  };
  if (network != "unix" && network != "unixpacket") {
    return fail(base::ErrUnknownNetwork(network));
  }
  if (laddr.IsNil()) return fail(base::ErrMissingAddress());
  absl::StatusOr<Listener> listener = ListenSocket(network, laddr);
  if (!listener.ok()) return fail(listener.status());
  return listener->As<UnixListener>();
}

absl::StatusOr<UnixConn> ListenUnixgram(std::string_view network,
                                        const Addr& laddr) {
  const auto fail = [&](const absl::Status& err) {
    return base::MakeOpError("listen", network, "", TextOrNothing(laddr), err);
  };
  if (network != "unixgram") return fail(base::ErrUnknownNetwork(network));
  if (laddr.IsNil()) return fail(base::ErrMissingAddress());
  absl::StatusOr<PacketConn> conn = ListenPacketSocket(network, laddr);
  if (!conn.ok()) return fail(conn.status());
  return conn->As<UnixConn>();
}

// ---- Descriptors ----

std::string UnixRights(std::span<const int> fds) {
  std::string out(CMSG_SPACE(fds.size_bytes()), '\0');
  cmsghdr head{};
  head.cmsg_len = CMSG_LEN(fds.size_bytes());
  head.cmsg_level = SOL_SOCKET;
  head.cmsg_type = SCM_RIGHTS;
  std::memcpy(out.data(), &head, sizeof(head));
  std::memcpy(out.data() + CMSG_LEN(0), fds.data(), fds.size_bytes());
  return out;
}

// By hand, not by CMSG_NXTHDR, which wants a msghdr and trusts its lengths.
absl::StatusOr<std::vector<int>> ParseUnixRights(std::string_view oob) {
  std::vector<int> fds;
  while (oob.size() >= sizeof(cmsghdr)) {
    cmsghdr head;
    std::memcpy(&head, oob.data(), sizeof(head));
    if (head.cmsg_len < CMSG_LEN(0) || head.cmsg_len > oob.size()) {
      // Nobody would close them.
      for (const int fd : fds) base::sys::Close(fd);
      return base::ErrnoStatus(EINVAL);
    }
    const size_t payload = head.cmsg_len - CMSG_LEN(0);
    if (head.cmsg_level == SOL_SOCKET && head.cmsg_type == SCM_RIGHTS) {
      const size_t before = fds.size();
      fds.resize(before + payload / sizeof(int));
      std::memcpy(fds.data() + before, oob.data() + CMSG_LEN(0),
                  (fds.size() - before) * sizeof(int));
    }
    oob.remove_prefix(std::min(oob.size(), CMSG_SPACE(payload)));
  }
  return fds;
}

}  // namespace parkour::net
