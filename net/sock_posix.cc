// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/sock_posix.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "parkour/base/error.h"
#include "parkour/base/sys.h"
#include "parkour/net/netfd.h"
#include "parkour/net/sockaddr.h"
#include "parkour/net/socket_listener.h"
#include "parkour/net/socket_option.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::net {
namespace {

namespace sys = base::sys;

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

// An end of a new socket: nil, an internet address, or a name.
const IP* IPOf(const Addr& addr) {
  if (const TCPAddr* const tcp = addr.tcp()) return &tcp->ip;
  if (const UDPAddr* const udp = addr.udp()) return &udp->ip;
  return nullptr;
}

bool IsWildcard(const Addr& addr) {
  const IP* const ip = IPOf(addr);
  return ip == nullptr || ip->empty() || ip->IsUnspecified();
}

bool IsV4(const Addr& addr) {
  const IP* const ip = IPOf(addr);
  return ip == nullptr || ip->empty() || !ip->To4().empty();
}

std::string TextOf(const Addr& addr) {
  return addr.IsNil() ? std::string() : addr.String();
}

// What is to be made.
struct Plan {
  const char* network;
  int family;
  int type;
  bool v6only = false;
  bool listen = false;
  bool multicast = false;  // its port may be several sockets'
  const SocketHooks* hooks;

  bool inet() const { return family != AF_UNIX; }
  bool tcp() const { return inet() && type == SOCK_STREAM; }
};

// Go: net/ipsock_posix.go (favoriteAddrFamily). IPv6 sockets that listen on the
// wildcard of a network without number take IPv4 too; 0.0.0.0 is such a
// wildcard.
void ChooseFamily(const Addr& laddr, const Addr& raddr, Plan* plan) {
  const std::string_view network = plan->network;
  if (network.starts_with("unix")) {
    plan->family = AF_UNIX;
  } else if (network.ends_with('4')) {
    plan->family = AF_INET;
  } else if (network.ends_with('6')) {
    plan->family = AF_INET6;
    plan->v6only = true;
  } else if (plan->listen && IsWildcard(laddr)) {
    plan->family = HasIPv6() ? AF_INET6 : AF_INET;
  } else if (IsV4(laddr) && IsV4(raddr)) {
    plan->family = AF_INET;
  } else {
    plan->family = AF_INET6;
    // One address: other sockets may have the port for IPv4.
    plan->v6only = plan->listen;
  }
}

absl::StatusOr<Plan> MakePlan(std::string_view network, const Addr& laddr,
                              const Addr& raddr, bool listen,
                              const SocketHooks& hooks) {
  Plan plan{.network = StaticNetwork(network),
            .family = AF_UNSPEC,
            .type = SocketType(network),
            .listen = listen,
            .hooks = &hooks};
  if (plan.network == nullptr) return base::ErrUnknownNetwork(network);
  ChooseFamily(laddr, raddr, &plan);
  return plan;
}

// The kernel's form of `addr`; `syscall` is what Go lets fail if a name is too
// long for it, or a port too large.
absl::StatusOr<socklen_t> KernelForm(const Plan& plan, const Addr& addr,
                                     std::string_view syscall,
                                     sockaddr_storage* out) {
  if (plan.inet()) {
    if (const UDPAddr* const udp = addr.udp()) {
      return SockaddrOrWhyNot(*udp, plan.family, syscall, out);
    }
    if (addr.tcp() == nullptr && !addr.IsNil()) {
      return base::ErrAddr(addr.String(), "unexpected address type");
    }
    return SockaddrOrWhyNot(addr.IsNil() ? TCPAddr{} : *addr.tcp(), plan.family,
                            syscall, out);
  }
  const UnixAddr* const name = addr.unix_addr();
  if (name == nullptr && !addr.IsNil()) {
    return base::ErrAddr(addr.String(), "unexpected address type");
  }
  const socklen_t len = ToSockaddr(name == nullptr ? UnixAddr{} : *name, out);
  if (len == 0) return base::ErrnoStatus(EINVAL, syscall);
  return len;
}

int SetOptions(const Plan& plan, int fd) {
  int err = 0;
  const auto set = [&](int level, int name, int value) {
    if (err == 0) err = sys::SetSockOpt(fd, level, name, value);
  };
  if (plan.family == AF_INET6) {
    sys::SetSockOpt(fd, IPPROTO_IPV6, IPV6_V6ONLY, plan.v6only);
  }
  if (plan.inet() && plan.type == SOCK_DGRAM) set(SOL_SOCKET, SO_BROADCAST, 1);
  // Set here, and inherited by what is accepted. A connection is one without
  // them too: Go ignores these errors, as of numbers that are too large.
  if (plan.tcp()) {
    sys::SetSockOpt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (plan.hooks->keep_alive.Enable) {
      ApplyKeepAlive(fd, plan.hooks->keep_alive);
    }
  }
  if (plan.listen && (plan.tcp() || plan.multicast)) {
    set(SOL_SOCKET, SO_REUSEADDR, 1);
  }
  if (plan.listen && plan.hooks->reuse_port) set(SOL_SOCKET, SO_REUSEPORT, 1);
  return err;
}

// Go: net/fd_posix.go (ctrlNetwork).
std::string ControlNetwork(const Plan& plan) {
  const std::string network = plan.network;
  if (!plan.inet() || network.ends_with('4') || network.ends_with('6')) {
    return network;
  }
  return network + (plan.family == AF_INET ? "4" : "6");
}

// A socket with its options, after the user's hook; `addr` is what that is
// told.
absl::StatusOr<int> NewSocket(const Plan& plan, const Addr& addr) {
  Socket s(sys::Socket(plan.family, plan.type, 0));
  if (s.get() < 0) return base::ErrnoStatus(-s.get(), "socket");
  const int err = SetOptions(plan, s.get());
  if (err < 0) return base::ErrnoStatus(-err, "setsockopt");
  if (plan.hooks->control) {
    absl::Status refused =
        plan.hooks->control(ControlNetwork(plan), TextOf(addr), s.get());
    if (!refused.ok()) return refused;
  }
  return s.release();
}

absl::Status BindTo(const Plan& plan, int fd, const Addr& addr) {
  sockaddr_storage sa{};
  const absl::StatusOr<socklen_t> len = KernelForm(plan, addr, "bind", &sa);
  if (!len.ok()) return len.status();
  const int err = sys::Bind(fd, reinterpret_cast<sockaddr*>(&sa), *len);
  return err < 0 ? base::ErrnoStatus(-err, "bind") : absl::OkStatus();
}

std::shared_ptr<NetFD> Adopt(const Plan& plan, Socket* s) {
  return std::make_shared<NetFD>(s->release(), plan.family, plan.type,
                                 plan.network);
}

// Both ends the same: the kernel connected the socket to itself.
bool SelfConnected(NetFD* fd) {
  const Addr local = fd->LocalAddr();
  return !local.IsNil() && local == fd->RemoteAddr();
}

// Makes a connect fail when a context ends, by its write deadline.
// Go: net/fd_unix.go (connect).
class Interrupter {
 public:
  Interrupter(const context::Context& ctx, NetFD* fd) : ctx_(ctx) {
    if (!ctx_) return;
    done_.Add(1);
    stop_ = context::AfterFunc(ctx_, [this, fd] {
      fd->fd().SetDeadline(-1, 2);
      done_.Done();
    });
  }
  Interrupter(const Interrupter&) = delete;
  Interrupter& operator=(const Interrupter&) = delete;

