// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/sock_posix.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "parkour/base/error.h"
#include "parkour/base/sys.h"

namespace parkour::net {
namespace {

namespace sys = base::sys;

// Go: net/dial.go (defaultTCPKeepAliveIdle and its kin).
constexpr int kKeepIdleSeconds = 15;
constexpr int kKeepIntervalSeconds = 15;
constexpr int kKeepCount = 9;

// Go: net/sock_linux.go (maxListenerBacklog).
int Backlog() {
  static const int backlog = [] {
    char text[32] = {};
    if (sys::ReadFile("/proc/sys/net/core/somaxconn", text, sizeof(text) - 1) <=
        0) {
      return SOMAXCONN;
    }
    const int n = std::atoi(text);
    return n > 0 ? n : SOMAXCONN;
  }();
  return backlog;
}

bool HasIPv6() {
  static const bool has = [] {
    const int fd = sys::Socket(AF_INET6, SOCK_STREAM, 0);
    if (fd < 0) return false;
    sockaddr_in6 addr{};
    addr.sin6_family = AF_INET6;
    addr.sin6_addr = in6addr_loopback;
    const bool ok =
        sys::SetSockOpt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0) == 0 &&
        sys::Bind(fd, reinterpret_cast<sockaddr*>(&addr), sizeof(addr)) == 0;
    sys::Close(fd);
    return ok;
  }();
  return has;
}

// A descriptor until it has an owner.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) sys::Close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// IPv6 sockets that listen on the wildcard of plain "tcp" take IPv4 too;
// 0.0.0.0 is such a wildcard.
int Family(const char* network, const TCPAddr& addr, bool listen) {
  if (std::strcmp(network, "tcp4") == 0) return AF_INET;
  if (std::strcmp(network, "tcp6") == 0) return AF_INET6;
  const bool wildcard = addr.ip.empty() || addr.ip.IsUnspecified();
  if (listen && wildcard) {
    return HasIPv6() ? AF_INET6 : AF_INET;
  }
  return addr.ip.empty() || !addr.ip.To4().empty() ? AF_INET : AF_INET6;
}

absl::Status SetTCPOptions(int fd) {
  const struct {
    int level, name, value;
  } options[] = {
      {IPPROTO_TCP, TCP_NODELAY, 1},
      {SOL_SOCKET, SO_KEEPALIVE, 1},
      {IPPROTO_TCP, TCP_KEEPIDLE, kKeepIdleSeconds},
      {IPPROTO_TCP, TCP_KEEPINTVL, kKeepIntervalSeconds},
      {IPPROTO_TCP, TCP_KEEPCNT, kKeepCount},
  };
  for (const auto& o : options) {
    const int err = sys::SetSockOpt(fd, o.level, o.name, o.value);
    if (err < 0) return base::ErrnoStatus(-err, "setsockopt");
  }
  return absl::OkStatus();
}

absl::StatusOr<int> NewSocket(const char* network, int family,
                              const TCPAddr& addr, bool listen) {
  Socket s(sys::Socket(family, SOCK_STREAM, 0));
  if (s.get() < 0) return base::ErrnoStatus(-s.get(), "socket");
  if (family == AF_INET6) {
    const bool wildcard = addr.ip.empty() || addr.ip.IsUnspecified();
    const int only = !(listen && wildcard && std::strcmp(network, "tcp") == 0);
    sys::SetSockOpt(s.get(), IPPROTO_IPV6, IPV6_V6ONLY, only);
  }
  if (absl::Status st = SetTCPOptions(s.get()); !st.ok()) return st;
  return s.release();
}

// Both ends the same: the kernel connected the socket to itself.
bool SelfConnected(NetFD* fd) {
  const Addr local = fd->LocalAddr();
  return !local.IsNil() && local == fd->RemoteAddr();
}

absl::StatusOr<std::shared_ptr<NetFD>> DialOnce(const char* network,
                                                const TCPAddr& addr,
                                                int64_t deadline) {
  const int family = Family(network, addr, /*listen=*/false);
  sockaddr_storage sa{};
  const socklen_t len = ToSockaddr(addr, family, &sa);
  if (len == 0) {
    return base::ErrAddr(addr.String(), "no suitable address found");
  }
  absl::StatusOr<int> s = NewSocket(network, family, addr, /*listen=*/false);
  if (!s.ok()) return s.status();
  auto fd = std::make_shared<NetFD>(*s, network);
  if (deadline != 0) fd->fd().SetDeadline(deadline, 2);
  if (int err = fd->Connect(reinterpret_cast<sockaddr*>(&sa), len); err != 0) {
    return PollStatus(err, "connect");
  }
  if (deadline != 0) fd->fd().SetDeadline(0, 2);
  if (addr.ip.empty() || addr.ip.IsUnspecified()) {
    // What the kernel made of the wildcard.
    socklen_t peer_len = sizeof(sa);
    fd->fd().GetPeerName(reinterpret_cast<sockaddr*>(&sa), &peer_len);
  }
  fd->SetRemote(sa);
  return fd;
}

}  // namespace

absl::StatusOr<std::shared_ptr<NetFD>> ListenTCP(const char* network,
                                                 const TCPAddr& addr) {
  const int family = Family(network, addr, /*listen=*/true);
  sockaddr_storage sa{};
  const socklen_t len = ToSockaddr(addr, family, &sa);
  if (len == 0) {
    return base::ErrAddr(addr.String(), "no suitable address found");
  }
  absl::StatusOr<int> fd = NewSocket(network, family, addr, /*listen=*/true);
  if (!fd.ok()) return fd.status();
  Socket s(*fd);
  int err = sys::SetSockOpt(s.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (err < 0) return base::ErrnoStatus(-err, "setsockopt");
  err = sys::Bind(s.get(), reinterpret_cast<sockaddr*>(&sa), len);
  if (err < 0) return base::ErrnoStatus(-err, "bind");
  err = sys::Listen(s.get(), Backlog());
  if (err < 0) return base::ErrnoStatus(-err, "listen");
  auto listener = std::make_shared<NetFD>(s.release(), network);
  listener->LocalAddr();  // asks for the port now, while it is sure to answer
  return listener;
}

absl::StatusOr<std::shared_ptr<NetFD>> DialTCP(const char* network,
                                               const TCPAddr& addr,
                                               int64_t deadline) {
  constexpr int kTries = 3;
  for (int i = 1;; ++i) {
    absl::StatusOr<std::shared_ptr<NetFD>> fd =
        DialOnce(network, addr, deadline);
    const bool again = fd.ok() ? SelfConnected(fd->get())
                               : base::ErrnoOf(fd.status()) == EADDRNOTAVAIL;
    if (!again || i == kTries) return fd;
    if (fd.ok()) (*fd)->Close().IgnoreError();
  }
}

}  // namespace parkour::net
