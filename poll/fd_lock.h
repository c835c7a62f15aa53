// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// fd_lock.h: how the operations of FD hold on to it; for fd*.cc and splice.cc.
//
//   Lock lock(this, kRead);
//   if (!lock.ok()) return kErrClosing;
//
// Lifetime: the last to let go after Close destroys the descriptor.
// Blocking: Lock parks while the same direction is locked.
// See:      fd_mutex.h; Go: internal/poll/fd_mutex.go (readLock, readUnlock)

#ifndef PARKOUR_POLL_FD_LOCK_H_
#define PARKOUR_POLL_FD_LOCK_H_

#include "parkour/poll/fd.h"

namespace parkour::poll {

// A reference for the length of a scope.
class FD::Ref {
 public:
  explicit Ref(FD* fd) : fd_(fd), ok_(fd->mu_.incref()) {}
  ~Ref() {
    if (ok_ && fd_->mu_.decref()) fd_->destroy();
  }
  Ref(const Ref&) = delete;
  Ref& operator=(const Ref&) = delete;
  bool ok() const { return ok_; }

 private:
  FD* const fd_;
  const bool ok_;
};

// A reference and one direction's lock for the length of a scope.
class FD::Lock {
 public:
  Lock(FD* fd, Mode mode)
      : fd_(fd), read_(mode == kRead), ok_(fd->mu_.rwlock(read_)) {}
  ~Lock() {
    if (ok_ && fd_->mu_.rwunlock(read_)) fd_->destroy();
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  bool ok() const { return ok_; }

 private:
  FD* const fd_;
  const bool read_;
  const bool ok_;
};

}  // namespace parkour::poll

#endif  // PARKOUR_POLL_FD_LOCK_H_
