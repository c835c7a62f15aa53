// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// FD's operations on datagrams, messages and lists of buffers, and its options.
//
// Go: src/internal/poll/fd_unix.go, writev.go, rawconn.go

#include <errno.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "parkour/base/sys.h"
#include "parkour/poll/fd_lock.h"

namespace parkour::poll {
namespace {

namespace sys = base::sys;

// What the kernel takes at once (UIO_MAXIOV).
constexpr size_t kMaxIovecs = 1024;
constexpr size_t kMaxTransfer = size_t{1} << 30;

// A place in a list of buffers.
class Cursor {
 public:
  explicit Cursor(std::span<const std::string_view> bufs) : bufs_(bufs) {
    Advance(0);
  }

  bool done() const { return next_ == bufs_.size(); }

  // Describes what comes next, up to `max` pieces and kMaxTransfer bytes.
  size_t Fill(iovec* iov, size_t max) const {
    size_t count = 0;
    size_t room = kMaxTransfer;
    size_t offset = offset_;
    for (size_t i = next_; i < bufs_.size() && count < max && room > 0; ++i) {
      const std::string_view rest = bufs_[i].substr(offset);
      offset = 0;
      if (rest.empty()) continue;
      iov[count].iov_base = const_cast<char*>(rest.data());
      iov[count].iov_len = std::min(rest.size(), room);
      room -= iov[count++].iov_len;
    }
    return count;
  }

  void Advance(size_t n) {
    for (; next_ < bufs_.size(); ++next_, offset_ = 0) {
      const size_t left = bufs_[next_].size() - offset_;
      if (n < left) break;
      n -= left;
    }
    offset_ += n;
  }

