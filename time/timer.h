// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// timer.h: single events in the future, and repeated ones.
//
//   time::Timer t = time::NewTimer(absl::Seconds(1));
//   Select(work.OnRecv([&](auto w) { ... }),
//          t.C.OnRecv([&] { ... }));            // too late
//   t.Stop();
//
// The parts:
//   time::After(d)        a channel that gets the time once, after d
//   time::AfterFunc(d, f) runs f in its own goroutine after d
//   time::NewTicker(d)    a channel that gets the time every d
//
// Timer and Ticker are handles: copies share one timer. A timer that nobody can
// hear any more, because the last handle and the last copy of its channel are
// gone, is stopped and freed; an AfterFunc goes on. An AfterFunc whose function
// holds its own Timer keeps itself: let it hold a pointer to one.
//
// Guarantees: never early, by the monotonic clock. As in Go 1.23, the channel
//             of a timer is unbuffered in effect: Len and Cap are 0, and after
//             Stop or Reset has returned no value of the old setting can be
//             received. A slow receiver misses ticks; they do not pile up. The
//             value is the time the event was due.
// Blocking:   nothing here parks; receiving from C does. Safe from any thread.
// Misuse:     panics in Go's words: Stop or Reset of a default-constructed
//             Timer, Reset of such a Ticker, a Ticker's interval that is not
//             positive.
// See:        Go: src/time/sleep.go, tick.go

#ifndef PARKOUR_TIME_TIMER_H_
#define PARKOUR_TIME_TIMER_H_

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "parkour/chan/chan.h"

namespace parkour::time {

class TimerHandle;

class Timer {
 public:
  Timer() = default;

  // Where the time arrives; nil for AfterFunc.
  RecvChan<absl::Time> C;

  // Keeps the timer from firing. True if it was pending; false if it has fired
  // (an AfterFunc's function was started) or was stopped before.
  bool Stop() const;

  // Stops it and starts it anew, to fire after d. Returns what Stop would.
  bool Reset(absl::Duration d) const;

 private:
  friend Timer NewTimer(absl::Duration d);
  friend Timer AfterFunc(absl::Duration d, std::function<void()> f);

  std::shared_ptr<TimerHandle> handle_;
};

class Ticker {
 public:
  Ticker() = default;

  // Where the times arrive.
  RecvChan<absl::Time> C;

  // No more ticks; C is not closed. No effect on a default-constructed Ticker.
  void Stop() const;

  // The next tick comes after d, and then every d.
  void Reset(absl::Duration d) const;

 private:
  friend Ticker NewTicker(absl::Duration d);

  std::shared_ptr<TimerHandle> handle_;
};

// A timer that fires after d; at once if d is not positive. Go: time.NewTimer.
Timer NewTimer(absl::Duration d);

// NewTimer(d).C. Go: time.After.
RecvChan<absl::Time> After(absl::Duration d);

// Runs f in a new goroutine after d, each time the timer fires.
// Go: time.AfterFunc.
Timer AfterFunc(absl::Duration d, std::function<void()> f);

// Ticks every d > 0. Go: time.NewTicker.
Ticker NewTicker(absl::Duration d);

// NewTicker(d).C; a nil channel if d is not positive. Go: time.Tick.
RecvChan<absl::Time> Tick(absl::Duration d);

}  // namespace parkour::time

#endif  // PARKOUR_TIME_TIMER_H_
