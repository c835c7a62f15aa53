// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Bytes from a socket or a file to a socket that never enter the process.
//
//   splice    socket -> pipe (drainInto), pipe -> socket (pumpFrom), by turns
//   sendfile  file -> socket
//
// What fits into a small buffer goes through that: a Read and a Write are two
// system calls, the Read waits without asking (fd.h), and nobody holds a pipe
// while waiting. Only a full buffer starts the splicing, which goes on until
// the socket is empty. Go always splices: three calls for each message, and two
// descriptors more for each direction of a connection that waits.
//
// Each step holds the lock of its own direction only: two sockets may be
// spliced both ways at once, as a proxy does, and never wait for each other's
// locks.
//
// Neither call can be told not to wait: they obey O_NONBLOCK, which belongs to
// the description. Once that is shared (File, Dup) all goes through a buffer,
// by calls that can.
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
// What is read before it is known whether there is more: most messages.
constexpr int kSmall = 4096;
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

// Takes up to `max` bytes into an empty pipe; 0 at the end, -EAGAIN if there
// are none.
ssize_t FD::drainInto(int pipe, int64_t max) {
  Lock lock(this, kRead);
  if (!lock.ok()) return kErrClosing;
  if (int err = prepareRead(); err != 0) return err;
  ssize_t n;
  do {
    n = sys::SpliceToPipe(sysfd_, pipe, static_cast<size_t>(max));
  } while (n == -EINTR);
  // Empty, and the edges since prepareRead are kept: the next Read may wait.
  if (n == -EAGAIN) drained_ = (flags_ & kDrains) != 0;
  return n;
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

// Splices until src has nothing for the moment. 0, kErrEOF or an error.
int FD::spliceWhatIsThere(FD* src, int64_t* remain, int64_t* written,
                          bool* handled) {
  SplicePipe pipe;
  if (pipe.Get() != 0) return 0;  // no descriptors left: the buffer will do
  while (*remain > 0) {
    if (shared() || src->shared()) {
      *handled = false;
      return 0;
    }
    const ssize_t n = src->drainInto(pipe.wfd(), std::min(*remain, kMaxSplice));
    if (n == 0) return kErrEOF;
    if (n == -EAGAIN) return 0;
    if (n < 0 && IsUnsupported(static_cast<int>(n))) *handled = false;
    if (n < 0) return *handled ? static_cast<int>(n) : 0;
    pipe.held = n;
    const int64_t before = *written;
    const int err = pumpFrom(pipe.rfd(), n, written);
    pipe.held -= *written - before;
    *remain -= *written - before;
    if (err != 0) return err;
  }
  return 0;
}

int FD::SpliceFrom(FD* src, int64_t remain, int64_t* written, bool* handled) {
  *written = 0;
  *handled = true;
  char small[kSmall];
  while (remain > 0 && *handled) {
    const ssize_t n = src->Read(
        small, static_cast<size_t>(std::min<int64_t>(remain, kSmall)));
    if (n < 0) return n == kErrEOF ? 0 : static_cast<int>(n);
    size_t out;
    int err = Write(small, static_cast<size_t>(n), &out);
    *written += static_cast<int64_t>(out);
    remain -= static_cast<int64_t>(out);
    if (err == 0 && n == kSmall) {
      err = spliceWhatIsThere(src, &remain, written, handled);
    }
    if (err != 0) return err == kErrEOF ? 0 : err;
  }
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
    if (shared()) {
      *handled = false;
      return 0;
    }
    const ssize_t n = sys::SendFile(
        sysfd_, file, static_cast<size_t>(std::min(remain, kMaxSendFile)));
    if (n > 0) {
      *written += n;
      remain -= n;
      continue;
    }
    if (n == -EINTR) continue;
    if (n == 0 || IsUnsupported(static_cast<int>(n))) {
      *handled = n == 0 && *written > 0;
      return 0;
    }
    if (n != -EAGAIN) return static_cast<int>(n);
    if (int err = pd_->wait(kWrite); err != 0) return err;
  }
  return 0;
}

}  // namespace parkour::poll
