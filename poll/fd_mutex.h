// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// fd_mutex.h: lifetime and serialisation of one descriptor, in one word.
//
//   bit 0       closed
//   bit 1       read lock
//   bit 2       write lock
//   bits 3-22   references
//   bits 23-42  goroutines that want to read
//   bits 43-62  goroutines that want to write
//
// Reads exclude reads, writes exclude writes, a read and a write run side by
// side; all hold a reference. Close sets the closed bit, which makes everybody
// who waits fail, and whoever drops the last reference after that destroys the
// descriptor. So its number cannot be reused under somebody's system call.
//
// Dance: every transition is one CAS of the whole word; the semaphores only
// carry wake-ups for waiters that the word has counted. An unlock that finds
// waiters takes one off the count and releases the semaphore once; Close takes
// all off and releases as often. A waiter that wakes tries again from the
// start, and may find the word closed.
//
// Blocking: rwlock parks while the same direction is locked; nothing else does.
// See:      tests/model/fd_mutex_model_test.cc; Go: internal/poll/fd_mutex.go

#ifndef PARKOUR_POLL_FD_MUTEX_H_
#define PARKOUR_POLL_FD_MUTEX_H_

#include <cstdint>

#include "parkour/base/atomic.h"

namespace parkour::poll {

class FdMutex {
 public:
  // Adds a reference. False: closed.
  bool incref();
  // Marks it closed, adds a reference, wakes all waiters. False: was closed.
  bool increfAndClose();
  // Drops one. True: closed, and this was the last; the caller destroys.
  bool decref();

  // Locks one direction and adds a reference. False: closed.
  bool rwlock(bool read);
  // Undoes rwlock. True: closed, and this was the last reference.
  bool rwunlock(bool read);

  bool closed() const { return state_.load(base::kAcquire) & 1; }

 private:
  base::Atomic<uint64_t> state_{0};
  base::Atomic<uint32_t> rsema_{0};
  base::Atomic<uint32_t> wsema_{0};
};

}  // namespace parkour::poll

#endif  // PARKOUR_POLL_FD_MUTEX_H_
