// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/poll/fd.h"

#include <errno.h>

#include <algorithm>

#include "parkour/base/check.h"
#include "parkour/base/sys.h"
#include "parkour/poll/fd_lock.h"
#include "parkour/poll/netpoll_epoll.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/start.h"
#include "parkour/runtime/syscall.h"

namespace parkour::poll {
namespace {

namespace sys = base::sys;

// Some kernels refuse more.
constexpr size_t kMaxTransfer = size_t{1} << 30;

template <typename F>
auto IgnoringEINTR(F f) {
  auto n = f();
  while (n == -EINTR) n = f();
  return n;
}

}  // namespace

FD::~FD() {
  if (pd_ != nullptr) Close();
}

void FD::Init(int sysfd, unsigned flags) {
  PARKOUR_CHECK(pd_ == nullptr && sysfd >= 0);
  sysfd_ = sysfd;
  flags_ = flags;
  shared_.store(flags & kShared, base::kRelaxed);
  pd_ = pollOpen(sysfd);
}

// See "No doomed read". Returns 0 when the caller should read now.
int FD::awaitEdgeIfDrained(const base::Atomic<uint32_t>* cancelled) {
  if (!drained_) return pd_->prepare(kRead);
  int err = pd_->check(kRead);
  if (err == 0 && pd_->plain()) err = pd_->wait(kRead, cancelled);
  if (err == 0) drained_ = false;
  return err;
}

ssize_t FD::Read(char* buf, size_t len) {
  Lock lock(this, kRead);
  if (!lock.ok()) return kErrClosing;
  if (len == 0) return 0;
  if (int err = awaitEdgeIfDrained(); err != 0) return err;
  if (flags_ & kStream) len = std::min(len, kMaxTransfer);
  for (;;) {
    const ssize_t n = sys::Recv(sysfd_, buf, len);
    if (n > 0) {
      drained_ = (flags_ & kDrains) && static_cast<size_t>(n) < len;
      return n;
    }
    if (n == 0) return flags_ & kZeroIsEOF ? kErrEOF : 0;
    if (n == -EINTR) continue;
    if (n != -EAGAIN) return n;
    if (int err = pd_->wait(kRead); err != 0) return err;
  }
}

int FD::Write(const char* buf, size_t len, size_t* written) {
  *written = 0;
  Lock lock(this, kWrite);
  if (!lock.ok()) return kErrClosing;
  if (int err = pd_->prepare(kWrite); err != 0) return err;
  for (;;) {
    size_t part = len - *written;
    if (flags_ & kStream) part = std::min(part, kMaxTransfer);
    const ssize_t n = sys::Send(sysfd_, buf + *written, part);
    if (n >= 0) {
      *written += static_cast<size_t>(n);
      if (*written == len) return 0;
      continue;
    }
    if (n == -EINTR) continue;
    if (n != -EAGAIN) return static_cast<int>(n);
    if (int err = pd_->wait(kWrite); err != 0) return err;
  }
}

int FD::Accept(sockaddr_storage* addr, socklen_t* addr_len) {
  Lock lock(this, kRead);
  if (!lock.ok()) return kErrClosing;
  if (int err = pd_->prepare(kRead); err != 0) return err;
  for (;;) {
    *addr_len = sizeof(*addr);
    const int fd =
        sys::Accept(sysfd_, reinterpret_cast<sockaddr*>(addr), addr_len);
    if (fd >= 0) return fd;
    if (fd == -EINTR || fd == -ECONNABORTED) continue;
    if (fd != -EAGAIN) return fd;
    if (int err = pd_->wait(kRead); err != 0) return err;
  }
}

// Writable does not mean connected: ask SO_ERROR, and if that says nothing
// ask for the peer.
int FD::Connect(const sockaddr* addr, socklen_t addr_len) {
  Lock lock(this, kWrite);
  if (!lock.ok()) return kErrClosing;
  if (int err = pd_->prepare(kWrite); err != 0) return err;
  int err = sys::Connect(sysfd_, addr, addr_len);
  if (err == 0 || err == -EISCONN) return 0;
  if (err != -EINPROGRESS && err != -EALREADY && err != -EINTR) return err;
  for (;;) {
    if ((err = pd_->wait(kWrite)) != 0) return err;
    int so_error = 0;
    if ((err = sys::GetSockOpt(sysfd_, SOL_SOCKET, SO_ERROR, &so_error)) < 0) {
      return err;
    }
    switch (so_error) {
      case EINPROGRESS:
      case EALREADY:
      case EINTR:
        continue;
      case EISCONN:
        return 0;
      case 0: {
        sockaddr_storage peer;
        socklen_t len = sizeof(peer);
        if (sys::GetPeerName(sysfd_, reinterpret_cast<sockaddr*>(&peer),
                             &len) == 0) {
          return 0;
        }
        continue;
      }
      default:
        return -so_error;
    }
  }
}

int FD::WaitRead(const base::Atomic<uint32_t>* cancelled) {
  Lock lock(this, kRead);
  if (!lock.ok()) return kErrClosing;
  if (int err = awaitEdgeIfDrained(cancelled); err != 0) return err;
  for (;;) {
    char byte;
    const ssize_t n =
        IgnoringEINTR([&] { return sys::Peek(sysfd_, &byte, sizeof(byte)); });
    if (n != -EAGAIN) return 0;  // data, the end, or an error for Read to tell
    if (int err = pd_->wait(kRead, cancelled); err != 0) return err;
  }
}

void FD::CancelWaitRead() {
  Ref ref(this);
  if (ref.ok()) pd_->kick(kRead);
}

int FD::Dup() {
  Ref ref(this);
  if (!ref.ok()) return kErrClosing;
  const int fd = sys::Dup(sysfd_);
  if (fd >= 0) shared_.store(true, base::kRelaxed);
  return fd;
}

int FD::SetDeadline(int64_t when, int modes) {
  Ref ref(this);
  if (!ref.ok()) return kErrClosing;
  pd_->setDeadline(when, modes);
  return 0;
}

// Fail all that wait for a lock, wake all that wait for the network, drop
// the reference, wait for the last one to go.
int FD::Close() {
  if (!mu_.increfAndClose()) return kErrClosing;
  pd_->evict();
  if (mu_.decref()) destroy();
  // Main's own objects are destroyed after it: the goroutines that still hold
  // references have stopped with them.
  if (runtime::worldEnded()) return 0;
  runtime::semacquire(&csema_, runtime::WaitReason::kSemacquire);
  return 0;
}

void FD::destroy() {
  // The tag first, so that the number's next owner cannot get our events; the
  // kernel drops the registration with the description.
  pollClose(pd_);
  if (shared()) netpollclose(sysfd_);
  if (lingers_.load(base::kRelaxed) && !runtime::worldEnded()) {
    runtime::Blocking([this] { return sys::Close(sysfd_); });
  } else {
    sys::Close(sysfd_);
  }
  runtime::semrelease(&csema_);
}

}  // namespace parkour::poll
