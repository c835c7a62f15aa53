// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// scoped_lock.h: scoped locks that clang's thread-safety analysis understands.
//
//   sync::RWMutex mu;
//   int hits ABSL_GUARDED_BY(mu);
//
//   sync::ReaderLock lock(&mu);     // until the end of the scope
//
// std::lock_guard and its relatives work as well, but libstdc++ does not
// annotate them: with -Wthread-safety they make every guarded member an error.
//
// Blocking: the constructors park as Lock and RLock do.
// Lifetime: the mutex must outlive the scope.
// See:      Abseil: absl::MutexLock

#ifndef PARKOUR_SYNC_SCOPED_LOCK_H_
#define PARKOUR_SYNC_SCOPED_LOCK_H_

#include "absl/base/thread_annotations.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/rwmutex.h"

namespace parkour::sync {

// Holds a Mutex.
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex* mu) ABSL_EXCLUSIVE_LOCK_FUNCTION(mu) : mu_(mu) {
    mu_->Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mu_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mu_;
};

// Holds an RWMutex for writing.
class ABSL_SCOPED_LOCKABLE WriterLock {
 public:
  explicit WriterLock(RWMutex* mu) ABSL_EXCLUSIVE_LOCK_FUNCTION(mu) : mu_(mu) {
    mu_->Lock();
  }
  ~WriterLock() ABSL_UNLOCK_FUNCTION() { mu_->Unlock(); }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  RWMutex* const mu_;
};

// Holds an RWMutex for reading.
class ABSL_SCOPED_LOCKABLE ReaderLock {
 public:
  explicit ReaderLock(RWMutex* mu) ABSL_SHARED_LOCK_FUNCTION(mu) : mu_(mu) {
    mu_->RLock();
  }
  ~ReaderLock() ABSL_UNLOCK_FUNCTION() { mu_->RUnlock(); }
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  RWMutex* const mu_;
};

}  // namespace parkour::sync

#endif  // PARKOUR_SYNC_SCOPED_LOCK_H_
