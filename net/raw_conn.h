// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// raw_conn.h: the descriptor behind a connection, for what this library has no
// function for.
//
//   int mss = 0;
//   absl::Status err = tcp.SyscallConn().Control([&](int fd) {
//     socklen_t len = sizeof(mss);
//     getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, &len);
//   });
//
// Requires: the number is not kept beyond the call, and not closed. The
//           functions do not block and call nothing that parks.
// Blocking: Read and Write park while the function wants to wait.
// See:      Go: syscall.RawConn

#ifndef PARKOUR_NET_RAW_CONN_H_
#define PARKOUR_NET_RAW_CONN_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"

namespace parkour::net {

class NetFD;

class RawConn {
 public:
  RawConn() = default;
  explicit RawConn(std::shared_ptr<NetFD> fd, bool listener = false)
      : fd_(std::move(fd)), listener_(listener) {}

  // f(fd), once. Fails only if it could not be called: "raw-control tcp ...:
  // use of closed network connection".
  absl::Status Control(const std::function<void(int)>& f) const;

  // f(fd) until it returns true, again each time that the socket may have
  // become readable or writable; false: it was not. Fails if the wait does; of
  // a listener always, "invalid argument".
  absl::Status Read(const std::function<bool(int)>& f) const;
  absl::Status Write(const std::function<bool(int)>& f) const;

 private:
  std::shared_ptr<NetFD> fd_;
  bool listener_ = false;
};

}  // namespace parkour::net

#endif  // PARKOUR_NET_RAW_CONN_H_
