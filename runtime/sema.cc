// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/sema.h"

#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/base/lock.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/mprof.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/sudog.h"

namespace parkour::runtime {
namespace {

// Go: 251 buckets of balanced trees. Ours are lists: at a hundred thousand
// distinct addresses with waiters a bucket has 25.
constexpr size_t kBuckets = 4096;

struct alignas(64) Bucket {
  base::Mutex mu{base::LockRank::kSema};
  // One sudog per address, by bucket_next; each heads its waiters, by next.
  Sudog* first ABSL_GUARDED_BY(mu) = nullptr;
  base::Atomic<uint32_t> nwait{0};  // writers hold mu, or add before they wait
};

Bucket table[kBuckets];

Bucket* BucketOf(const void* addr) {
  const uint64_t hash =
      (reinterpret_cast<uintptr_t>(addr) >> 2) * 0x9E3779B97F4A7C15u;
  return &table[hash >> 52];
}

bool cansemacquire(base::Atomic<uint32_t>* addr) {
  uint32_t v = addr->load(base::kSeqCst);
  while (v > 0) {
    if (addr->compare_exchange_weak(v, v - 1, base::kSeqCst)) return true;
  }
  return false;
}

Sudog* find(Bucket* b, const void* addr) ABSL_EXCLUSIVE_LOCKS_REQUIRED(b->mu) {
  Sudog* s = b->first;
  while (s != nullptr && s->addr != addr) s = s->bucket_next;
  return s;
}

// Puts `s` into the bucket list in the place of `old`, or first.
void link(Bucket* b, Sudog* s, Sudog* old)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(b->mu) {
  s->bucket_next = old != nullptr ? old->bucket_next : b->first;
  s->bucket_prev = old != nullptr ? old->bucket_prev : nullptr;
  if (s->bucket_next != nullptr) s->bucket_next->bucket_prev = s;
  if (s->bucket_prev != nullptr) {
    s->bucket_prev->bucket_next = s;
  } else {
    b->first = s;
  }
}

void unlink(Bucket* b, Sudog* s) ABSL_EXCLUSIVE_LOCKS_REQUIRED(b->mu) {
  if (s->bucket_next != nullptr) s->bucket_next->bucket_prev = s->bucket_prev;
  if (s->bucket_prev != nullptr) {
    s->bucket_prev->bucket_next = s->bucket_next;
  } else {
    b->first = s->bucket_next;
  }
}

void enqueue(Bucket* b, Sudog* s, bool lifo)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(b->mu) {
  Sudog* const head = find(b, s->addr);
  if (head == nullptr) {
    s->wait_tail = s;
    link(b, s, nullptr);
  } else if (lifo) {
    s->next = head;
    s->wait_tail = head->wait_tail;
    s->waiters = head->waiters + 1;
    // It has waited before; the first is to be who has waited longest.
    s->acquiretime = head->acquiretime;
    link(b, s, head);
  } else {
    head->wait_tail->next = s;
    head->wait_tail = s;
    ++head->waiters;
  }
}

// What the release that is about to take `s` out has cost the waiters on its
// address, all together: the first and the last have waited so long, the others
// something between. Go: sema.go (semrelease1)
int64_t delayCaused(Sudog* s) {
  if (s->acquiretime == 0) return 0;
  const int64_t now = base::nanotime();
  int64_t delay = now - s->acquiretime;
  if (Sudog* next = s->next) {
    Sudog* const tail = s->wait_tail;
    const int64_t tail_wait =
        tail->acquiretime != 0 ? now - tail->acquiretime : 0;
    delay += (delay + tail_wait) / 2 * s->waiters;
    // Charged once, and not to the next release again.
    next->acquiretime = tail->acquiretime = now;
  }
  return delay;
}

Sudog* dequeue(Bucket* b, const void* addr, int64_t* delay)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(b->mu) {
  Sudog* const s = find(b, addr);
  if (s == nullptr) return nullptr;
  *delay = delayCaused(s);
  if (Sudog* next = s->next) {
    next->wait_tail = s->wait_tail;
    next->waiters = s->waiters - 1;
    link(b, next, s);
  } else {
    unlink(b, s);
  }
  s->next = nullptr;
  return s;
}

// For profiles: since when the caller waits, 0 if nobody asks, and until when.
struct Waited {
  int64_t began;
  int64_t released = 0;
};

// One round: true when the count was taken, or handed over.
bool waitOnce(base::Atomic<uint32_t>* addr, WaitReason reason, bool lifo,
              const Awaited& awaited,
              Waited* waited) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Bucket* const b = BucketOf(addr);
  b->mu.Lock();
  b->nwait.fetch_add(1, base::kSeqCst);  // (a1)
  if (cansemacquire(addr)) {             // (a2)
    b->nwait.fetch_sub(1, base::kSeqCst);
    b->mu.Unlock();
    return true;
  }
  Sudog s;
  s.g = getg();
  s.addr = addr;
  s.releasetime = waited->began;
  if (isMutexWait(reason)) s.acquiretime = waited->began;
  enqueue(b, &s, lifo);
  noteWait(s.g, awaited.object != nullptr ? awaited.object : addr,
           awaited.holder);
  goparkunlock(&b->mu, reason);
  waited->released = s.releasetime;
  return s.ticket != 0 || cansemacquire(addr);
}

}  // namespace

void semacquire(base::Atomic<uint32_t>* addr, WaitReason reason, bool lifo,
                const Awaited& awaited) {
  if (cansemacquire(addr)) return;
  RuntimeScope in;
  Waited waited{waitBegins()};
  while (!waitOnce(addr, reason, lifo, awaited, &waited)) {
  }
  if (waited.released != 0) blockevent(waited.released - waited.began);
}

void semrelease(base::Atomic<uint32_t>* addr, bool handoff) {
  Bucket* const b = BucketOf(addr);
  addr->fetch_add(1, base::kSeqCst);              // (r1)
  if (b->nwait.load(base::kSeqCst) == 0) return;  // (r2)
  RuntimeScope in;
  Sudog* s;
  int64_t delay = 0;
  {
    base::MutexLockAlive lock(&b->mu);
    if (b->nwait.load(base::kRelaxed) == 0) return;
    s = dequeue(b, addr, &delay);
    if (s == nullptr) return;
    b->nwait.fetch_sub(1, base::kSeqCst);
    // The word belongs to a waiter that is still inside, so it exists.
    if (handoff && cansemacquire(addr)) s->ticket = 1;
  }
  const bool run_now = s->ticket != 0;
  if (delay != 0) mutexevent(delay);
  noteRelease(s);
  goready(s->g);
  if (run_now) goyield();
}

int64_t SemaWaiters() {
  int64_t n = 0;
  for (const Bucket& b : table) n += b.nwait.load(base::kRelaxed);
  return n;
}

}  // namespace parkour::runtime
