// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/netfd.h"

#include <errno.h>
#include <netinet/tcp.h>

#include <cstring>
#include <string>

#include "parkour/base/clock.h"
#include "parkour/base/error.h"
#include "parkour/net/net.h"

namespace parkour::net {
namespace {

void Keep(const sockaddr_storage& from, SockAddr* to) {
  std::memcpy(to, &from, sizeof(*to));
}

Addr Decode(const SockAddr& addr) {
  if (addr.any.sa_family == AF_UNSPEC) return Addr();
  return Addr(FromSockaddr(&addr.any));
}

bool IsWildcard(const SockAddr& addr) {
  switch (addr.any.sa_family) {
    case AF_INET:
      return addr.v4.sin_addr.s_addr == INADDR_ANY;
    case AF_INET6:
      return IN6_IS_ADDR_UNSPECIFIED(&addr.v6.sin6_addr);
    default:
      return true;
  }
}

std::string TextOrNothing(const Addr& addr) {
  return addr.IsNil() ? std::string() : addr.String();
}

}  // namespace

absl::Status PollStatus(int err, std::string_view syscall) {
  switch (err) {
    case poll::kErrClosing:
      return base::ErrNetClosing();
    case poll::kErrTimeout:
      return base::ErrDeadlineExceeded();
    case poll::kErrNotPollable:
      return base::ErrNotPollable();
    case poll::kErrEOF:
      return io::EOF();
    default:
      return base::ErrnoStatus(-err, syscall);
  }
}

int64_t MonotonicDeadline(absl::Time t) {
  if (t == absl::InfiniteFuture()) return 0;
  const int64_t left = absl::ToInt64Nanoseconds(t - absl::Now());
  if (left <= 0) return -1;
  return base::DeadlineAfter(base::nanotime(), left);
}

const char* StaticNetwork(std::string_view network) {
  for (const char* known : {"tcp", "tcp4", "tcp6"}) {
    if (network == known) return known;
  }
  return nullptr;
}

NetFD::NetFD(int sysfd, const char* net) : net_(net) {
  fd_.Init(sysfd, poll::FD::kStream | poll::FD::kZeroIsEOF | poll::FD::kDrains);
}

absl::Status NetFD::Wrap(std::string_view op, std::string_view syscall,
                         int err) {
  if (err == poll::kErrEOF) return io::EOF();
  std::string local = TextOrNothing(LocalAddr());
  std::string remote = TextOrNothing(RemoteAddr());
  // A listener's error is about its own address. Go: tcpsock.go (Close).
  if (remote.empty()) local.swap(remote);
  return base::MakeOpError(op, net_, local, remote, PollStatus(err, syscall));
}

io::Result NetFD::Read(std::span<char> buf) {
  const ssize_t n = fd_.Read(buf.data(), buf.size());
  if (n >= 0) return {static_cast<size_t>(n), absl::OkStatus()};
  return {0, Wrap("read", "read", static_cast<int>(n))};
}

io::Result NetFD::Write(std::string_view data) {
  size_t written;
  const int err = fd_.Write(data.data(), data.size(), &written);
  if (err == 0) return {written, absl::OkStatus()};
  return {written, Wrap("write", "write", err)};
}

absl::Status NetFD::WaitRead() {
  const int err = fd_.WaitRead();
  return err == 0 ? absl::OkStatus() : Wrap("read", "read", err);
}

// The address is wanted for the errors of all that comes later.
absl::Status NetFD::Close() {
  ResolveLocal();
  const int err = fd_.Close();
  return err == 0 ? absl::OkStatus() : Wrap("close", "close", err);
}

absl::Status NetFD::Shutdown(int how) {
  const int err = fd_.Shutdown(how);
  return err == 0 ? absl::OkStatus() : Wrap("close", "shutdown", err);
}

int NetFD::Connect(const sockaddr* addr, socklen_t len) {
  return fd_.Connect(addr, len);
}

absl::StatusOr<std::shared_ptr<NetFD>> NetFD::Accept() {
  sockaddr_storage peer;
  socklen_t len;
  const int fd = fd_.Accept(&peer, &len);
  if (fd < 0) {
    return base::MakeOpError("accept", net_, "", TextOrNothing(LocalAddr()),
                             PollStatus(fd, "accept4"));
  }
  auto conn = std::make_shared<NetFD>(fd, net_);
  conn->SetRemote(peer);
  base::MutexLock lock(&mu_);
  if (!IsWildcard(local_)) conn->InheritLocal(local_);
  return conn;
}

absl::Status NetFD::SetDeadline(absl::Time t, int modes) {
  const int err = fd_.SetDeadline(MonotonicDeadline(t), modes);
  if (err == 0) return absl::OkStatus();
  return base::MakeOpError("set", net_, "", TextOrNothing(LocalAddr()),
                           PollStatus(err, "setdeadline"));
}

void NetFD::SetLocal(const sockaddr_storage& addr) {
  base::MutexLock lock(&mu_);
  Keep(addr, &local_);
}

void NetFD::InheritLocal(const SockAddr& addr) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  local_ = addr;  // not shared yet
}

