// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go's mutex, in our own words. One word holds the lock bit, the
// woken bit, the starving bit and the number of waiters; a semaphore holds the
// queue.
//
//   normal:   Unlock clears the lock bit; if there are waiters and nobody is
//             awake to take it, it wakes one (woken = 1, waiters - 1).
//   starving: the lock bit stays clear between owners, but newcomers do not
//             take it: Unlock releases the semaphore with hand-off, and the
//             waiter that wakes sets the lock bit itself.

#include "parkour/sync/mutex.h"

#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/sema.h"

namespace parkour::sync {
namespace {

constexpr int64_t kStarvationThreshold = 1000000;  // 1 ms
constexpr int kMaxSpins = 4;
constexpr int kPausesPerSpin = 30;

// Spinning helps only if the owner runs on another processor and we keep
// nobody waiting.
bool CanSpin(int spins) {
  using runtime::sched;
  if (spins >= kMaxSpins) return false;
  const int32_t procs = sched.gomaxprocs.load(base::kRelaxed);
  if (procs <= 1 || procs <= sched.npidle.load(base::kRelaxed) +
                                 sched.nmspinning.load(base::kRelaxed) + 1) {
    return false;
  }
  runtime::RuntimeScope in;
  const runtime::P* const p = runtime::getm()->p;
  return p == nullptr || p->runq.empty();
}

void SpinOnce() {
  for (int i = 0; i < kPausesPerSpin; ++i) base::CpuRelax();
}

}  // namespace

bool Mutex::TryTake() {
  uint32_t old = state_.load(base::kRelaxed);
  if (old & (kLocked | kStarving)) return false;
  return state_.compare_exchange_strong(old, old | kLocked, base::kAcquire,
                                        base::kRelaxed);
}

void Mutex::LockSlow(const runtime::LockHolder* holder) {
  int64_t wait_start = 0;
  bool starving = false;  // this goroutine has waited too long
  bool awoke = false;     // this goroutine stands behind the woken bit
  int spins = 0;
  uint32_t old = state_.load(base::kRelaxed);
  for (;;) {
    // Spin while it is held and not starving; tell Unlock not to wake others.
    if ((old & (kLocked | kStarving)) == kLocked && CanSpin(spins)) {
      if (!awoke && !(old & kWoken) && old >= kWaiter &&
          state_.compare_exchange_strong(old, old | kWoken, base::kRelaxed)) {
        awoke = true;
      }
      SpinOnce();
      ++spins;
      old = state_.load(base::kRelaxed);
      continue;
    }
    uint32_t next = old;
    if (!(old & kStarving)) next |= kLocked;
    if (old & (kLocked | kStarving)) next += kWaiter;
    if (starving && (old & kLocked)) next |= kStarving;
    if (awoke) {
      PARKOUR_CHECK(next & kWoken);
      next &= ~kWoken;
    }
    if (!state_.compare_exchange_strong(old, next, base::kAcquire,
                                        base::kRelaxed)) {
      continue;
    }
    if (!(old & (kLocked | kStarving))) return;  // taken by the exchange
    const bool was_waiting = wait_start != 0;
    if (!was_waiting) wait_start = base::nanotime();
    runtime::semacquire(&sema_, runtime::WaitReason::kSyncMutexLock,
                        /*lifo=*/was_waiting, {this, holder});
    starving = starving || base::nanotime() - wait_start > kStarvationThreshold;
    old = state_.load(base::kRelaxed);
    if (old & kStarving) {
      // Handed over: the lock bit is ours to set, and we are still counted.
      PARKOUR_CHECK(!(old & (kLocked | kWoken)) && old >= kWaiter);
      uint32_t delta = kLocked - kWaiter;
      if (!starving || old < 2 * kWaiter) delta -= kStarving;
      state_.fetch_add(delta, base::kAcquire);
      return;
    }
    awoke = true;
    spins = 0;
  }
}

// Go drops the lock bit first and then decides, in a second step, whom to wake.
// Here it is one exchange: between the two steps others could take the mutex,
// let the last waiter go, and destroy it. With one, whoever is to be woken
// still needs this goroutine's semrelease, which touches the word once; and if
// nobody is to be woken the exchange is the last touch.
void Mutex::UnlockSlow(uint32_t old) {
  bool wake;
  uint32_t next;
  do {
    if (!(old & kLocked)) base::Fatal("sync: unlock of unlocked mutex");
    // Unless nobody waits, or somebody is awake already or is handed it.
    wake = old >= kWaiter && !(old & (kWoken | kStarving));
    next = old - kLocked;
    if (wake) next = (next - kWaiter) | kWoken;
  } while (!state_.compare_exchange_strong(old, next, base::kRelease,
                                           base::kRelaxed));
  if (old & kStarving) {
    runtime::semrelease(&sema_, /*handoff=*/true);
  } else if (wake) {
    runtime::semrelease(&sema_);
  }
}

}  // namespace parkour::sync
