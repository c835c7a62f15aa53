// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The global run queue, and the ways from anywhere into a queue.
//
// Go: proc.go (runqput, globrunqput*, globrunqget, injectglist)

#include <algorithm>

#include "parkour/base/check.h"
#include "parkour/runtime/counts.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/tracer.h"

namespace parkour::runtime {

namespace {

// So far ahead: a miss lasts as long as so many goroutines are moved.
constexpr size_t kAhead = 16;

// For the walk along the list later on, when none of them is in a cache: each
// knows another, so that one does not have to come before the next is asked
// for.
void setAhead(const GQueue& batch) {
  if (batch.size() <= kAhead) return;
  const G* ahead = batch.front();
  for (size_t i = 0; i < kAhead; ++i) ahead = ahead->schedlink;
  for (G* gp = batch.front(); ahead != nullptr; gp = gp->schedlink) {
    gp->schedahead = ahead;
    ahead = ahead->schedlink;
  }
}

// The first of the global queue, which is not empty; its size is not told yet.
G* popFront() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sched.lock) {
  G* const gp = sched.runq.PopFront();
  if (gp->schedahead != nullptr) {
    __builtin_prefetch(gp->schedahead);
    __builtin_prefetch(&gp->schedahead->schedahead);
    gp->schedahead = nullptr;
  }
  return gp;
}

}  // namespace

void runqput(P* p, G* gp, bool next) {
  if (next && onlyP()) {
    gp = p->runq.exchangeNextAlone(gp);
    if (gp == nullptr) return;
    next = false;
  }
  GQueue overflow;
  p->runq.put(gp, next, &overflow);
  if (overflow.empty()) return;
  base::MutexLockAlive lock(&sched.lock);
  globrunqputbatch(&overflow);
}

void globrunqput(G* gp) {
  sched.runq.PushBack(gp);
  sched.runqsize.store(static_cast<int32_t>(sched.runq.size()), base::kRelaxed);
}

void globrunqputhead(G* gp) {
  sched.runq.PushFront(gp);
  sched.runqsize.store(static_cast<int32_t>(sched.runq.size()), base::kRelaxed);
}

void globrunqputbatch(GQueue* batch) {
  setAhead(*batch);
  sched.runq.Append(batch);
  sched.runqsize.store(static_cast<int32_t>(sched.runq.size()), base::kRelaxed);
}

G* globrunqpop() {
  if (sched.runq.empty()) return nullptr;
  G* const gp = popFront();
  sched.runqsize.store(static_cast<int32_t>(sched.runq.size()), base::kRelaxed);
  return gp;
}

G* globrunqget(P* p, int32_t max) {
  if (max == 1) return globrunqpop();
  const auto size = static_cast<int32_t>(sched.runq.size());
  if (size == 0) return nullptr;
  int32_t n = std::min(size, size / sched.gomaxprocs.load() + 1);
  if (max > 0) n = std::min(n, max);
  n = std::min(n, static_cast<int32_t>(kRunqSize / 2));
  G* const first = popFront();
  GQueue overflow;
  for (--n; n > 0; --n) p->runq.put(popFront(), /*next=*/false, &overflow);
  globrunqputbatch(&overflow);
  return first;
}

namespace {

// One M for each idle P, as long as there are both idle Ps and `count` work.
void startIdle(int32_t count) {
  for (; count > 0; --count) {
    P* p;
    {
      base::MutexLockAlive lock(&sched.lock);
      p = pidlegetSpinning();
    }
    if (p == nullptr) return;
    startm(p, /*spinning=*/false);
  }
}

}  // namespace

// Go puts one G for every idle P into the global queue and starts these
// Ps; the others go to the local ring, in one publication.
void injectglist(GQueue* waiting) {
  GQueue woken;
  while (G* gp = waiting->PopFront()) {
    if (wakegTraced(gp)) woken.PushBack(gp);
  }
  if (woken.empty()) return;
  count(&counts.injected_lists);
  count(&counts.injected_goroutines, woken.size());
  GQueue* const list = &woken;
  M* const m = getm();
  P* const p = m == nullptr ? nullptr : m->p;
  if (p == nullptr) {
    const auto n = static_cast<int32_t>(list->size());
    {
      base::MutexLockAlive lock(&sched.lock);
      globrunqputbatch(list);
    }
    startIdle(n);
    return;
  }
  const int32_t npidle = sched.npidle.load(base::kAcquire);
  GQueue global;
  int32_t n = 0;
  for (; n < npidle && !list->empty(); ++n) {
    global.PushBack(list->PopFront());
  }
  if (n > 0) {
    {
      base::MutexLockAlive lock(&sched.lock);
      globrunqputbatch(&global);
    }
    startIdle(n);
  }
  if (!list->empty()) {
    GQueue overflow;
    p->runq.putBatch(list, &overflow);
    if (!overflow.empty()) {
      base::MutexLockAlive lock(&sched.lock);
      globrunqputbatch(&overflow);
    }
  }
  // Somebody may have gone idle between our look at npidle and now.
  wakep();
}

// Go: proc.go:ready, and newproc's end. A plain thread and an M without a P
// have no local queue.
void readyToRun(G* gp, bool next) {
  M* const m = getm();
  if (m != nullptr && m->p != nullptr) {
    runqput(m->p, gp, next);
    wakepIfMany();
    return;
  }
  {
    base::MutexLockAlive lock(&sched.lock);
    globrunqput(gp);
  }
  wakep();
}

}  // namespace parkour::runtime
