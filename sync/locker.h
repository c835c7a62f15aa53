// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// locker.h: a handle to some lock, whatever its type.
//
//   sync::Mutex mu;
//   sync::Locker l = &mu;              // Go: var l sync.Locker = &mu
//   sync::Locker r = rwmutex.RLocker();   // its Lock is RLock
//   l.Lock(); ... l.Unlock();          // or std::lock_guard held(l);
//
// Guarantees: two pointers in size, copied freely; copies mean the same lock.
// Blocking:   as the lock behind it.
// Lifetime:   the lock must outlive its last use through a Locker.
// See:        Go: src/sync/mutex.go (type Locker)

#ifndef PARKOUR_SYNC_LOCKER_H_
#define PARKOUR_SYNC_LOCKER_H_

#include "absl/base/thread_annotations.h"

namespace parkour::sync {

class Locker {
 public:
  // For any type with lock() and unlock(): a BasicLockable.
  template <typename T>
  requires requires(T* lock) {
    lock->lock();
    lock->unlock();
  }
  constexpr Locker(T* lock)  // NOLINT: converts, as to an interface in Go
      : lock_(lock), calls_(&kExclusive<T>) {}

  // The shared side of any type with lock_shared() and unlock_shared().
  template <typename T>
  static constexpr Locker Shared(T* lock) {
    return Locker(lock, &kShared<T>);
  }

  void Lock() const { calls_->lock(lock_); }
  void Unlock() const { calls_->unlock(lock_); }

  void lock() const { Lock(); }
  void unlock() const { Unlock(); }

 private:
  struct Calls {
    void (*lock)(void*);
    void (*unlock)(void*);
  };

  template <typename T>
  static constexpr Calls kExclusive = {
      [](void* lock)
          ABSL_NO_THREAD_SAFETY_ANALYSIS { static_cast<T*>(lock)->lock(); },
      [](void* lock)
          ABSL_NO_THREAD_SAFETY_ANALYSIS { static_cast<T*>(lock)->unlock(); }};
  template <typename T>
  static constexpr Calls kShared = {
      [](void* lock) ABSL_NO_THREAD_SAFETY_ANALYSIS {
        static_cast<T*>(lock)->lock_shared();
      },
      [](void* lock) ABSL_NO_THREAD_SAFETY_ANALYSIS {
        static_cast<T*>(lock)->unlock_shared();
      }};

  constexpr Locker(void* lock, const Calls* calls)
      : lock_(lock), calls_(calls) {}

  void* lock_;
  const Calls* calls_;
};

}  // namespace parkour::sync

#endif  // PARKOUR_SYNC_LOCKER_H_
