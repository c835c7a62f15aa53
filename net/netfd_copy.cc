// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// io::Copy to a stream socket: from another one by splice, from a file by
// sendfile, from everything else through a buffer.
//
// Go: src/net/tcpsock_posix.go (readFrom), splice_linux.go, sendfile.go

#include <algorithm>
#include <limits>

#include "parkour/base/error.h"
#include "parkour/net/netfd.h"
#include "parkour/net/tcp.h"
#include "parkour/net/unix.h"

namespace parkour::net {
namespace {

// A NetFD without its ReadFrom.
struct JustWriter {
  io::Result Write(std::string_view data) const { return fd->Write(data); }
  NetFD* fd;
};

// The stream socket that `r` is a handle of, or null.
std::shared_ptr<NetFD> StreamOf(io::ReaderRef r) {
  const Conn* conn = r.As<const Conn>();
  if (conn == nullptr) conn = r.As<const TCPConn>();
  if (conn == nullptr) conn = r.As<const UnixConn>();
  if (conn == nullptr) return nullptr;
  std::shared_ptr<NetFD> fd = conn->As<NetFD>();
  return fd != nullptr && fd->type() == SOCK_STREAM ? fd : nullptr;
}

}  // namespace

bool NetFD::MoveInKernel(io::ReaderRef src, int64_t max, io::Result* result) {
  int64_t written = 0;
  bool handled = false;
  int err = 0;
  const char* syscall = "splice";
  if (const std::shared_ptr<NetFD> from = StreamOf(src)) {
    err = fd_.SpliceFrom(&from->fd_, max, &written, &handled);
  } else if (const File* const file = src.As<const File>()) {
    syscall = "sendfile";
    err = file->SendTo(&fd_, max, &written, &handled);
  }
  *result = {static_cast<size_t>(written), absl::OkStatus()};
  if (err != 0) result->err = Wrap("readfrom", syscall, err);
  return handled;
}

io::Result NetFD::ReadFrom(io::ReaderRef r) {
  io::LimitedReader* const limited = r.As<io::LimitedReader>();
  int64_t max = std::numeric_limits<int64_t>::max();
  io::ReaderRef src = r;
  if (limited != nullptr) {
    if (limited->n <= 0) return {};
    max = limited->n;
    src = limited->r;
  }
  io::Result moved;
  const bool handled = MoveInKernel(src, max, &moved);
  if (limited != nullptr) limited->n -= static_cast<int64_t>(moved.n);
  if (handled) return moved;
  io::Result result = io::Copy(JustWriter{this}, r);
  result.n += moved.n;
  // Go has this function for TCP only, and wraps there.
  if (!result.ok() && IsTCP()) {
    result.err = WrapTo("readfrom", RemoteAddr(), result.err);
  }
  return result;
}

}  // namespace parkour::net
