// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/conn.h"

#include <errno.h>

#include "parkour/base/error.h"

namespace parkour::net {
namespace {

absl::Status NotSupported() { return base::ErrnoStatus(EOPNOTSUPP); }

}  // namespace

namespace internal {

absl::Status NilHandle() { return base::ErrnoStatus(EINVAL); }

}  // namespace internal

using internal::NilHandle;

// ---- What a connection can do without ----

absl::Status ConnImpl::SetDeadline(absl::Time t) {
  absl::Status err = SetReadDeadline(t);
  err.Update(SetWriteDeadline(t));
  return err;
}

io::Result ConnImpl::Writev(std::span<const std::string_view> bufs) {
  io::Result total;
  for (const std::string_view buf : bufs) {
    io::Result put = Write(buf);
    total.n += put.n;
    if (put.ok() && put.n < buf.size()) put.err = io::ErrShortWrite();
    if (!put.ok()) {
      total.err = std::move(put.err);
      break;
    }
  }
  return total;
}

absl::Status ConnImpl::WaitRead(const context::Context&) {
  return NotSupported();
}

absl::Status ConnImpl::CloseRead() { return NotSupported(); }

absl::Status ConnImpl::CloseWrite() { return NotSupported(); }

bool ConnImpl::HasReadFrom() { return false; }

io::Result ConnImpl::ReadFrom(io::ReaderRef) { return {0, NotSupported()}; }

absl::Status ListenerImpl::SetDeadline(absl::Time) { return NotSupported(); }

absl::Status ConnWrapper::SetDeadline(absl::Time t) {
  return conn_.SetDeadline(t);
}

absl::Status ConnWrapper::SetReadDeadline(absl::Time t) {
  return conn_.SetReadDeadline(t);
}

absl::Status ConnWrapper::SetWriteDeadline(absl::Time t) {
  return conn_.SetWriteDeadline(t);
}

absl::Status ConnWrapper::WaitRead(const context::Context& ctx) {
  return conn_.WaitRead(ctx);
}

// ---- Conn ----

io::Result Conn::Writev(std::span<const std::string_view> bufs) const {
  return impl_ ? impl_->Writev(bufs) : io::Result{0, NilHandle()};
}

absl::Status Conn::WaitRead(const context::Context& ctx) const {
  return impl_ ? impl_->WaitRead(ctx) : NilHandle();
}

absl::Status Conn::Close() const {
  return impl_ ? impl_->Close() : NilHandle();
}

absl::Status Conn::CloseRead() const {
  return impl_ ? impl_->CloseRead() : NilHandle();
}

absl::Status Conn::CloseWrite() const {
  return impl_ ? impl_->CloseWrite() : NilHandle();
}

Addr Conn::LocalAddr() const { return impl_ ? impl_->LocalAddr() : Addr(); }

Addr Conn::RemoteAddr() const { return impl_ ? impl_->RemoteAddr() : Addr(); }

absl::Status Conn::SetDeadline(absl::Time t) const {
  return impl_ ? impl_->SetDeadline(t) : NilHandle();
}

absl::Status Conn::SetReadDeadline(absl::Time t) const {
  return impl_ ? impl_->SetReadDeadline(t) : NilHandle();
}

absl::Status Conn::SetWriteDeadline(absl::Time t) const {
  return impl_ ? impl_->SetWriteDeadline(t) : NilHandle();
}

io::Result Conn::ReadFrom(io::ReaderRef r) const {
  return impl_ ? impl_->ReadFrom(r) : io::Result{0, NilHandle()};
}

// ---- Listener ----

absl::StatusOr<Conn> Listener::Accept() const {
  if (!impl_) return NilHandle();
  return impl_->Accept();
}

absl::Status Listener::Close() const {
  return impl_ ? impl_->Close() : NilHandle();
}

net::Addr Listener::Addr() const { return impl_ ? impl_->Addr() : net::Addr(); }

absl::Status Listener::SetDeadline(absl::Time t) const {
  return impl_ ? impl_->SetDeadline(t) : NilHandle();
}

// ---- PacketConn ----

ReadFromResult PacketConn::ReadFrom(std::span<char> buf) const {
  return impl_ ? impl_->ReadFrom(buf) : ReadFromResult{.err = NilHandle()};
}

io::Result PacketConn::WriteTo(std::string_view data, const Addr& addr) const {
  return impl_ ? impl_->WriteTo(data, addr) : io::Result{0, NilHandle()};
}

absl::Status PacketConn::Close() const {
  return impl_ ? impl_->Close() : NilHandle();
}

Addr PacketConn::LocalAddr() const {
  return impl_ ? impl_->LocalAddr() : Addr();
}

absl::Status PacketConn::SetDeadline(absl::Time t) const {
  return impl_ ? impl_->SetDeadline(t) : NilHandle();
}

absl::Status PacketConn::SetReadDeadline(absl::Time t) const {
  return impl_ ? impl_->SetReadDeadline(t) : NilHandle();
}

absl::Status PacketConn::SetWriteDeadline(absl::Time t) const {
  return impl_ ? impl_->SetWriteDeadline(t) : NilHandle();
}

}  // namespace parkour::net
