// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// NetFD's datagrams and messages with ancillary data.
//
// Go: src/net/udpsock_posix.go, unixsock_posix.go

#include <errno.h>

#include "parkour/base/error.h"
#include "parkour/net/netfd.h"
#include "parkour/net/sockaddr.h"

namespace parkour::net {
namespace {

// What a message consists of, for the kernel.
struct Message {
  Message(const void* data, size_t len, const void* oob, size_t oob_len) {
    iov.iov_base = const_cast<void*>(data);
    iov.iov_len = len;
    hdr.msg_iov = &iov;
    hdr.msg_iovlen = 1;
    hdr.msg_control = oob_len > 0 ? const_cast<void*>(oob) : nullptr;
    hdr.msg_controllen = oob_len;
  }

  // A stream carries ancillary data with at least one byte: one that nobody
  // asked for. Go: syscall_linux.go (recvmsgRaw, sendmsgN).
  void NeedsAByte(char* dummy) {
    iov.iov_base = dummy;
    iov.iov_len = 1;
  }

  iovec iov{};
  msghdr hdr{};
};

}  // namespace

Addr NetFD::SenderOf(const sockaddr_storage& addr, socklen_t len) const {
  if (len == 0 || !(IsUDP() || IsUnix())) return Addr();
  return AddrFromSockaddr(net_, reinterpret_cast<const sockaddr*>(&addr), len);
}

absl::Status NetFD::Destination(const Addr& addr, std::string_view syscall,
                                sockaddr_storage* out, socklen_t* len) {
  if (IsUDP()) {
    const UDPAddr* const to = addr.udp();
    if (to == nullptr) return base::ErrnoStatus(EINVAL);
    const absl::StatusOr<socklen_t> form =
        SockaddrOrWhyNot(*to, family_, syscall, out);
    if (form.ok()) *len = *form;
    return form.status();
  }
  const UnixAddr* const to = addr.unix_addr();
  if (!IsUnix() || to == nullptr) return base::ErrnoStatus(EINVAL);
  if (to->net != net_) return base::ErrnoStatus(EAFNOSUPPORT);
  *len = ToSockaddr(*to, out);
  return *len > 0 ? absl::OkStatus() : base::ErrnoStatus(EINVAL, syscall);
}

ReadFromResult NetFD::ReadFrom(std::span<char> buf) {
  sockaddr_storage addr;
  socklen_t len;
  const ssize_t n = fd_.RecvFrom(buf.data(), buf.size(), &addr, &len);
  if (n < 0) return {0, {}, Wrap("read", "recvfrom", static_cast<int>(n))};
  return {static_cast<size_t>(n), SenderOf(addr, len), absl::OkStatus()};
}

io::Result NetFD::WriteTo(std::string_view data, const Addr& addr) {
  sockaddr_storage to;
  socklen_t len;
  absl::Status err;
  if (connected()) {
    err = base::ErrWriteToConnected();
  } else if (addr.IsNil()) {
    err = base::ErrMissingAddress();
  } else {
    err = Destination(addr, "sendto", &to, &len);
  }
  if (err.ok()) {
    const int result = fd_.SendTo(data.data(), data.size(),
                                  reinterpret_cast<sockaddr*>(&to), len);
    if (result == 0) return {data.size(), absl::OkStatus()};
    err = PollStatus(result, "sendto");
  }
  return {0, WrapTo("write", addr, err)};
}

ReadMsgResult NetFD::ReadMsg(std::span<char> buf, std::span<char> oob) {
  sockaddr_storage addr;
  char dummy;
  Message msg(buf.data(), buf.size(), oob.data(), oob.size());
  const bool extra = buf.empty() && !oob.empty() && type_ != SOCK_DGRAM;
  if (extra) msg.NeedsAByte(&dummy);
  msg.hdr.msg_name = &addr;
  msg.hdr.msg_namelen = sizeof(addr);
  const ssize_t n = fd_.RecvMsg(&msg.hdr);
  if (n < 0 && n != poll::kErrEOF) {
    return {.err = Wrap("read", "recvmsg", static_cast<int>(n))};
  }
  // Ancillary data may come even with the end: the caller owns what is in it.
  return {.n = extra || n < 0 ? 0 : static_cast<size_t>(n),
          .oobn = msg.hdr.msg_controllen,
          .flags = msg.hdr.msg_flags,
          .addr = SenderOf(addr, msg.hdr.msg_namelen),
          .err = n < 0 ? io::EOF() : absl::OkStatus()};
}

WriteMsgResult NetFD::WriteMsg(std::string_view data, std::string_view oob,
                               const Addr& addr) {
  sockaddr_storage to;
  socklen_t len = 0;
  char dummy = 0;
  absl::Status err;
  if (!addr.IsNil() && connected() && type_ == SOCK_DGRAM) {
    err = base::ErrWriteToConnected();
  } else if (!addr.IsNil()) {
    err = Destination(addr, "sendmsg", &to, &len);
  } else if (IsUDP() && !connected()) {
    err = base::ErrMissingAddress();
  }
  const Addr peer = addr.IsNil() ? RemoteAddr() : addr;
  if (!err.ok()) return {.err = WrapTo("write", peer, err)};
  Message msg(data.data(), data.size(), oob.data(), oob.size());
  const bool extra = data.empty() && !oob.empty() && type_ != SOCK_DGRAM;
  if (extra) msg.NeedsAByte(&dummy);
  msg.hdr.msg_name = len > 0 ? &to : nullptr;
  msg.hdr.msg_namelen = len;
  const ssize_t n = fd_.SendMsg(&msg.hdr);
  if (n < 0) {
    return {.err = WrapTo("write", peer,
                          PollStatus(static_cast<int>(n), "sendmsg"))};
  }
  WriteMsgResult result{.n = extra ? 0 : static_cast<size_t>(n),
                        .oobn = oob.size()};
  // The ancillary data went with what a full stream took.
  if (!extra && result.n < data.size()) {
    io::Result rest = Write(data.substr(result.n));
    result.n += rest.n;
    result.err = std::move(rest.err);
  }
  return result;
}

}  // namespace parkour::net
