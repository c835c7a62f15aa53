// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Dance (tickets): Wait takes a ticket before it unlocks L, and joins the list
// only after. A Signal that comes between the two finds nobody in the list with
// the ticket it is to wake; it raises notify_ all the same, and the waiter,
// which compares its ticket with notify_ under mu_ before it parks, goes on at
// once.
//
// The list is nearly in the order of the tickets: who is late has taken a
// ticket and not yet joined. A Signal's search therefore ends near the head.
//
// Tickets may wrap: they are compared by the sign of their difference, which
// holds as long as fewer than two thousand million wait.

#include "parkour/sync/cond.h"

#include "parkour/runtime/enter.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/sudog.h"

namespace parkour::sync {

using runtime::Sudog;

namespace {

bool Before(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) < 0; }

}  // namespace

// Parks with mu_ held and comes back without, which the analysis cannot follow.
void Cond::Wait() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const uint32_t ticket = wait_.fetch_add(1, base::kSeqCst);
  L.Unlock();
  {
    runtime::RuntimeScope in;
    mu_.Lock();
    if (Before(ticket, notify_.load(base::kRelaxed))) {
      mu_.Unlock();
    } else {
      Sudog s;
      s.g = runtime::getg();
      s.ticket = ticket;
      (tail_ != nullptr ? tail_->next : head_) = &s;
      s.prev = tail_;
      tail_ = &s;
      runtime::noteWait(s.g, this);
      runtime::goparkunlock(&mu_, runtime::WaitReason::kSyncCondWait);
    }
  }
  L.Lock();
}

void Cond::Signal() {
  // Nobody has taken a ticket since the last wake-up: no lock needed. A Wait
  // that is to see this signal happened before it, through L.
  if (wait_.load(base::kSeqCst) == notify_.load(base::kSeqCst)) return;
  runtime::RuntimeScope in;
  Sudog* s;
  {
    base::MutexLock lock(&mu_);
    const uint32_t ticket = notify_.load(base::kRelaxed);
    if (ticket == wait_.load(base::kSeqCst)) return;
    notify_.store(ticket + 1, base::kSeqCst);
    s = head_;
    while (s != nullptr && s->ticket != ticket) s = s->next;
    if (s == nullptr) return;  // on its way; it will see notify_
    (s->prev != nullptr ? s->prev->next : head_) = s->next;
    (s->next != nullptr ? s->next->prev : tail_) = s->prev;
  }
  runtime::goready(s->g);
}

void Cond::Broadcast() {
  if (wait_.load(base::kSeqCst) == notify_.load(base::kSeqCst)) return;
  runtime::RuntimeScope in;
  Sudog* s;
  {
    base::MutexLock lock(&mu_);
    s = head_;
    head_ = tail_ = nullptr;
    notify_.store(wait_.load(base::kSeqCst), base::kSeqCst);
  }
  while (s != nullptr) {
    Sudog* const next = s->next;  // s is gone once its goroutine runs
    runtime::goready(s->g);
    s = next;
  }
}

}  // namespace parkour::sync
