// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/poll/fd_mutex.h"

#include "parkour/base/check.h"
#include "parkour/runtime/sema.h"

namespace parkour::poll {
namespace {

using runtime::semacquire;
using runtime::semrelease;

constexpr uint64_t kClosed = 1;
constexpr uint64_t kRLock = 2;
constexpr uint64_t kWLock = 4;
constexpr uint64_t kRef = 8;
constexpr uint64_t kRefMask = ((uint64_t{1} << 20) - 1) << 3;
constexpr uint64_t kRWait = uint64_t{1} << 23;
constexpr uint64_t kRWaitMask = ((uint64_t{1} << 20) - 1) << 23;
constexpr uint64_t kWWait = uint64_t{1} << 43;
constexpr uint64_t kWWaitMask = ((uint64_t{1} << 20) - 1) << 43;

[[noreturn]] void Overflow() {
  base::Panic(
      "too many concurrent operations on a single file or socket (max "
      "1048575)");
}

[[noreturn]] void Inconsistent() { base::Panic("inconsistent poll.fdMutex"); }

}  // namespace

bool FdMutex::incref() {
  uint64_t old = state_.load(base::kRelaxed);
  for (;;) {
    if (old & kClosed) return false;
    const uint64_t next = old + kRef;
    if ((next & kRefMask) == 0) Overflow();
    if (state_.compare_exchange_weak(old, next, base::kAcqRel)) return true;
  }
}

bool FdMutex::increfAndClose() {
  uint64_t old = state_.load(base::kRelaxed);
  uint64_t next;
  do {
    if (old & kClosed) return false;
    next = (old | kClosed) + kRef;
    if ((next & kRefMask) == 0) Overflow();
    next &= ~(kRWaitMask | kWWaitMask);
  } while (!state_.compare_exchange_weak(old, next, base::kAcqRel));
  for (; old & kRWaitMask; old -= kRWait) semrelease(&rsema_);
  for (; old & kWWaitMask; old -= kWWait) semrelease(&wsema_);
  return true;
}

bool FdMutex::decref() {
  uint64_t old = state_.load(base::kRelaxed);
  uint64_t next;
  do {
    if ((old & kRefMask) == 0) Inconsistent();
    next = old - kRef;
  } while (!state_.compare_exchange_weak(old, next, base::kAcqRel));
  return (next & (kClosed | kRefMask)) == kClosed;
}

bool FdMutex::rwlock(bool read) {
  const uint64_t lock = read ? kRLock : kWLock;
  const uint64_t wait = read ? kRWait : kWWait;
  const uint64_t wait_mask = read ? kRWaitMask : kWWaitMask;
  uint64_t old = state_.load(base::kRelaxed);
  for (;;) {
    if (old & kClosed) return false;
    const bool free = (old & lock) == 0;
    const uint64_t next = free ? (old | lock) + kRef : old + wait;
    if ((next & (free ? kRefMask : wait_mask)) == 0) Overflow();
    if (!state_.compare_exchange_weak(old, next, base::kAcqRel)) continue;
    if (free) return true;
    // Whoever unlocks or closes takes us off the count before releasing.
    semacquire(read ? &rsema_ : &wsema_, runtime::WaitReason::kSemacquire);
    old = state_.load(base::kRelaxed);
  }
}

bool FdMutex::rwunlock(bool read) {
  const uint64_t lock = read ? kRLock : kWLock;
  const uint64_t wait = read ? kRWait : kWWait;
  const uint64_t wait_mask = read ? kRWaitMask : kWWaitMask;
  uint64_t old = state_.load(base::kRelaxed);
  uint64_t next;
  do {
    if ((old & lock) == 0 || (old & kRefMask) == 0) Inconsistent();
    next = (old & ~lock) - kRef;
    if (old & wait_mask) next -= wait;
  } while (!state_.compare_exchange_weak(old, next, base::kAcqRel));
  const bool last = (next & (kClosed | kRefMask)) == kClosed;
  // Touches this object no more if it was the last reference: then nobody
  // waits, for Close has taken all waiters off the count.
  if (old & wait_mask) semrelease(read ? &rsema_ : &wsema_);
  return last;
}

}  // namespace parkour::poll
