// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for base/lock.h where the lock itself is not what is modelled.

#ifndef PARKOUR_BASE_LOCK_H_
#define PARKOUR_BASE_LOCK_H_

#include "absl/base/thread_annotations.h"
#include "parkour/base/lockrank.h"
#include "parkour/tests/model/explorer.h"

namespace parkour::base {

class ABSL_LOCKABLE Mutex {
 public:
  explicit constexpr Mutex(LockRank) {}
  void Lock(PARKOUR_MODEL_SITE) ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    lock_.Acquire(site_file, site_line, site_function);
  }
  void Unlock(PARKOUR_MODEL_SITE) ABSL_UNLOCK_FUNCTION() {
    lock_.Release(site_file, site_line, site_function);
  }

 private:
  model::Lock lock_;
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex* mu, PARKOUR_MODEL_SITE)
      ABSL_EXCLUSIVE_LOCK_FUNCTION(mu)
      : mu_(mu) {
    mu_->Lock(site_file, site_line, site_function);
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mu_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mu_;
};

// How the word is given back is the model of the lock's.
using MutexLockAlive = MutexLock;

}  // namespace parkour::base

#endif  // PARKOUR_BASE_LOCK_H_