 private:
  const std::span<const std::string_view> bufs_;
  size_t next_ = 0;
  size_t offset_ = 0;  // in bufs_[next_]
};

// Nothing was received, but it came with ancillary data. Streams have no empty
// messages; at their end they may still tell who the peer was.
bool IsEmptyMessage(const msghdr& msg, unsigned flags) {
  return !(flags & FD::kStream) &&
         (msg.msg_controllen > 0 || (msg.msg_flags & MSG_CTRUNC));
}

}  // namespace

// For every read but Read's own: what it leaves behind says nothing about
// whether the socket is empty.
int FD::prepareRead() {
  drained_ = false;
  return pd_->prepare(kRead);
}

int FD::Writev(std::span<const std::string_view> bufs, size_t* written) {
  *written = 0;
  Lock lock(this, kWrite);
  if (!lock.ok()) return kErrClosing;
  if (int err = pd_->prepare(kWrite); err != 0) return err;
  constexpr size_t kFew = 32;
  iovec few[kFew];
  std::unique_ptr<iovec[]> many;
  const size_t max = std::min(bufs.size(), kMaxIovecs);
  if (max > kFew) many = std::make_unique_for_overwrite<iovec[]>(max);
  Cursor cursor(bufs);
  while (!cursor.done()) {
    msghdr msg{};
    msg.msg_iov = many ? many.get() : few;
    msg.msg_iovlen = cursor.Fill(msg.msg_iov, max);
    const ssize_t n = sys::SendMsg(sysfd_, &msg);
    if (n >= 0) {
      *written += static_cast<size_t>(n);
      cursor.Advance(static_cast<size_t>(n));
      continue;
    }
    if (n == -EINTR) continue;
    if (n != -EAGAIN) return static_cast<int>(n);
    if (int err = pd_->wait(kWrite); err != 0) return err;
  }
  return 0;
}

ssize_t FD::RecvFrom(char* buf, size_t len, sockaddr_storage* addr,
                     socklen_t* addr_len) {
  *addr_len = 0;
  Lock lock(this, kRead);
  if (!lock.ok()) return kErrClosing;
  if (int err = prepareRead(); err != 0) return err;
  for (;;) {
    *addr_len = sizeof(*addr);
    const ssize_t n = sys::RecvFrom(
        sysfd_, buf, len, reinterpret_cast<sockaddr*>(addr), addr_len);
    if (n == 0 && (flags_ & kZeroIsEOF) && len > 0) return kErrEOF;
    if (n >= 0) return n;
    *addr_len = 0;
    if (n == -EINTR) continue;
    if (n != -EAGAIN) return n;
    if (int err = pd_->wait(kRead); err != 0) return err;
  }
}

int FD::SendTo(const char* buf, size_t len, const sockaddr* addr,
               socklen_t addr_len) {
  Lock lock(this, kWrite);
  if (!lock.ok()) return kErrClosing;
  if (int err = pd_->prepare(kWrite); err != 0) return err;
  for (;;) {
    const ssize_t n = sys::SendTo(sysfd_, buf, len, addr, addr_len);
    if (n >= 0) return 0;
    if (n == -EINTR) continue;
    if (n != -EAGAIN) return static_cast<int>(n);
    if (int err = pd_->wait(kWrite); err != 0) return err;
  }
}

ssize_t FD::RecvMsg(msghdr* msg) {
  Lock lock(this, kRead);
  if (!lock.ok()) return kErrClosing;
  if (int err = prepareRead(); err != 0) return err;
  const msghdr room = *msg;  // the kernel writes lengths into it
  for (;;) {
    *msg = room;
    const ssize_t n = sys::RecvMsg(sysfd_, msg);
    if (n == 0 && (flags_ & kZeroIsEOF) && msg->msg_iovlen > 0 &&
        msg->msg_iov[0].iov_len > 0 && !IsEmptyMessage(*msg, flags_)) {
      return kErrEOF;
    }
    if (n >= 0) return n;
    if (n == -EINTR) continue;
    if (n != -EAGAIN) return n;
    if (int err = pd_->wait(kRead); err != 0) return err;
  }
}

ssize_t FD::SendMsg(const msghdr* msg) {
  Lock lock(this, kWrite);
  if (!lock.ok()) return kErrClosing;
  if (int err = pd_->prepare(kWrite); err != 0) return err;
  for (;;) {
    const ssize_t n = sys::SendMsg(sysfd_, msg);
    if (n >= 0) return n;
    if (n == -EINTR) continue;
    if (n != -EAGAIN) return n;
    if (int err = pd_->wait(kWrite); err != 0) return err;
  }
}

int FD::RawControl(const std::function<void(int)>& f) {
  Ref ref(this);
  if (!ref.ok()) return kErrClosing;
  f(sysfd_);
  return 0;
}

int FD::RawRead(const std::function<bool(int)>& f) {
  Lock lock(this, kRead);
  if (!lock.ok()) return kErrClosing;
  if (int err = prepareRead(); err != 0) return err;
  while (!f(sysfd_)) {
    if (int err = pd_->wait(kRead); err != 0) return err;
  }
  return 0;
}

int FD::RawWrite(const std::function<bool(int)>& f) {
  Lock lock(this, kWrite);
  if (!lock.ok()) return kErrClosing;
  if (int err = pd_->prepare(kWrite); err != 0) return err;
  while (!f(sysfd_)) {
    if (int err = pd_->wait(kWrite); err != 0) return err;
  }
  return 0;
}

int FD::Shutdown(int how) {
  Ref ref(this);
  return ref.ok() ? sys::Shutdown(sysfd_, how) : kErrClosing;
}

int FD::SetSockOpt(int level, int name, int value) {
  Ref ref(this);
  return ref.ok() ? sys::SetSockOpt(sysfd_, level, name, value) : kErrClosing;
}

int FD::SetSockOptBytes(int level, int name, const void* value, socklen_t len) {
  Ref ref(this);
  if (!ref.ok()) return kErrClosing;
  const int err = sys::SetSockOptBytes(sysfd_, level, name, value, len);
  if (err == 0 && level == SOL_SOCKET && name == SO_LINGER) {
    linger set;
    std::memcpy(&set, value, sizeof(set));
    lingers_.store(set.l_onoff && set.l_linger > 0, base::kRelaxed);
  }
  return err;
}

int FD::GetSockOpt(int level, int name, int* value) {
  Ref ref(this);
  return ref.ok() ? sys::GetSockOpt(sysfd_, level, name, value) : kErrClosing;
}

int FD::GetSockName(sockaddr* addr, socklen_t* len) {
  Ref ref(this);
  return ref.ok() ? sys::GetSockName(sysfd_, addr, len) : kErrClosing;
}

int FD::GetPeerName(sockaddr* addr, socklen_t* len) {
  Ref ref(this);
  return ref.ok() ? sys::GetPeerName(sysfd_, addr, len) : kErrClosing;
}

}  // namespace parkour::poll