  // Once, at the end. The context's error if it has ended, else `err`: a
  // connection that came just then must not be kept, its deadline is spoilt.
  absl::Status Finish(const absl::Status& err) {
    if (!ctx_ || stop_()) return err;
    done_.Wait();
    return MapContextError(ctx_.Err());
  }

 private:
  const context::Context ctx_;
  context::StopFunc stop_;
  sync::WaitGroup done_;
};

absl::StatusOr<std::shared_ptr<NetFD>> DialOnce(const Plan& plan,
                                                const Addr& laddr,
                                                const Addr& raddr,
                                                int64_t deadline,
                                                const context::Context& ctx) {
  absl::StatusOr<int> made = NewSocket(plan, raddr.IsNil() ? laddr : raddr);
  if (!made.ok()) return made.status();
  Socket s(*made);
  if (!laddr.IsNil()) {
    absl::Status err = BindTo(plan, s.get(), laddr);
    if (!err.ok()) return err;
  }
  sockaddr_storage sa{};
  absl::StatusOr<socklen_t> len = 0;
  if (!raddr.IsNil()) {
    len = KernelForm(plan, raddr, "connect", &sa);
    if (!len.ok()) return len.status();
  }
  std::shared_ptr<NetFD> fd = Adopt(plan, &s);
  if (raddr.IsNil()) return fd;  // unixgram: bound, without a peer
  if (deadline != 0) fd->fd().SetDeadline(deadline, 2);
  Interrupter interrupter(ctx, fd.get());
  const int err = fd->Connect(reinterpret_cast<sockaddr*>(&sa), *len);
  absl::Status status = interrupter.Finish(
      err == 0 ? absl::OkStatus() : PollStatus(err, "connect"));
  if (!status.ok()) return status;
  if (deadline != 0) fd->fd().SetDeadline(0, 2);
  if (plan.inet() && IsWildcard(raddr)) {
    // What the kernel made of the wildcard.
    socklen_t peer_len = sizeof(sa);
    fd->fd().GetPeerName(reinterpret_cast<sockaddr*>(&sa), &peer_len);
  }
  fd->SetRemote(sa, *len);
  return fd;
}

// What listens for a group, which is joined later: all addresses, so that the
// port hears other groups and unicast too. Go: net/sock_posix.go
// (listenDatagram).
Addr WildcardOf(const Plan& plan, const Addr& group) {
  UDPAddr addr = *group.udp();
  addr.ip = plan.family == AF_INET ? IPv4(0, 0, 0, 0) : IPv6unspecified;
  return addr;
}

int PortOf(const Addr& addr) {
  return addr.tcp() != nullptr ? addr.tcp()->port : 0;
}

}  // namespace

