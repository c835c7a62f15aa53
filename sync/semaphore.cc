// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Invariant, whenever mu_ is free: the request at the head of the queue does
// not fit into what is free. So whatever frees units (Release), or takes away
// the head (Cancel), grants.
//
// Nobody is readied under mu_. A request that was granted before its owner
// parked is not in the list of those to be readied: the owner finds the state
// under mu_, and may have destroyed the request by the time the list is walked.
// One whose owner is parked stays valid until it is readied.

#include "parkour/sync/semaphore.h"

#include "parkour/base/check.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/park.h"

namespace parkour::sync {

void Semaphore::Acquire(int64_t n) {
  if (TryAcquire(n)) return;
  Request request(this, n);
  PARKOUR_CHECK(request.Wait());
}

bool Semaphore::TryAcquire(int64_t n) {
  PARKOUR_CHECK(n >= 0);
  base::MutexLock lock(&mu_);
  if (size_ - held_ < n || head_ != nullptr) return false;
  held_ += n;
  return true;
}

void Semaphore::Release(int64_t n) {
  PARKOUR_CHECK(n >= 0);
  runtime::RuntimeScope in;
  Request* granted;
  {
    base::MutexLock lock(&mu_);
    held_ -= n;
    if (held_ < 0) base::Panic("semaphore: released more than held");
    granted = GrantLocked();
  }
  ReadyAll(granted);
}

Semaphore::Request* Semaphore::GrantLocked() {
  Request* ready = nullptr;
  Request** end = &ready;
  // Strictly from the head: if a smaller request behind could overtake, a
  // stream of small ones would starve a large one.
  while (head_ != nullptr && size_ - held_ >= head_->n_) {
    Request* const r = head_;
    head_ = r->next_;
    (head_ != nullptr ? head_->prev_ : tail_) = nullptr;
    held_ += r->n_;
    r->queued_ = false;
    r->next_ = nullptr;
    r->state_ = Request::State::kGranted;
    if (r->parked_ != nullptr) {
      *end = r;
      end = &r->next_;
    }
  }
  return ready;
}

void Semaphore::ReadyAll(Request* list) {
  while (list != nullptr) {
    Request* const next = list->next_;  // gone once its goroutine runs
    runtime::goready(list->parked_);
    list = next;
  }
}

Semaphore::Request::Request(Semaphore* semaphore, int64_t n)
    : s_(semaphore), n_(n) {
  PARKOUR_CHECK(n >= 0);
  base::MutexLock lock(&s_->mu_);
  if (s_->size_ - s_->held_ >= n && s_->head_ == nullptr) {
    s_->held_ += n;
    state_ = State::kGranted;
    return;
  }
  if (n > s_->size_) return;
  prev_ = s_->tail_;
  (prev_ != nullptr ? prev_->next_ : s_->head_) = this;
  s_->tail_ = this;
  queued_ = true;
}

Semaphore::Request::~Request() { PARKOUR_CHECK(!queued_); }

// Parks with mu_ held and comes back without, which the analysis cannot follow.
bool Semaphore::Request::Wait() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  runtime::RuntimeScope in;
  s_->mu_.Lock();
  if (state_ == State::kWaiting) {
    parked_ = runtime::getg();
    runtime::noteWait(parked_, s_);
    runtime::goparkunlock(&s_->mu_, runtime::WaitReason::kSemacquire);
  } else {
    s_->mu_.Unlock();
  }
  return state_ == State::kGranted;
}

void Semaphore::Request::Cancel() {
  runtime::RuntimeScope in;
  runtime::G* parked;
  Request* granted = nullptr;
  {
    base::MutexLock lock(&s_->mu_);
    if (state_ != State::kWaiting) return;
    state_ = State::kCancelled;
    parked = parked_;
    if (queued_) {
      const bool was_head = prev_ == nullptr;
      (prev_ != nullptr ? prev_->next_ : s_->head_) = next_;
      (next_ != nullptr ? next_->prev_ : s_->tail_) = prev_;
      queued_ = false;
      if (was_head) granted = s_->GrantLocked();
    }
  }
  if (parked != nullptr) runtime::goready(parked);
  ReadyAll(granted);
}

}  // namespace parkour::sync
