// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// hchan.h: the untyped core of a channel. Typed code is chan.h's; nothing here
// knows what an element is but its size, how to move it and how to destroy it.
//
// State, under lock
//   qcount elements in a ring of dataqsiz, from recvx on
//   recvq  goroutines that wait to receive: then the ring is empty
//   sendq  goroutines that wait to send: then the ring is full
//   so at most one of the two queues is not empty (but for closed channels and
//   a select that waits on both sides of one channel)
//
// A value goes from hand to hand: to a waiting receiver's own storage, without
// passing through the ring. Waiters are served in their order.
//
// Requires: elements move without throwing; their move runs under the channel's
//           lock and must not use the channel.
// Blocking: chansend and chanrecv park while `block`; others return at once.
// See:      docs/MEMORY_MODEL.md; Go: src/runtime/chan.go

#ifndef PARKOUR_CHAN_HCHAN_H_
#define PARKOUR_CHAN_HCHAN_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "parkour/base/atomic.h"
#include "parkour/base/lock.h"
#include "parkour/chan/hchan_pool.h"
#include "parkour/runtime/sudog.h"

namespace parkour::internal {

struct ElemType {
  size_t size;
  size_t align;
  // Makes *dst of *src, which stays to be destroyed by its owner.
  void (*move)(void* dst, void* src);
  void (*destroy)(void* elem);
  // Bytes will do for both.
  bool trivial;

  void Move(void* dst, void* src) const {
    if (!trivial) {
      move(dst, src);
    } else if (size == sizeof(uint64_t)) {
      std::memcpy(dst, src, sizeof(uint64_t));
    } else {
      std::memcpy(dst, src, size);
    }
  }
  void Destroy(void* elem) const {
    if (!trivial) destroy(elem);
  }
};

// FIFO of waiting goroutines; removal from the middle is O(1).
struct WaitQueue {
  runtime::Sudog* first = nullptr;
  runtime::Sudog* last = nullptr;

  void enqueue(runtime::Sudog* s);
  // The first waiter that this caller may complete: a select that another
  // channel has completed already is skipped. Null if there is none.
  runtime::Sudog* dequeue();
  // Takes s out wherever it is; nothing if it is out already.
  void remove(runtime::Sudog* s);
};

// A channel may belong to something that sends on it by itself (a timer) and
// holds one reference. Its Len and Cap are 0 to users.
class ChanOwner {
 public:
  // Keeps the owner alive until OnlyOwnerLeft; false: it is on its way out.
  // Called with the channel locked.
  virtual bool TryRef() = 0;
  // The last other reference is going away; gives TryRef's back.
  virtual void OnlyOwnerLeft() = 0;

 protected:
  ~ChanOwner() = default;
};

struct Hchan {
  Hchan(const ElemType* type, size_t size);
  ~Hchan();
  static void* operator new(size_t) { return AllocateHchan(); }
  static void operator delete(void* p) { FreeHchan(p); }

  base::Atomic<uint32_t> refs{1};
  base::Mutex lock;
  const ElemType* const type;
  const size_t dataqsiz;
  // Read without the lock by operations that do not block; writers hold lock.
  base::Atomic<size_t> qcount{0};
  base::Atomic<bool> closed{false};
  size_t sendx ABSL_GUARDED_BY(lock) = 0;
  size_t recvx ABSL_GUARDED_BY(lock) = 0;
  WaitQueue recvq ABSL_GUARDED_BY(lock);
  WaitQueue sendq ABSL_GUARDED_BY(lock);
  char* const buf;  // the ring
  base::Atomic<ChanOwner*> owner{nullptr};

  char* slot(size_t i) const { return buf + i * type->size; }
};
// The last word of the memory is the pool's.
static_assert(sizeof(Hchan) + sizeof(void*) <= kHchanBytes);

// A channel with one reference. Panics like Go when size is out of range.
Hchan* makechan(const ElemType* type, int64_t size);

// All take a null channel as Go does a nil one: it blocks forever.

// Sends *elem by moving from it. False only if !block and it would have.
bool chansend(Hchan* c, void* elem, bool block);

enum class RecvResult { kValue, kClosed, kWouldBlock };
// Makes *elem, raw storage, of the value received (kValue).
RecvResult chanrecv(Hchan* c, void* elem, bool block);

void closechan(Hchan* c);
size_t chanlen(const Hchan* c);
size_t chancap(const Hchan* c);

void chanref(Hchan* c);
void chanunref(Hchan* c);

// REQUIRES: set before the channel is shared, cleared by the owner's end.
void SetChanOwner(Hchan* c, ChanOwner* owner);
// References at this moment, the owner's included.
uint32_t ChanUsers(const Hchan* c);

}  // namespace parkour::internal

#endif  // PARKOUR_CHAN_HCHAN_H_