absl::Status MapContextError(const absl::Status& err) {
  if (absl::IsCancelled(err)) return base::ErrCanceled();
  if (absl::IsDeadlineExceeded(err)) return base::ErrDeadlineExceeded();
  return err;
}

absl::StatusOr<Listener> ListenSocket(std::string_view network,
                                      const Addr& laddr,
                                      const SocketHooks& hooks) {
  const absl::StatusOr<Plan> plan =
      MakePlan(network, laddr, Addr(), /*listen=*/true, hooks);
  if (!plan.ok()) return plan.status();
  if (plan->type == SOCK_DGRAM) return base::ErrUnknownNetwork(network);
  absl::StatusOr<int> made = NewSocket(*plan, laddr);
  if (!made.ok()) return made.status();
  Socket s(*made);
  if (absl::Status err = BindTo(*plan, s.get(), laddr); !err.ok()) return err;
  const UnixAddr* const name = laddr.unix_addr();
  const std::string file = SocketFile(name == nullptr ? "" : name->name);
  const int err = sys::Listen(s.get(), Backlog());
  if (err < 0) {
    if (!file.empty()) sys::Unlink(file.c_str());
    return base::ErrnoStatus(-err, "listen");
  }
  std::shared_ptr<NetFD> fd = Adopt(*plan, &s);
  fd->LocalAddr();  // asks for the port now, while it is sure to answer
  return Listener(std::make_shared<SocketListener>(std::move(fd), file));
}

absl::StatusOr<PacketConn> ListenPacketSocket(std::string_view network,
                                              const Addr& laddr,
                                              const SocketHooks& hooks) {
  absl::StatusOr<Plan> plan =
      MakePlan(network, laddr, Addr(), /*listen=*/true, hooks);
  if (!plan.ok()) return plan.status();
  if (plan->type != SOCK_DGRAM) return base::ErrUnknownNetwork(network);
  const IP* const ip = IPOf(laddr);
  plan->multicast = ip != nullptr && ip->IsMulticast();
  const Addr local = plan->multicast ? WildcardOf(*plan, laddr) : laddr;
  absl::StatusOr<int> made = NewSocket(*plan, local);
  if (!made.ok()) return made.status();
  Socket s(*made);
  if (absl::Status err = BindTo(*plan, s.get(), local); !err.ok()) return err;
  std::shared_ptr<NetFD> fd = Adopt(*plan, &s);
  fd->LocalAddr();
  return PacketConn(std::move(fd));
}

// Go: net/tcpsock_posix.go (doDialTCPProto), unixsock_posix.go (unixSocket).
absl::StatusOr<Conn> DialSocket(std::string_view network, const Addr& laddr,
                                const Addr& raddr, int64_t deadline,
                                const context::Context& ctx,
                                const SocketHooks& hooks) {
  const absl::StatusOr<Plan> plan =
      MakePlan(network, laddr, raddr, /*listen=*/false, hooks);
  if (!plan.ok()) return plan.status();
  const auto nameless = [](const Addr& addr) {
    const UnixAddr* const name = addr.unix_addr();
    return name != nullptr && name->name.empty() ? Addr() : addr;
  };
  const Addr local = nameless(laddr);
  const Addr remote = nameless(raddr);
  if (remote.IsNil() &&
      (plan->inet() || plan->type != SOCK_DGRAM || local.IsNil())) {
    return base::ErrMissingAddress();
  }
  if (ctx && !ctx.Err().ok()) return MapContextError(ctx.Err());
  constexpr int kTries = 3;
  for (int i = 1;; ++i) {
    absl::StatusOr<std::shared_ptr<NetFD>> fd =
        DialOnce(*plan, local, remote, deadline, ctx);
    const bool retry = plan->tcp() && PortOf(local) == 0 && i < kTries &&
                       (fd.ok() ? SelfConnected(fd->get())
                                : base::ErrnoOf(fd.status()) == EADDRNOTAVAIL);
    if (!retry) {
      if (!fd.ok()) return fd.status();
      return Conn(*std::move(fd));
    }
    if (fd.ok()) (*fd)->Close().IgnoreError();
  }
}

}  // namespace parkour::net