void NetFD::SetRemote(const sockaddr_storage& addr) { Keep(addr, &remote_); }

void NetFD::ResolveLocal() {
  base::MutexLock lock(&mu_);
  if (local_.any.sa_family != AF_UNSPEC) return;
  sockaddr_storage addr{};
  socklen_t len = sizeof(addr);
  if (fd_.GetSockName(reinterpret_cast<sockaddr*>(&addr), &len) == 0) {
    Keep(addr, &local_);
  }
}

Addr NetFD::LocalAddr() {
  ResolveLocal();
  base::MutexLock lock(&mu_);
  return Decode(local_);
}

Addr NetFD::RemoteAddr() { return Decode(remote_); }

// ---- The public handles ----

namespace {

absl::Status Nil() { return base::ErrnoStatus(EINVAL); }

}  // namespace

io::Result Conn::Read(std::span<char> buf) const {
  return fd_ ? fd_->Read(buf) : io::Result{0, Nil()};
}

io::Result Conn::Write(std::string_view data) const {
  return fd_ ? fd_->Write(data) : io::Result{0, Nil()};
}

absl::Status Conn::WaitRead() const { return fd_ ? fd_->WaitRead() : Nil(); }

absl::Status Conn::Close() const { return fd_ ? fd_->Close() : Nil(); }

absl::Status Conn::CloseRead() const {
  return fd_ ? fd_->Shutdown(SHUT_RD) : Nil();
}

absl::Status Conn::CloseWrite() const {
  return fd_ ? fd_->Shutdown(SHUT_WR) : Nil();
}

Addr Conn::LocalAddr() const { return fd_ ? fd_->LocalAddr() : Addr(); }

Addr Conn::RemoteAddr() const { return fd_ ? fd_->RemoteAddr() : Addr(); }

absl::Status Conn::SetDeadline(absl::Time t) const {
  return fd_ ? fd_->SetDeadline(t, 3) : Nil();
}

absl::Status Conn::SetReadDeadline(absl::Time t) const {
  return fd_ ? fd_->SetDeadline(t, 1) : Nil();
}

absl::Status Conn::SetWriteDeadline(absl::Time t) const {
  return fd_ ? fd_->SetDeadline(t, 2) : Nil();
}

absl::StatusOr<Conn> Listener::Accept() const {
  if (!fd_) return Nil();
  absl::StatusOr<std::shared_ptr<NetFD>> conn = fd_->Accept();
  if (!conn.ok()) return conn.status();
  return Conn(*std::move(conn));
}

absl::Status Listener::Close() const { return fd_ ? fd_->Close() : Nil(); }

net::Addr Listener::Addr() const {
  return fd_ ? fd_->LocalAddr() : net::Addr();
}

absl::Status Listener::SetDeadline(absl::Time t) const {
  return fd_ ? fd_->SetDeadline(t, 1) : Nil();
}

}  // namespace parkour::net
