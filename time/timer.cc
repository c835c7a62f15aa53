// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/time/timer.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "parkour/base/check.h"
#include "parkour/time/timer_core.h"

namespace parkour::time {
namespace {

// Of a ticker: what is shorter than a nanosecond is one, not none.
int64_t PeriodOf(absl::Duration d) {
  return std::max<int64_t>(absl::ToInt64Nanoseconds(d), 1);
}

}  // namespace

bool Timer::Stop() const {
  if (handle_ == nullptr) {
    base::Panic("time: Stop called on uninitialized Timer");
  }
  return handle_->core()->Stop();
}

bool Timer::Reset(absl::Duration d) const {
  if (handle_ == nullptr) {
    base::Panic("time: Reset called on uninitialized Timer");
  }
  return handle_->core()->Start(d, 0);
}

void Ticker::Stop() const {
  if (handle_ != nullptr) handle_->core()->Stop();
}

void Ticker::Reset(absl::Duration d) const {
  if (d <= absl::ZeroDuration()) {
    base::Panic("non-positive interval for Ticker.Reset");
  }
  if (handle_ == nullptr) {
    base::Panic("time: Reset called on uninitialized Ticker");
  }
  handle_->core()->Start(d, PeriodOf(d));
}

Timer NewTimer(absl::Duration d) {
  Timer t;
  t.handle_ = std::make_shared<TimerHandle>(new TimerCore());
  t.C = t.handle_->core()->C();
  t.handle_->core()->Start(d, 0);
  return t;
}

RecvChan<absl::Time> After(absl::Duration d) { return NewTimer(d).C; }

Timer AfterFunc(absl::Duration d, std::function<void()> f) {
  Timer t;
  t.handle_ = std::make_shared<TimerHandle>(new TimerCore(std::move(f)));
  t.handle_->core()->Start(d, 0);
  return t;
}

Ticker NewTicker(absl::Duration d) {
  if (d <= absl::ZeroDuration()) {
    base::Panic("non-positive interval for NewTicker");
  }
  Ticker t;
  t.handle_ = std::make_shared<TimerHandle>(new TimerCore());
  t.C = t.handle_->core()->C();
  t.handle_->core()->Start(d, PeriodOf(d));
  return t;
}

RecvChan<absl::Time> Tick(absl::Duration d) {
  return d > absl::ZeroDuration() ? NewTicker(d).C : RecvChan<absl::Time>();
}

}  // namespace parkour::time
