// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/tcp.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "parkour/base/sys.h"
#include "parkour/net/sock_posix.h"
#include "parkour/net/socket_option.h"

namespace parkour::net {
namespace {

// A connection without its WriteTo.
struct JustReader {
  io::Result Read(std::span<char> buf) const { return conn.Read(buf); }
  const Conn& conn;
};

// Rounded up; for setsockopt, which refuses more than nine hours.
int Seconds(absl::Duration d) {
  constexpr int64_t kMost = std::numeric_limits<int>::max();
  return static_cast<int>(
      std::min(absl::ToInt64Seconds(absl::Ceil(d, absl::Seconds(1))), kMost));
}

// An option whose error names both ends.
absl::Status SetConnOption(const TCPConn& conn, int level, int name,
                           int value) {
  return OnSocket(conn, [&](NetFD& fd) {
    return fd.OptionStatus(fd.fd().SetSockOpt(level, name, value));
  });
}

bool IsTCPNetwork(std::string_view network) {
  return network == "tcp" || network == "tcp4" || network == "tcp6";
}

std::string TextOrNothing(const Addr& addr) {
  return addr.IsNil() ? std::string() : addr.String();
}

}  // namespace

// Go: net/tcpsockopt_unix.go.
int ApplyKeepAlive(int fd, const KeepAliveConfig& config) {
  constexpr absl::Duration kDefault = absl::Seconds(15);
  constexpr int kDefaultCount = 9;
  const auto set = [fd](int level, int name, int value) {
    return base::sys::SetSockOpt(fd, level, name, value);
  };
  const auto duration = [&](int name, absl::Duration d) {
    if (d < absl::ZeroDuration()) return 0;
    return set(IPPROTO_TCP, name,
               Seconds(d == absl::ZeroDuration() ? kDefault : d));
  };
  int err = set(SOL_SOCKET, SO_KEEPALIVE, config.Enable);
  if (err == 0) err = duration(TCP_KEEPIDLE, config.Idle);
  if (err == 0) err = duration(TCP_KEEPINTVL, config.Interval);
  if (err == 0 && config.Count >= 0) {
    err = set(IPPROTO_TCP, TCP_KEEPCNT,
              config.Count == 0 ? kDefaultCount : config.Count);
  }
  return err;
}

TCPConn TCPConn::From(const std::shared_ptr<ConnImpl>& impl) {
  const auto fd = std::dynamic_pointer_cast<NetFD>(impl);
  TCPConn conn;
  if (fd != nullptr && fd->IsTCP()) conn.impl_ = impl;
  return conn;
}

absl::Status TCPConn::SetNoDelay(bool no_delay) const {
  return SetConnOption(*this, IPPROTO_TCP, TCP_NODELAY, no_delay);
}

absl::Status TCPConn::SetKeepAlive(bool on) const {
  return SetConnOption(*this, SOL_SOCKET, SO_KEEPALIVE, on);
}

absl::Status TCPConn::SetKeepAlivePeriod(absl::Duration d) const {
  if (!*this) return internal::NilHandle();
  if (d < absl::ZeroDuration()) return absl::OkStatus();
  if (d == absl::ZeroDuration()) d = absl::Seconds(15);
  return SetConnOption(*this, IPPROTO_TCP, TCP_KEEPIDLE, Seconds(d));
}

absl::Status TCPConn::SetKeepAliveConfig(const KeepAliveConfig& config) const {
  return OnSocket(*this, [&](NetFD& fd) {
    int result = 0;
    const int err = fd.fd().RawControl(
        [&](int sysfd) { result = ApplyKeepAlive(sysfd, config); });
    return fd.OptionStatus(err != 0 ? err : result);
  });
}

absl::Status TCPConn::SetLinger(int seconds) const {
  return OnSocket(*this, [&](NetFD& fd) { return fd.SetLinger(seconds); });
}

absl::Status TCPConn::SetReadBuffer(int bytes) const {
  return SetSocketOption(*this, SOL_SOCKET, SO_RCVBUF, bytes);
}

absl::Status TCPConn::SetWriteBuffer(int bytes) const {
  return SetSocketOption(*this, SOL_SOCKET, SO_SNDBUF, bytes);
}

// A socket's ReadFrom splices; with everything else Copy does what is best, but
// must not come back here.
io::Result TCPConn::WriteTo(io::WriterRef w) const {
  if (!*this) return {0, internal::NilHandle()};
  const Conn& as_conn = *this;
  if (w.HasReadFrom()) return w.ReadFrom(as_conn);
  return io::Copy(w, JustReader{as_conn});
}

absl::StatusOr<net::File> TCPConn::File() const {
  return OnSocket(*this, [](NetFD& fd) { return fd.DupFile(); });
}

RawConn TCPConn::SyscallConn() const { return RawConn(SocketOf(*this)); }

// ---- TCPListener ----

TCPListener TCPListener::From(const std::shared_ptr<ListenerImpl>& impl) {
  const auto socket = std::dynamic_pointer_cast<SocketListener>(impl);
  TCPListener listener;
  if (socket != nullptr && socket->fd()->IsTCP()) listener.impl_ = impl;
  return listener;
}

absl::StatusOr<TCPConn> TCPListener::AcceptTCP() const {
  absl::StatusOr<Conn> conn = Accept();
  if (!conn.ok()) return conn.status();
  return conn->As<TCPConn>();
}

absl::StatusOr<net::File> TCPListener::File() const {
  const auto impl = As<SocketListener>();
  if (impl == nullptr) return internal::NilHandle();
  return impl->DupFile();
}

RawConn TCPListener::SyscallConn() const {
  return RawConn(SocketOf(*this), /*listener=*/true);
}

// ---- Dial, listen ----

absl::StatusOr<TCPConn> DialTCP(std::string_view network, const Addr& laddr,
                                const Addr& raddr) {
  const auto fail = [&](const absl::Status& err) {
    return base::MakeOpError("dial", network, TextOrNothing(laddr),
                             TextOrNothing(raddr), err);
  };
  if (!IsTCPNetwork(network)) return fail(base::ErrUnknownNetwork(network));
  if (raddr.IsNil()) return fail(base::ErrMissingAddress());
  absl::StatusOr<Conn> conn = DialSocket(network, laddr, raddr, 0);
  if (!conn.ok()) return fail(conn.status());
  return conn->As<TCPConn>();
}

absl::StatusOr<TCPListener> ListenTCP(std::string_view network,
                                      const Addr& laddr) {
  const auto fail = [&](const absl::Status& err) {
    return base::MakeOpError("listen", network, "", TextOrNothing(laddr), err);
  };
  if (!IsTCPNetwork(network)) return fail(base::ErrUnknownNetwork(network));
  absl::StatusOr<Listener> listener = ListenSocket(network, laddr);
  if (!listener.ok()) return fail(listener.status());
  return listener->As<TCPListener>();
}

}  // namespace parkour::net
