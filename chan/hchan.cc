// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/chan/hchan.h"

#include <new>

#include "parkour/base/check.h"
#include "parkour/base/list.h"
#include "parkour/runtime/enter.h"
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
  return static_cast<char*>(::operator new(
      size * type->size, std::align_val_t{type->align}));
}

void addCount(Hchan* c, size_t delta) {
  c->qcount.store(c->qcount.load(kRelaxed) + delta, kRelease);
}

size_t nextIndex(const Hchan* c, size_t i) {
  return i + 1 == c->dataqsiz ? 0 : i + 1;
}

void putRing(Hchan* c, void* elem) ABSL_EXCLUSIVE_LOCKS_REQUIRED(c->lock) {
  c->type->move(c->slot(c->sendx), elem);
  c->sendx = nextIndex(c, c->sendx);
  addCount(c, 1);
}

void takeRing(Hchan* c, void* elem) ABSL_EXCLUSIVE_LOCKS_REQUIRED(c->lock) {
  char* const s = c->slot(c->recvx);
  c->type->move(elem, s);
  c->type->destroy(s);
  c->recvx = nextIndex(c, c->recvx);
  addCount(c, -size_t{1});
}

// The waiter is out of its queue and complete: it may go on.
void wake(Sudog* s, bool success) {
  G* const gp = s->g;
  s->success = success;
  gp->param = s;
  goready(gp);
}

// Parks on one channel; true if a value was handed over.
bool parkOn(Hchan* c, WaitQueue* q, void* elem, WaitReason reason)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Sudog s;
  s.g = runtime::getg();
  s.c = c;
  s.elem = elem;
  s.g->param = nullptr;
  q->enqueue(&s);
  runtime::goparkunlock(&c->lock, reason);
  return s.success;
}

// C2, with the lock held, which it drops. Returns whether elem was sent.
bool sendLocked(Hchan* c, void* elem, bool block)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (c->closed.load(kRelaxed)) {
    c->lock.Unlock();
    base::Panic("send on closed channel");
  }
  if (Sudog* s = c->recvq.dequeue()) {
    c->type->move(s->elem, elem);
    c->lock.Unlock();
    wake(s, /*success=*/true);
    return true;
  }
  if (c->qcount.load(kRelaxed) < c->dataqsiz) {
    putRing(c, elem);
    c->lock.Unlock();
    return true;
  }
  if (!block) {
    c->lock.Unlock();
    return false;
  }
  if (!parkOn(c, &c->sendq, elem, WaitReason::kChanSend)) {
    base::Panic("send on closed channel");
  }
  return true;
}

// C3, with the lock held, which it drops.
RecvResult recvLocked(Hchan* c, void* elem, bool block)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (c->qcount.load(kRelaxed) > 0) {
    takeRing(c, elem);
    // A waiting sender's value takes the freed slot: the order stays.
    Sudog* const s = c->sendq.dequeue();
    if (s != nullptr) putRing(c, s->elem);
    c->lock.Unlock();
    if (s != nullptr) wake(s, /*success=*/true);
    return RecvResult::kValue;
  }
  if (Sudog* s = c->sendq.dequeue()) {
    c->type->move(elem, s->elem);
    c->lock.Unlock();
    wake(s, /*success=*/true);
    return RecvResult::kValue;
  }
  if (c->closed.load(kRelaxed)) {
    c->lock.Unlock();
    return RecvResult::kClosed;
  }
  if (!block) {
    c->lock.Unlock();
    return RecvResult::kWouldBlock;
  }
  return parkOn(c, &c->recvq, elem, WaitReason::kChanReceive)
             ? RecvResult::kValue
             : RecvResult::kClosed;
}

// C8: a nil channel.
void parkForever(WaitReason reason) {
  runtime::gopark(nullptr, nullptr, reason);
  base::Throw("unreachable");
}

}  // namespace

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
    // C10: of all channels of a select one waker wins.
    uint32_t undone = 0;
    if (s->is_select && !s->g->select_done.compare_exchange_strong(
                            undone, 1, base::kAcqRel)) {
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
    type->destroy(slot(i));
    i = nextIndex(this, i);
  }
  ::operator delete(buf, std::align_val_t{type->align});
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
  // C4: full and open, each seen at some moment of this call, in this order: a
  // channel does not open again, so at the first moment it was both.
  if (!block && c->dataqsiz > 0 &&
      !c->closed.load(kAcquire) &&
      c->qcount.load(kAcquire) == c->dataqsiz) {
    return false;
  }
  RuntimeScope in;
  c->lock.Lock();
  return sendLocked(c, elem, block);
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
  return recvLocked(c, elem, block);
}

// C5. Nobody is woken under the lock (C1).
void closechan(Hchan* c) {
  if (c == nullptr) base::Panic("close of nil channel");
  RuntimeScope in;
  base::Queue<Sudog, &Sudog::bucket_next> woken;
  {
    base::MutexLock lock(&c->lock);
    if (c->closed.load(kRelaxed)) base::Panic("close of closed channel");
    c->closed.store(true, kRelease);
    while (Sudog* s = c->recvq.dequeue()) woken.PushBack(s);
    while (Sudog* s = c->sendq.dequeue()) woken.PushBack(s);
  }
  while (Sudog* s = woken.PopFront()) wake(s, /*success=*/false);
}

size_t chanlen(const Hchan* c) {
  return c == nullptr ? 0 : c->qcount.load(kAcquire);
}

size_t chancap(const Hchan* c) { return c == nullptr ? 0 : c->dataqsiz; }

void chanref(Hchan* c) {
  if (c != nullptr) c->refs.fetch_add(1, kRelaxed);
}

void chanunref(Hchan* c) {
  if (c != nullptr && c->refs.fetch_sub(1, base::kAcqRel) == 1) delete c;
}

}  // namespace parkour::internal
