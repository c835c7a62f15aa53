// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/timers.h"

#include <algorithm>

#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/proc.h"

namespace parkour::runtime {
namespace {

constexpr size_t kArity = 4;

}  // namespace

void Timers::put(size_t i, Entry e) {
  heap_[i] = e;
  places_[e.place].index = static_cast<uint32_t>(i);
}

void Timers::siftUp(size_t i) {
  const Entry e = heap_[i];
  while (i > 0) {
    const size_t parent = (i - 1) / kArity;
    if (heap_[parent].when <= e.when) break;
    put(i, heap_[parent]);
    i = parent;
  }
  put(i, e);
}

void Timers::siftDown(size_t i) {
  const Entry e = heap_[i];
  const size_t n = heap_.size();
  for (;;) {
    const size_t first = i * kArity + 1;
    if (first >= n) break;
    size_t least = first;
    for (size_t c = first + 1; c < std::min(first + kArity, n); ++c) {
      if (heap_[c].when < heap_[least].when) least = c;
    }
    if (e.when <= heap_[least].when) break;
    put(i, heap_[least]);
    i = least;
  }
  put(i, e);
}

void Timers::insert(Timer* t) {
  if (free_ == 0) {
    places_.push_back({nullptr, 0});
    free_ = static_cast<uint32_t>(places_.size());
  }
  t->place = free_ - 1;
  free_ = places_[t->place].index;
  places_[t->place].timer = t;
  heap_.push_back({t->when, t->place});
  siftUp(heap_.size() - 1);
  t->heap.store(this, base::kRelease);
}

void Timers::erase(Timer* t) {
  const size_t i = places_[t->place].index;
  places_[t->place] = {nullptr, free_};
  free_ = t->place + 1;
  t->heap.store(nullptr, base::kRelease);
  const Entry last = heap_.back();
  heap_.pop_back();
  if (heap_.empty()) {
    places_.clear();  // in order again
    free_ = 0;
  }
  if (i == heap_.size()) return;
  put(i, last);
  siftUp(i);
  siftDown(places_[last.place].index);
}

// What other Ps read without the lock.
void Timers::publish() {
  min_when_.store(heap_.empty() ? 0 : heap_[0].when, base::kRelease);
  size_.store(heap_.size(), base::kRelaxed);
}

bool Timers::add(Timer* t) {
  base::MutexLockAlive lock(&mu_);
  insert(t);
  publish();
  return places_[t->place].index == 0;
}

bool Timers::remove(Timer* t) {
  base::MutexLockAlive lock(&mu_);
  if (t->heap.load(base::kRelaxed) != this) return false;
  erase(t);
  publish();
  return true;
}

bool Timers::run(int64_t now, const Runq& ready) {
  bool ran = false;
  mu_.Lock();
  while (!heap_.empty() && heap_[0].when <= now &&
         (!ran || ready.size() < kRunqSize / 2)) {
    Timer* const t = places_[heap_[0].place].timer;
    const int64_t late = now - t->when;
    // Copies: the owner may free or restart the timer once it is out of the
    // heap and the lock is dropped.
    const auto f = t->f;
    void* const arg = t->arg;
    const uintptr_t seq = t->seq;
    if (t->period > 0) {
      // Only the last step can lead beyond all times.
      t->when = base::DeadlineAfter(now - late % t->period, t->period);
      heap_[0].when = t->when;
      siftDown(0);
    } else {
      erase(t);
    }
    // The next one lies in a stack that may be in no cache.
    if (!heap_.empty()) __builtin_prefetch(places_[heap_[0].place].timer);
    publish();
    mu_.Unlock();
    f(arg, seq, late);
    ran = true;
    mu_.Lock();
  }
  mu_.Unlock();
  return ran;
}

// Both locks at once, by address: a plain thread may stop a timer even while
// the world is stopped.
void Timers::moveTo(Timers* to) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  base::MutexLock first(this < to ? &mu_ : &to->mu_);
  base::MutexLock second(this < to ? &to->mu_ : &mu_);
  for (const Entry& e : heap_) to->insert(places_[e.place].timer);
  heap_.clear();
  places_.clear();
  free_ = 0;
  publish();
  to->publish();
}

void timerStart(Timer* t, int64_t when, int64_t period) {
  RuntimeScope in;
  PARKOUR_CHECK(t->heap.load(base::kRelaxed) == nullptr && when > 0);
  t->when = when;
  t->period = period;
  P* p = getm()->p;
  if (p == nullptr) p = allp(0);  // a plain thread
  if (p->timers.add(t)) wakeNetPoller(when);
}

bool timerStop(Timer* t) {
  RuntimeScope in;
  for (;;) {
    Timers* const heap = t->heap.load(base::kAcquire);
    if (heap == nullptr) return false;
    if (heap->remove(t)) return true;
  }
}

}  // namespace parkour::runtime
