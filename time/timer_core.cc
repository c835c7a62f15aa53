// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/time/timer_core.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "parkour/base/clock.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/go.h"

namespace parkour::time {

TimerCore::TimerCore() : c_(MakeChan<absl::Time>(1)) {
  internal::SetChanOwner(c_.core(), this);
}

TimerCore::TimerCore(std::function<void()> f) : f_(std::move(f)) {}

TimerCore::~TimerCore() {
  if (c_) internal::SetChanOwner(c_.core(), nullptr);
}

void TimerCore::Unref() {
  if (refs_.fetch_sub(1, base::kAcqRel) == 1) delete this;
}

bool TimerCore::Start(absl::Duration d, int64_t period) {
  runtime::RuntimeScope in;
  const int64_t ns = std::max<int64_t>(absl::ToInt64Nanoseconds(d), 0);
  const int64_t when = base::DeadlineAfter(base::nanotime(), ns);
  bool drop = false;
  bool was_pending;
  {
    base::MutexLock lock(&mu_);
    was_pending = StopLocked(&drop);
    pending_ = true;
    Ref();
    period_ = period;
    timer_.f = Fire;
    timer_.arg = this;
    timer_.seq = seq_;
    runtime::timerStart(&timer_, when, 0);
  }
  if (drop) Unref();
  return was_pending;
}

bool TimerCore::Stop() {
  runtime::RuntimeScope in;
  bool drop = false;
  bool was_pending;
  {
    base::MutexLock lock(&mu_);
    was_pending = StopLocked(&drop);
  }
  if (drop) Unref();
  return was_pending;
}

// *drop: the runtime timer's reference is ours to give back. If the timer is
// on its way here it keeps it, and gives it back when it finds its seq gone.
bool TimerCore::StopLocked(bool* drop) {
  ++seq_;
  bool active = std::exchange(pending_, false);
  if (runtime::timerStop(&timer_)) *drop = true;
  // An unread value counts as not yet delivered.
  if (c_ && c_.TryRecv()) active = true;
  return active;
}

// On a scheduler stack. Owns the reference of the setting that fires. What the
// user's function owns must not be destroyed here, where nothing can park: a
// goroutine runs it and gives the reference back.
void TimerCore::Fire(void* arg, uintptr_t seq, int64_t late_ns) {
  TimerCore* const core = static_cast<TimerCore*>(arg);
  bool due = false;
  bool again = false;
  {
    base::MutexLock lock(&core->mu_);
    if (core->seq_ == seq) {
      due = true;
      core->FireLocked(late_ns);
      again = core->pending_;
    }
  }
  if (again) return;
  if (core->c_) {
    core->Unref();
    return;
  }
  go([core, due] {
    struct Finally {
      TimerCore* core;
      ~Finally() { core->Unref(); }
    } finally{core};
    if (due) core->f_();
  });
}

void TimerCore::FireLocked(int64_t late_ns) {
  if (c_) c_.TrySend(absl::Now() - absl::Nanoseconds(late_ns));
  pending_ = period_ > 0 && !Unheard();
  if (!pending_) return;
  // Missed ticks are skipped.
  const int64_t due =
      base::DeadlineAfter(timer_.when + late_ns - late_ns % period_, period_);
  runtime::timerStart(&timer_, due, 0);
}

// Nobody can receive, and nobody can stop or reset. The last handle counts
// itself off and then looks at the channel's users, the channel's last user the
// other way round: one of them sees both gone (sequentially consistent).
bool TimerCore::Unheard() const {
  return c_ && handles_.load(base::kSeqCst) == 0 &&
         internal::ChanUsers(c_.core()) <= 1;
}

void TimerCore::DropHandle() {
  handles_.fetch_sub(1, base::kSeqCst);
  if (Unheard()) Stop();
  Unref();
}

bool TimerCore::TryRef() {
  uint32_t n = refs_.load(base::kRelaxed);
  while (n != 0) {
    if (refs_.compare_exchange_weak(n, n + 1, base::kAcqRel)) return true;
  }
  return false;
}

void TimerCore::OnlyOwnerLeft() {
  if (Unheard()) Stop();
  Unref();
}

}  // namespace parkour::time
