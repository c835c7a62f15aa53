// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// netfd.h: what a Conn and a Listener share: a poll::FD, its network's name,
// its two addresses, and Go's words for its errors.
//
// Addresses are kept in the kernel's form and turned into text when somebody
// asks. An accepted connection's local address is the listener's, unless that
// was a wildcard: then the kernel is asked at the first need, at the latest
// before Close. Go asks twice per connection.
//
// Thread-safety: all methods, once the NetFD is handed out.
// See:           Go: src/net/fd_posix.go, fd_unix.go

#ifndef PARKOUR_NET_NETFD_H_
#define PARKOUR_NET_NETFD_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "parkour/base/atomic.h"
#include "parkour/base/lock.h"
#include "parkour/io/io.h"
#include "parkour/net/addr.h"
#include "parkour/net/sockaddr.h"
#include "parkour/poll/fd.h"

namespace parkour::net {

// An internet address in the kernel's form; family 0: not known.
union SockAddr {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

class NetFD {
 public:
  // `net` is static: "tcp", "tcp4" or "tcp6".
  NetFD(int sysfd, const char* net);

  io::Result Read(std::span<char> buf);
  io::Result Write(std::string_view data);
  absl::Status WaitRead();
  absl::Status Close();
  absl::Status Shutdown(int how);
  absl::StatusOr<std::shared_ptr<NetFD>> Accept();
  // 0 or a poll error; see poll::FD::Connect.
  int Connect(const sockaddr* addr, socklen_t len);
  // modes: 1 read, 2 write.
  absl::Status SetDeadline(absl::Time t, int modes);

  Addr LocalAddr();
  Addr RemoteAddr();

  // Fills in an address that is known already. Before the NetFD is shared.
  void SetLocal(const sockaddr_storage& addr);
  void SetRemote(const sockaddr_storage& addr);
  void InheritLocal(const SockAddr& addr);

  poll::FD& fd() { return fd_; }
  const char* net() const { return net_; }

 private:
  // An error of `op` in Go's words; EOF is not wrapped.
  absl::Status Wrap(std::string_view op, std::string_view syscall, int err);
  void ResolveLocal();

  poll::FD fd_;
  const char* const net_;
  SockAddr remote_{};  // constant once shared
  base::Mutex mu_{base::LockRank::kLeaf};
  SockAddr local_ ABSL_GUARDED_BY(mu_){};
};

// What a poll error or -errno means, without its context. `syscall` is named
// only if the kernel reported it.
absl::Status PollStatus(int err, std::string_view syscall);

// For poll::FD::SetDeadline: on the monotonic clock; 0 for no deadline, -1 for
// the past.
int64_t MonotonicDeadline(absl::Time t);

// The static spelling of a network name, if it is one of ours.
const char* StaticNetwork(std::string_view network);

}  // namespace parkour::net

#endif  // PARKOUR_NET_NETFD_H_
