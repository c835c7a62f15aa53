// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Bytes from a socket or a file to a socket that never enter the process.
//
//   splice    socket -> pipe (drainInto), pipe -> socket (pumpFrom), by turns
//   sendfile  file -> socket
//
// Each step holds the lock of its own direction only: two sockets may be
// spliced both ways at once, as a proxy does, and never wait for each other's
// locks.
//
// Go: src/internal/poll/splice_linux.go, sendfile_unix.go

#include <errno.h>

#include <algorithm>

#include "parkour/base/lock.h"
#include "parkour/base/sys.h"
#include "parkour/poll/fd_lock.h"
#include "parkour/poll/splice_pipe.h"

namespace parkour::poll {
namespace {

namespace sys = base::sys;

constexpr int kPipeSize = 1 << 20;  // what an unprivileged user may ask for
constexpr int64_t kMaxSplice = 1 << 20;
constexpr int64_t kMaxSendFile = 1 << 30;

// The unused ones, the last used first. As many as two descriptors each are
// worth keeping for.
constexpr int kKept = 16;
base::Mutex kept_mu{base::LockRank::kLeaf};
int kept_count ABSL_GUARDED_BY(kept_mu) = 0;
int kept[kKept][2] ABSL_GUARDED_BY(kept_mu);

bool Keep(const int fds[2]) {
  base::MutexLock lock(&kept_mu);
  if (kept_count == kKept) return false;
  kept[kept_count][0] = fds[0];
  kept[kept_count][1] = fds[1];
  ++kept_count;
  return true;
}

// The kernel, or this kind of file, cannot do it.
bool IsUnsupported(int err) {
  return err == -EINVAL || err == -ENOSYS || err == -EOPNOTSUPP ||
         err == -EPERM || err == -EOVERFLOW;
}

}  // namespace

int SplicePipe::Get() {
  {
    base::MutexLock lock(&kept_mu);
    if (kept_count > 0) {
      --kept_count;
      fds_[0] = kept[kept_count][0];
      fds_[1] = kept[kept_count][1];
      return 0;
    }
  }
  return sys::Pipe(fds_, kPipeSize);
}

SplicePipe::~SplicePipe() {
  if (fds_[0] < 0 || (held == 0 && Keep(fds_))) return;
  sys::Close(fds_[0]);
  sys::Close(fds_[1]);
}

int IdleSplicePipes() {
  base::MutexLock lock(&kept_mu);
  return kept_count;
}

void CloseIdleSplicePipes() {
  base::MutexLock lock(&kept_mu);
  for (; kept_count > 0; --kept_count) {
    sys::Close(kept[kept_count - 1][0]);
    sys::Close(kept[kept_count - 1][1]);
  }
}

// Waits for bytes and takes up to `max` of them into an empty pipe; 0 at the
// end.
ssize_t FD::drainInto(int pipe, int64_t max) {
  Lock lock(this, kRead);
  if (!lock.ok()) return kErrClosing;
  if (int err = prepareRead(); err != 0) return err;
  for (;;) {
    const ssize_t n = sys::SpliceToPipe(sysfd_, pipe, static_cast<size_t>(max));
    if (n >= 0) return n;
    if (n == -EINTR) continue;
    // The pipe is empty and has room: it is the socket that has nothing.
    if (n != -EAGAIN) return n;
    if (int err = pd_->wait(kRead); err != 0) return err;
  }
}

// Writes the n bytes that are in the pipe; *written grows by what went out.
int FD::pumpFrom(int pipe, ssize_t n, int64_t* written) {
  Lock lock(this, kWrite);
  if (!lock.ok()) return kErrClosing;
  if (int err = pd_->prepare(kWrite); err != 0) return err;
  while (n > 0) {
    const ssize_t out =
        sys::SpliceToSocket(pipe, sysfd_, static_cast<size_t>(n));
    if (out > 0) {
      n -= out;
      *written += out;
      continue;
    }
    if (out == -EINTR) continue;
    if (out == 0) return -EIO;  // the bytes are there: this cannot be
    if (out != -EAGAIN) return static_cast<int>(out);
    if (int err = pd_->wait(kWrite); err != 0) return err;
  }
  return 0;
}

int FD::SpliceFrom(FD* src, int64_t remain, int64_t* written, bool* handled) {
  *written = 0;
  *handled = false;
  SplicePipe pipe;
  if (pipe.Get() != 0) return 0;  // no descriptors left: a buffer will do
  while (remain > 0) {
    const ssize_t n = src->drainInto(pipe.wfd(), std::min(remain, kMaxSplice));
    if (n < 0 && !*handled && IsUnsupported(static_cast<int>(n))) return 0;
    *handled = true;
    if (n <= 0) return static_cast<int>(n);
    pipe.held = n;
    const int64_t before = *written;
    const int err = pumpFrom(pipe.rfd(), n, written);
    pipe.held -= *written - before;
    remain -= *written - before;
    if (err != 0) return err;
  }
  *handled = true;
  return 0;
}

// A file that gives nothing at once may be one whose size the kernel does not
// know (/proc): a Read will tell.
int FD::SendFileFrom(int file, int64_t remain, int64_t* written,
                     bool* handled) {
  *written = 0;
  *handled = false;
  Lock lock(this, kWrite);
  *handled = true;
  if (!lock.ok()) return kErrClosing;
  if (int err = pd_->prepare(kWrite); err != 0) return err;
  while (remain > 0) {
    const ssize_t n = sys::SendFile(
        sysfd_, file, static_cast<size_t>(std::min(remain, kMaxSendFile)));
    if (n > 0) {
      *written += n;
      remain -= n;
      continue;
    }
    if (n == -EINTR) continue;
    if (n == 0 || (n != -EAGAIN && IsUnsupported(static_cast<int>(n)))) {
      *handled = *written > 0 && n == 0;
      if (n == 0 || *written == 0) return 0;
    }
    if (n != -EAGAIN) return static_cast<int>(n);
    if (int err = pd_->wait(kWrite); err != 0) return err;
  }
  return 0;
}

}  // namespace parkour::poll
