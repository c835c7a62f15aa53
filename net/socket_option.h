// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// socket_option.h: what the typed handles do with the socket behind them.
//
//   return OnSocket(impl_, [&](NetFD& fd) { return fd.SetLinger(seconds); });
//
// Blocking: no. See: tcp.cc, udp.cc, unix.cc

#ifndef PARKOUR_NET_SOCKET_OPTION_H_
#define PARKOUR_NET_SOCKET_OPTION_H_

#include <memory>

#include "absl/status/status.h"
#include "parkour/base/error.h"
#include "parkour/net/conn.h"
#include "parkour/net/keepalive.h"
#include "parkour/net/netfd.h"
#include "parkour/net/socket_listener.h"

namespace parkour::net {

// The socket of a typed handle; null for nil.
inline std::shared_ptr<NetFD> SocketOf(const Conn& conn) {
  return conn.As<NetFD>();
}
inline std::shared_ptr<NetFD> SocketOf(const Listener& listener) {
  const std::shared_ptr<SocketListener> impl = listener.As<SocketListener>();
  return impl == nullptr ? nullptr : impl->fd();
}

// f(NetFD&), or "invalid argument" for nil.
template <typename Handle, typename F>
auto OnSocket(const Handle& handle, F f) -> decltype(f(*SocketOf(handle))) {
  const std::shared_ptr<NetFD> fd = SocketOf(handle);
  if (fd == nullptr) return internal::NilHandle();
  return f(*fd);
}

template <typename Handle>
absl::Status SetSocketOption(const Handle& handle, int level, int name,
                             int value) {
  return OnSocket(handle,
                  [&](NetFD& fd) { return fd.SetOption(level, name, value); });
}

// The keep-alive options of a descriptor: 0 or -errno.
int ApplyKeepAlive(int fd, const KeepAliveConfig& config);

}  // namespace parkour::net

#endif  // PARKOUR_NET_SOCKET_OPTION_H_
