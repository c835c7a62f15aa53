// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// netfd.h: what stands behind every socket: a poll::FD, its network's name, its
// two addresses, and Go's words for its errors.
//
// Addresses are kept in the kernel's form and turned into text when somebody
// asks. An accepted connection's local address is the listener's, unless that
// was a wildcard: then the kernel is asked at the first need, at the latest
// before Close. Go asks twice per connection.
//
// Thread-safety: all methods, once the NetFD is handed out.
// Lifetime:      shared by the handles; the last to go closes it.
// See:           Go: src/net/fd_posix.go, fd_unix.go

#ifndef PARKOUR_NET_NETFD_H_
#define PARKOUR_NET_NETFD_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "parkour/base/atomic.h"
#include "parkour/base/lock.h"
#include "parkour/io/io.h"
#include "parkour/net/addr.h"
#include "parkour/net/conn.h"
#include "parkour/net/file.h"
#include "parkour/net/packet.h"
#include "parkour/poll/fd.h"

namespace parkour::net {

// An address of a socket: an internet one as the kernel has it, any other as
// the value that it is for users.
class KeptAddr {
 public:
  void Set(const char* net, const sockaddr_storage& addr, socklen_t len);
  bool known() const { return known_; }
  // No interface in particular; the kernel may know better later.
  bool IsWildcard() const;
  Addr Get(const char* net) const;

 private:
  union Inet {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  std::variant<Inet, Addr> value_{};
  bool known_ = false;
};

class NetFD final : public ConnImpl, public PacketConnImpl {
 public:
  // Takes over a non-blocking socket. `net` is static (StaticNetwork).
  // `shared`: others have the description too. `plain`: the family's usual
  // protocol; of a stream that is not TCP (MPTCP) a short read says nothing
  // about the next.
  NetFD(int sysfd, int family, int type, const char* net, bool shared = false,
        bool plain = true);

  // ---- ConnImpl ----
  io::Result Read(std::span<char> buf) override;
  io::Result Write(std::string_view data) override;
  io::Result Writev(std::span<const std::string_view> bufs) override;
  absl::Status WaitRead(const context::Context& ctx) override;
  absl::Status Close() override;
  absl::Status CloseRead() override;
  absl::Status CloseWrite() override;
  Addr LocalAddr() override;
  Addr RemoteAddr() override;
  absl::Status SetDeadline(absl::Time t) override;
  absl::Status SetReadDeadline(absl::Time t) override;
  absl::Status SetWriteDeadline(absl::Time t) override;
  bool HasReadFrom() override { return type_ == SOCK_STREAM; }
  io::Result ReadFrom(io::ReaderRef r) override;

  // ---- PacketConnImpl, and more of the kind ----
  ReadFromResult ReadFrom(std::span<char> buf) override;
  io::Result WriteTo(std::string_view data, const Addr& addr) override;
  ReadMsgResult ReadMsg(std::span<char> buf, std::span<char> oob);
  WriteMsgResult WriteMsg(std::string_view data, std::string_view oob,
                          const Addr& addr);

  // ---- For the typed handles ----
  // Without op, net and address; SocketListener puts them in front.
  absl::StatusOr<std::shared_ptr<NetFD>> Accept();
  // 0 or a poll error; see poll::FD::Connect.
  int Connect(const sockaddr* addr, socklen_t len);
  absl::Status SetOption(int level, int name, int value);
  absl::Status SetLinger(int seconds);
  // Of an option of a connection: "set tcp LOCAL->REMOTE: setsockopt: ...".
  absl::Status OptionStatus(int err);
  absl::StatusOr<File> DupFile();
  // An error of an operation on the socket as such: "set tcp LOCAL: ...".
  absl::Status WrapOwn(std::string_view op, std::string_view syscall, int err);

  // Fills in an address that is known already. Before the NetFD is shared.
  void SetLocal(const sockaddr_storage& addr, socklen_t len);
  void SetRemote(const sockaddr_storage& addr, socklen_t len);
  void InheritLocal(const KeptAddr& addr);

  poll::FD& fd() { return fd_; }
  const char* net() const { return net_; }
  int family() const { return family_; }
  int type() const { return type_; }
  bool IsTCP() const { return is_inet() && type_ == SOCK_STREAM; }
  bool IsUDP() const { return is_inet() && type_ == SOCK_DGRAM; }
  bool IsUnix() const { return family_ == AF_UNIX; }
  // A datagram socket whose peer is fixed.
  bool connected() const { return remote_.known(); }

 private:
  bool is_inet() const { return family_ == AF_INET || family_ == AF_INET6; }
  // An error of `op` in Go's words; EOF is not wrapped. The second form names
  // another peer than the connection's.
  absl::Status Wrap(std::string_view op, std::string_view syscall, int err);
  absl::Status WrapTo(std::string_view op, const Addr& to,
                      const absl::Status& inner);
  absl::Status SetDeadlines(absl::Time t, int modes);
  absl::Status Shutdown(int how);
  void ResolveLocal();
  // The kernel's form of where a datagram is to go; *len 0 for nowhere (the
  // peer it is connected to).
  absl::Status Destination(const Addr& addr, std::string_view syscall,
                           sockaddr_storage* out, socklen_t* len);
  Addr SenderOf(const sockaddr_storage& addr, socklen_t len) const;
  // What ReadFrom tries first; false if the rest is to go through a buffer.
  bool MoveInKernel(io::ReaderRef src, int64_t max, io::Result* result);

  // So many Reads behind the end are a mistake, not a habit.
  static constexpr uint32_t kEndlessReads = 1000;
  void WarnOfEndlessReads();

  poll::FD fd_;
  base::Atomic<uint32_t> ends_read_{0};
  const char* const net_;
  const int family_;
  const int type_;
  const bool plain_;
  KeptAddr remote_;  // constant once shared
  base::Mutex mu_{base::LockRank::kLeaf};
  KeptAddr local_ ABSL_GUARDED_BY(mu_);
};

// What a poll error or -errno means, without its context. `syscall` is named
// only if the kernel reported it.
absl::Status PollStatus(int err, std::string_view syscall);

// For poll::FD::SetDeadline: on the monotonic clock; 0 for no deadline, -1 for
// the past.
int64_t MonotonicDeadline(absl::Time t);

// The static spelling of a network name, if it is one of ours.
const char* StaticNetwork(std::string_view network);

// SOCK_STREAM and its kin, for one of ours.
int SocketType(std::string_view network);

}  // namespace parkour::net

#endif  // PARKOUR_NET_NETFD_H_
