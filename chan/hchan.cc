// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/chan/hchan.h"

#include <new>

#include "parkour/base/check.h"
#include "parkour/base/list.h"
#include "parkour/chan/hchan_ops.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/mprof.h"
#include "parkour/runtime/park.h"

namespace parkour::internal {
namespace {

using base::kAcquire;
using base::kRelaxed;
using base::kRelease;
using runtime::G;
using runtime::RuntimeScope;
using runtime::Sudog;
using runtime::WaitReason;

constexpr size_t kMaxBytes = size_t{1} << 46;

char* AllocateRing(const ElemType* type, size_t size) {
  if (size == 0) return nullptr;
  return static_cast<char*>(
      ::operator new (size * type->size, std::align_val_t{type->align}));
}

void addCount(Hchan* c, size_t delta) {
  c->qcount.store(c->qcount.load(kRelaxed) + delta, kRelease);
}

size_t nextIndex(const Hchan* c, size_t i) {
  return i + 1 == c->dataqsiz ? 0 : i + 1;
}

void putRing(Hchan* c, void* elem) ABSL_EXCLUSIVE_LOCKS_REQUIRED(c->lock) {
  c->type->Move(c->slot(c->sendx), elem);
  c->sendx = nextIndex(c, c->sendx);
  addCount(c, 1);
}

void takeRing(Hchan* c, void* elem) ABSL_EXCLUSIVE_LOCKS_REQUIRED(c->lock) {
  char* const s = c->slot(c->recvx);
  c->type->Move(elem, s);
  c->type->Destroy(s);
  c->recvx = nextIndex(c, c->recvx);
  addCount(c, -size_t{1});
}

// What went through the ring may be all that the other side has waited for: it
// may be there, and drop the last handle, as soon as the lock is free. Who is
// in a queue still has to be woken.
inline void unlockAfter(Hchan* c, OpResult result, Sudog* woken)
    ABSL_UNLOCK_FUNCTION(c->lock) {
  if (result == OpResult::kDone && woken == nullptr) {
    c->lock.Unlock();
  } else {
    c->lock.UnlockAlive();
  }
}

// Parks on one channel (inlined: see gobuf_switch.h); true if a value was
// handed over.
__attribute__((always_inline)) inline bool parkOn(Hchan* c, WaitQueue* q,
                                                  void* elem, WaitReason reason)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Sudog s;
  s.g = runtime::getg();
  s.c = c;
  s.elem = elem;
  s.g->param = nullptr;
  const int64_t began = runtime::waitBegins();
  s.releasetime = began;
  q->enqueue(&s);
  runtime::noteWait(s.g, c);
  runtime::goparkunlock(&c->lock, reason);
  if (began != 0) runtime::blockevent(s.releasetime - began);
  return s.success;
}

// A nil channel.
void parkForever(WaitReason reason) {
  runtime::gopark(nullptr, nullptr, reason);
  base::Throw("unreachable");
}

// Go: chan.go (chansend, send).
inline OpResult trySend(Hchan* c, void* elem, Sudog** woken)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(c->lock) {
  if (c->closed.load(kRelaxed)) return OpResult::kClosed;
  if (Sudog* s = c->recvq.dequeue()) {
    c->type->Move(s->elem, elem);
    *woken = s;
    return OpResult::kDone;
  }
  if (c->qcount.load(kRelaxed) == c->dataqsiz) return OpResult::kWouldBlock;
  putRing(c, elem);
  return OpResult::kDone;
}

// Go: chan.go (chanrecv, recv).
inline OpResult tryRecv(Hchan* c, void* elem, Sudog** woken)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(c->lock) {
  if (c->qcount.load(kRelaxed) > 0) {
    takeRing(c, elem);
    // A waiting sender's value takes the freed slot: the order stays.
    *woken = c->sendq.dequeue();
    if (*woken != nullptr) putRing(c, (*woken)->elem);
    return OpResult::kDone;
  }
  if (Sudog* s = c->sendq.dequeue()) {
    c->type->Move(elem, s->elem);
    *woken = s;
    return OpResult::kDone;
  }
  return c->closed.load(kRelaxed) ? OpResult::kClosed : OpResult::kWouldBlock;
}

}  // namespace

