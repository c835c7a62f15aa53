// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/file.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <utility>

#include "parkour/base/error.h"
#include "parkour/base/sys.h"
#include "parkour/net/netfd.h"
#include "parkour/net/socket_listener.h"
#include "parkour/net/socket_option.h"
#include "parkour/poll/fd_mutex.h"
#include "parkour/runtime/syscall.h"

namespace parkour::net {
namespace {

namespace sys = base::sys;

absl::Status NilFile() { return base::ErrnoStatus(EINVAL); }

}  // namespace

// The number is closed when the last user has left, as a socket's is.
class File::Impl {
 public:
  Impl(int fd, std::string_view name) : fd_(fd), name_(name) {}
  ~Impl() { Close().IgnoreError(); }

  // f(descriptor) is >= 0 or -errno; its thread may block, if the descriptor is
  // non-blocking (a connection's) until it is ready.
  template <typename F>
  absl::StatusOr<int64_t> Call(std::string_view op, F f) {
    if (!mu_.incref()) return Error(op, base::ErrFileClosing());
    int64_t n;
    do {
      n = runtime::Blocking([&]() -> int64_t {
        const int64_t done = f(fd_);
        if (done != -EAGAIN) return done;
        const int ready = sys::AwaitReady(fd_, op == "write");
        return ready < 0 ? ready : -EINTR;  // once more
      });
    } while (n == -EINTR);
    if (mu_.decref()) sys::Close(fd_);
    if (n < 0) {
      return Error(op, base::ErrnoStatus(static_cast<int>(-n)));
    }
    return n;
  }

  absl::Status Close() {
    if (!mu_.increfAndClose()) return Error("close", base::ErrFileClosing());
    if (mu_.decref()) sys::Close(fd_);
    return absl::OkStatus();
  }

  // Go: fs.PathError.
  absl::Status Error(std::string_view op, const absl::Status& inner) const {
    return base::MakeOpError(op, "", "", name_, inner);
  }

  int fd() const { return mu_.closed() ? -1 : fd_; }
  const std::string& name() const { return name_; }

  int Dup() {
    if (!mu_.incref()) return -EBADF;
    const int fd = sys::Dup(fd_);
    if (mu_.decref()) sys::Close(fd_);
    return fd;
  }

  int SendTo(poll::FD* socket, int64_t max, int64_t* written, bool* handled) {
    *handled = false;
    if (!mu_.incref()) return 0;  // a Read will tell
    const int err = socket->SendFileFrom(fd_, max, written, handled);
    if (mu_.decref()) sys::Close(fd_);
    return err;
  }

