// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// socket_listener.h: a listening socket behind a Listener.
//
//   auto impl = std::make_shared<SocketListener>(fd, "/run/x.sock");
//
// The socket's file, if it has one, is unlinked at the first Close, before the
// socket itself goes: whoever finds the path in between is refused, not left
// waiting.
//
// Lifetime:      shared by the handles; the last to go closes it.
// Thread-safety: all methods.
// See:           Go: src/net/tcpsock.go, unixsock_posix.go

#ifndef PARKOUR_NET_SOCKET_LISTENER_H_
#define PARKOUR_NET_SOCKET_LISTENER_H_

#include <memory>
#include <string>

#include "parkour/base/atomic.h"
#include "parkour/net/conn.h"
#include "parkour/net/netfd.h"

namespace parkour::net {

// The file of a unix socket of this name; empty for an abstract one.
std::string SocketFile(const std::string& name);

class SocketListener final : public ListenerImpl {
 public:
  // `path`: what Close unlinks; empty for nothing.
  SocketListener(std::shared_ptr<NetFD> fd, std::string path)
      : fd_(std::move(fd)), path_(std::move(path)) {}
  ~SocketListener() override;

  absl::StatusOr<Conn> Accept() override;
  absl::Status Close() override;
  net::Addr Addr() override { return fd_->LocalAddr(); }
  absl::Status SetDeadline(absl::Time t) override {
    return fd_->SetDeadline(t);
  }

  void SetUnlinkOnClose(bool unlink) { unlink_.store(unlink, base::kRelaxed); }
  absl::StatusOr<File> DupFile();
  const std::shared_ptr<NetFD>& fd() const { return fd_; }

 private:
  const std::shared_ptr<NetFD> fd_;
  const std::string path_;
  base::Atomic<bool> unlink_{true};
  base::Atomic<bool> closed_{false};  // the first Close has begun
};

}  // namespace parkour::net

#endif  // PARKOUR_NET_SOCKET_LISTENER_H_