OpResult trySendLocked(Hchan* c, void* elem,
                       Sudog** woken) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  return trySend(c, elem, woken);
}

OpResult tryRecvLocked(Hchan* c, void* elem,
                       Sudog** woken) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  return tryRecv(c, elem, woken);
}

void wakeWaiter(Sudog* s, bool success) {
  G* const gp = s->g;
  s->success = success;
  runtime::noteRelease(s);
  gp->param = s;
  goready(gp);
}

void WaitQueue::enqueue(Sudog* s) {
  s->next = nullptr;
  s->prev = last;
  (last != nullptr ? last->next : first) = s;
  last = s;
}

Sudog* WaitQueue::dequeue() {
  for (;;) {
    Sudog* const s = first;
    if (s == nullptr) return nullptr;
    first = s->next;
    (first != nullptr ? first->prev : last) = nullptr;
    s->next = s->prev = nullptr;
    // Of all channels of a select one waker wins.
    uint32_t undone = 0;
    if (s->is_select &&
        !s->g->select_done.compare_exchange_strong(undone, 1, base::kAcqRel)) {
      continue;
    }
    return s;
  }
}

void WaitQueue::remove(Sudog* s) {
  if (s->prev == nullptr && first != s) return;
  (s->prev != nullptr ? s->prev->next : first) = s->next;
  (s->next != nullptr ? s->next->prev : last) = s->prev;
  s->next = s->prev = nullptr;
}

Hchan::Hchan(const ElemType* elem_type, size_t size)
    : lock(base::LockRank::kHchan),
      type(elem_type),
      dataqsiz(size),
      buf(AllocateRing(elem_type, size)) {}

Hchan::~Hchan() {
  for (size_t n = qcount.load(kRelaxed), i = recvx; n > 0; --n) {
    type->Destroy(slot(i));
    i = nextIndex(this, i);
  }
  ::operator delete (buf, std::align_val_t{type->align});
}

Hchan* makechan(const ElemType* type, int64_t size) {
  if (size < 0 || static_cast<size_t>(size) > kMaxBytes / type->size) {
    base::Panic("makechan: size out of range");
  }
  return new Hchan(type, static_cast<size_t>(size));
}

bool chansend(Hchan* c, void* elem, bool block) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (c == nullptr) {
    if (!block) return false;
    RuntimeScope in;
    parkForever(WaitReason::kChanSendNil);
  }
  // Full and open, each seen at some moment of this call, in this order: a
  // channel does not open again, so at the first moment it was both.
  if (!block && c->dataqsiz > 0 && !c->closed.load(kAcquire) &&
      c->qcount.load(kAcquire) == c->dataqsiz) {
    return false;
  }
  RuntimeScope in;
  c->lock.Lock();
  Sudog* woken = nullptr;
  const OpResult result = trySend(c, elem, &woken);
  if (result == OpResult::kWouldBlock && block) {
    if (!parkOn(c, &c->sendq, elem, WaitReason::kChanSend)) {
      base::Panic("send on closed channel");
    }
    return true;
  }
  unlockAfter(c, result, woken);
  if (result == OpResult::kClosed) base::Panic("send on closed channel");
  if (woken != nullptr) wakeWaiter(woken, /*success=*/true);
  return result == OpResult::kDone;
}

