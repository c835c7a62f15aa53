// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/socket_listener.h"

#include "parkour/base/error.h"
#include "parkour/base/sys.h"

namespace parkour::net {

std::string SocketFile(const std::string& name) {
  const bool abstract =
      name.empty() || name.front() == '@' || name.front() == '\0';
  return abstract ? std::string() : name;
}

SocketListener::~SocketListener() {
  if (!closed_.load(base::kRelaxed)) Close().IgnoreError();
}

absl::StatusOr<Conn> SocketListener::Accept() {
  absl::StatusOr<std::shared_ptr<NetFD>> conn = fd_->Accept();
  if (conn.ok()) return Conn(*std::move(conn));
  return base::MakeOpError("accept", fd_->net(), "", Addr().String(),
                           conn.status());
}

absl::Status SocketListener::Close() {
  const net::Addr addr = Addr();
  if (!closed_.exchange(true, base::kAcqRel) && !path_.empty() &&
      unlink_.load(base::kRelaxed)) {
    base::sys::Unlink(path_.c_str());
  }
  const int err = fd_->fd().Close();
  return err == 0 ? absl::OkStatus() : fd_->WrapOwn("close", "close", err);
}

absl::StatusOr<File> SocketListener::DupFile() {
  const int fd = fd_->fd().Dup();
  if (fd < 0) return fd_->WrapOwn("file", "fcntl", fd);
  return File(fd, std::string(fd_->net()) + ":" + Addr().String() + "->");
}

}  // namespace parkour::net