 private:
  poll::FdMutex mu_;
  const int fd_;
  const std::string name_;
};

File::File(int fd, std::string_view name)
    : impl_(std::make_shared<Impl>(fd, name)) {}

io::Result File::Read(std::span<char> buf) const {
  if (!impl_) return {0, NilFile()};
  if (buf.empty()) return {};
  const absl::StatusOr<int64_t> n = impl_->Call(
      "read", [&](int fd) { return sys::Read(fd, buf.data(), buf.size()); });
  if (!n.ok()) return {0, n.status()};
  if (*n == 0) return {0, io::EOF()};
  return {static_cast<size_t>(*n), absl::OkStatus()};
}

io::Result File::Write(std::string_view data) const {
  if (!impl_) return {0, NilFile()};
  io::Result total;
  while (total.n < data.size()) {
    const std::string_view rest = data.substr(total.n);
    const absl::StatusOr<int64_t> n = impl_->Call("write", [&](int fd) {
      return sys::Write(fd, rest.data(), rest.size());
    });
    if (!n.ok()) return {total.n, n.status()};
    total.n += static_cast<size_t>(*n);
  }
  return total;
}

absl::StatusOr<int64_t> File::Seek(int64_t offset, int whence) const {
  if (!impl_) return NilFile();
  return impl_->Call("seek",
                     [&](int fd) { return sys::Seek(fd, offset, whence); });
}

absl::Status File::Close() const { return impl_ ? impl_->Close() : NilFile(); }

int File::Fd() const { return impl_ ? impl_->fd() : -1; }

std::string File::Name() const { return impl_ ? impl_->name() : ""; }

int File::Dup() const { return impl_ ? impl_->Dup() : -EBADF; }

int File::SendTo(poll::FD* socket, int64_t max, int64_t* written,
                 bool* handled) const {
  *handled = false;
  return impl_ ? impl_->SendTo(socket, max, written, handled) : 0;
}

absl::StatusOr<File> OpenFile(const std::string& path) {
  const int fd =
      runtime::Blocking([&] { return sys::Open(path.c_str(), O_RDONLY, 0); });
  if (fd < 0) {
    return base::MakeOpError("open", "", "", path, base::ErrnoStatus(-fd));
  }
  return File(fd, path);
}

// ---- Connections of files ----

namespace {

// Go: net/file_unix.go (newFileFD).
const char* NetworkOf(int family, int type) {
  const bool inet = family == AF_INET || family == AF_INET6;
  if (inet && type == SOCK_STREAM) return "tcp";
  if (inet && type == SOCK_DGRAM) return "udp";
  if (family != AF_UNIX) return nullptr;
  switch (type) {
    case SOCK_STREAM:
      return "unix";
    case SOCK_DGRAM:
      return "unixgram";
    case SOCK_SEQPACKET:
      return "unixpacket";
    default:
      return nullptr;
  }
}

// Family, type and addresses are the kernel's to tell.
absl::StatusOr<std::shared_ptr<NetFD>> Adopt(const File& file) {
  int type = 0, family = 0;
  const int fd = file.Dup();
  if (fd < 0) return base::ErrnoStatus(-fd, "fcntl");
  int err = sys::GetSockOpt(fd, SOL_SOCKET, SO_TYPE, &type);
  if (err == 0) err = sys::GetSockOpt(fd, SOL_SOCKET, SO_DOMAIN, &family);
  const char* const net = err == 0 ? NetworkOf(family, type) : nullptr;
  if (net == nullptr) {
    sys::Close(fd);
    if (err < 0) return base::ErrnoStatus(-err, "getsockopt");
    return base::ErrnoStatus(EPROTONOSUPPORT);
  }
  sys::SetNonblock(fd, true);
  int protocol = 0;
  sys::GetSockOpt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol);
  if (family != AF_UNIX && type == SOCK_STREAM) {
    // As ours have; a listener's are inherited. Go: tcpsock.go (newTCPConn).
    sys::SetSockOpt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    ApplyKeepAlive(fd, {.Enable = true});
  }
  auto netfd = std::make_shared<NetFD>(
      fd, family, type, net, /*shared=*/true,
      /*plain=*/family == AF_UNIX || protocol == IPPROTO_TCP);
  sockaddr_storage peer{};
  socklen_t len = sizeof(peer);
  if (netfd->fd().GetPeerName(reinterpret_cast<sockaddr*>(&peer), &len) == 0) {
    netfd->SetRemote(peer, len);
  }
  netfd->LocalAddr();
  return netfd;
}

absl::Status FileError(const File& file, const absl::Status& inner) {
  return base::MakeOpError("file", "file+net", "", file.Name(), inner);
}

}  // namespace

absl::StatusOr<Conn> FileConn(const File& file) {
  absl::StatusOr<std::shared_ptr<NetFD>> fd = Adopt(file);
  if (!fd.ok()) return FileError(file, fd.status());
  return Conn(*std::move(fd));
}

absl::StatusOr<Listener> FileListener(const File& file) {
  absl::StatusOr<std::shared_ptr<NetFD>> fd = Adopt(file);
  if (!fd.ok()) return FileError(file, fd.status());
  if ((*fd)->type() == SOCK_DGRAM) {
    return FileError(file, base::ErrnoStatus(EINVAL));
  }
  const Addr addr = (*fd)->LocalAddr();
  const UnixAddr* const name = addr.unix_addr();
  auto listener = std::make_shared<SocketListener>(
      *std::move(fd), SocketFile(name == nullptr ? "" : name->name));
  listener->SetUnlinkOnClose(false);  // it is somebody else's
  return Listener(std::move(listener));
}

absl::StatusOr<PacketConn> FilePacketConn(const File& file) {
  absl::StatusOr<std::shared_ptr<NetFD>> fd = Adopt(file);
  if (!fd.ok()) return FileError(file, fd.status());
  if ((*fd)->IsTCP()) return FileError(file, base::ErrnoStatus(EINVAL));
  return PacketConn(*std::move(fd));
}

}  // namespace parkour::net