RecvResult chanrecv(Hchan* c, void* elem,
                    bool block) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (c == nullptr) {
    if (!block) return RecvResult::kWouldBlock;
    RuntimeScope in;
    parkForever(WaitReason::kChanReceiveNil);
  }
  if (!block && c->dataqsiz > 0 && c->qcount.load(kAcquire) == 0 &&
      !c->closed.load(kAcquire)) {
    return RecvResult::kWouldBlock;
  }
  RuntimeScope in;
  c->lock.Lock();
  Sudog* woken = nullptr;
  const OpResult result = tryRecv(c, elem, &woken);
  if (result == OpResult::kWouldBlock && block) {
    return parkOn(c, &c->recvq, elem, WaitReason::kChanReceive)
               ? RecvResult::kValue
               : RecvResult::kClosed;
  }
  unlockAfter(c, result, woken);
  if (woken != nullptr) wakeWaiter(woken, /*success=*/true);
  switch (result) {
    case OpResult::kDone:
      return RecvResult::kValue;
    case OpResult::kClosed:
      return RecvResult::kClosed;
    case OpResult::kWouldBlock:
      break;
  }
  return RecvResult::kWouldBlock;
}

namespace {

// Those who wait are found one by the other, each in its own stack. Goroutines
// that were started in a row have stacks in a row: a guess, for the cache.
void prefetchBehind(const Sudog* s, const Sudog* before) {
  constexpr uintptr_t kAhead = 8;
  const auto at = reinterpret_cast<uintptr_t>(s);
  const uintptr_t stride = at - reinterpret_cast<uintptr_t>(before);
  __builtin_prefetch(reinterpret_cast<const void*>(at + kAhead * stride));
}

}  // namespace

// Nobody is woken under the lock; a few at a time, while they are in the cache.
// A channel stays closed, so nobody new begins to wait meanwhile, and whoever
// waits does not let it go.
void closechan(Hchan* c) {
  if (c == nullptr) base::Panic("close of nil channel");
  RuntimeScope in;
  constexpr int kBatch = 64;
  Sudog* woken[kBatch];
  const Sudog* before = nullptr;
  for (int n = kBatch; n == kBatch;) {
    n = 0;
    {
      base::MutexLock lock(&c->lock);
      if (before == nullptr) {
        if (c->closed.load(kRelaxed)) base::Panic("close of closed channel");
        c->closed.store(true, kRelease);
      }
      for (; n < kBatch; ++n) {
        Sudog* s = c->recvq.dequeue();
        if (s == nullptr) s = c->sendq.dequeue();
        if (s == nullptr) break;
        if (before != nullptr) prefetchBehind(s, before);
        before = woken[n] = s;
      }
    }
    for (int i = 0; i < n; ++i) wakeWaiter(woken[i], /*success=*/false);
  }
}

size_t chanlen(const Hchan* c) {
  if (c == nullptr || c->owner.load(kRelaxed) != nullptr) return 0;
  return c->qcount.load(kAcquire);
}

size_t chancap(const Hchan* c) {
  if (c == nullptr || c->owner.load(kRelaxed) != nullptr) return 0;
  return c->dataqsiz;
}

void chanref(Hchan* c) {
  if (c != nullptr) c->refs.fetch_add(1, kRelaxed);
}

namespace {

// Out of line: only channels of timers have an owner. The references are
// counted down under the lock, so exactly one user finds that only the owner's
// is left. That one stays valid while the owner lives, and so until
// OnlyOwnerLeft has given TryRef's back. False: there is no owner any more.
bool unrefOwned(Hchan* c) {
  RuntimeScope in;
  ChanOwner* owner;
  {
    base::MutexLock lock(&c->lock);
    owner = c->owner.load(kRelaxed);
    if (owner == nullptr) return false;
    const bool only = c->refs.fetch_sub(1, base::kSeqCst) == 2;
    if (!only || !owner->TryRef()) return true;
  }
  owner->OnlyOwnerLeft();
  return true;
}

}  // namespace

void chanunref(Hchan* c) {
  if (c == nullptr) return;
  if (c->owner.load(kAcquire) != nullptr && unrefOwned(c)) return;
  if (c->refs.fetch_sub(1, base::kAcqRel) == 1) delete c;
}

void SetChanOwner(Hchan* c, ChanOwner* owner) {
  base::MutexLock lock(&c->lock);
  c->owner.store(owner, kRelease);
}

uint32_t ChanUsers(const Hchan* c) { return c->refs.load(base::kSeqCst); }

}  // namespace parkour::internal
