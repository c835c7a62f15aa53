// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/raw_conn.h"

#include "parkour/net/netfd.h"

namespace parkour::net {

absl::Status RawConn::Control(const std::function<void(int)>& f) const {
  if (!fd_) return internal::NilHandle();
  const int err = fd_->fd().RawControl(f);
  return err == 0 ? absl::OkStatus() : fd_->WrapOwn("raw-control", "", err);
}

absl::Status RawConn::Read(const std::function<bool(int)>& f) const {
  if (!fd_ || listener_) return internal::NilHandle();
  const int err = fd_->fd().RawRead(f);
  return err == 0 ? absl::OkStatus() : fd_->WrapOwn("raw-read", "", err);
}

absl::Status RawConn::Write(const std::function<bool(int)>& f) const {
  if (!fd_ || listener_) return internal::NilHandle();
  const int err = fd_->fd().RawWrite(f);
  return err == 0 ? absl::OkStatus() : fd_->WrapOwn("raw-write", "", err);
}

}  // namespace parkour::net
