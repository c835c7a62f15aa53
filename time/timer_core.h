// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// timer_core.h: what the handles of a timer share.
//
// Who holds a core, each by one reference: the handles together (TimerHandle),
// the channel's last user through the channel (see below), and the pending
// runtime timer. It goes with the last.
//
// State, under mu
//   seq      the present setting; a firing of an older one ignores itself
//   pending  the runtime timer holds a reference: it is in a heap, or its
//            firing of this setting is on its way
// The lock is held over "compare seq, send" and over "bump seq, drain", so a
// value of an old setting is either drained or never sent.
//
// A timer without handles is stopped when its channel loses its last user; a
// core holds one reference to its channel and the channel tells it when that is
// the only one left (internal::ChanOwner).
//
// See: Go: src/runtime/time.go (timer.stop, modify, unlockAndRun)

#ifndef PARKOUR_TIME_TIMER_CORE_H_
#define PARKOUR_TIME_TIMER_CORE_H_

#include <cstdint>
#include <functional>

#include "absl/time/time.h"
#include "parkour/base/lock.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/timers.h"

namespace parkour::time {

class TimerCore final : public internal::ChanOwner {
 public:
  // Sends on a channel of its own.
  TimerCore();
  // Runs f in goroutines.
  explicit TimerCore(std::function<void()> f);

  Chan<absl::Time> C() const { return c_; }

  // Pending again, after d and then every `period` ns. Returns whether it was.
  bool Start(absl::Duration d, int64_t period);
  bool Stop();

  void Ref() { refs_.fetch_add(1, base::kRelaxed); }
  void Unref();

  void AddHandle() { handles_.fetch_add(1, base::kAcqRel); }
  // The last handle is gone.
  void DropHandle();

  // The channel's last user is going.
  bool TryRef() override;
  void OnlyOwnerLeft() override;

 private:
  ~TimerCore();

  static void Fire(void* core, uintptr_t seq, int64_t late_ns);
  void FireLocked(int64_t late_ns) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool StopLocked(bool* drop) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool Unheard() const;

  base::Atomic<uint32_t> refs_{1};
  base::Atomic<uint32_t> handles_{0};
  Chan<absl::Time> c_;             // constant
  const std::function<void()> f_;  // constant
  base::Mutex mu_{base::LockRank::kTimerChan};
  runtime::Timer timer_;  // started and stopped under mu_
  uintptr_t seq_ ABSL_GUARDED_BY(mu_) = 0;
  bool pending_ ABSL_GUARDED_BY(mu_) = false;
  int64_t period_ ABSL_GUARDED_BY(mu_) = 0;
};

// The handles' share of a core.
class TimerHandle {
 public:
  explicit TimerHandle(TimerCore* core) : core_(core) { core->AddHandle(); }
  ~TimerHandle() { core_->DropHandle(); }
  TimerHandle(const TimerHandle&) = delete;
  TimerHandle& operator=(const TimerHandle&) = delete;
  TimerCore* core() const { return core_; }

 private:
  TimerCore* const core_;  // with a reference
};

}  // namespace parkour::time

#endif  // PARKOUR_TIME_TIMER_CORE_H_
