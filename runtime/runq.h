// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// runq.h: a P's local run queue: a ring of 256 goroutines and the `runnext`
// slot in front of it.
//
//   q.put(gp, /*next=*/true, &overflow);     // owner
//   G* gp = q.get(&inherit_time);            // owner
//   G* gp = thief.steal(&victim, ...);       // owner of thief, any victim
//
// State
//   head_   any P may advance it, by CAS       tail_   only the owner
//   size = tail_ - head_, wrapping             slot    index mod 256
//   runnext_: the owner stores and takes; any P may take, by CAS to null
//
// Dance (ring): the owner fills a slot, then publishes it by a release store of
// tail_; a thief's acquire load of tail_ makes the slot's content visible. A
// thief copies slots first and claims them after, by a release CAS of head_:
// if the owner or another thief was faster the CAS fails and the copies are
// forgotten. The owner reuses a slot only after an acquire load of head_ has
// shown it free, so a claimed copy was read before it was overwritten. Slots
// are relaxed atomics: a thief may read one that is being overwritten, and
// discards it. (Go's slots are plain words; in C++ that would be a data race.)
//
// Dance (runnext): a full CAS on both sides; whoever makes it null has the G.
//
// Thread-safety: put, get, drain: the owner only; steal and the readers: any
//                thread.
// See:           Go: src/runtime/proc.go (runqput, runqget, runqgrab,
//                runqsteal, runqempty); tests/model/runq_model_test.cc

#ifndef PARKOUR_RUNTIME_RUNQ_H_
#define PARKOUR_RUNTIME_RUNQ_H_

#include <cstdint>

#include "parkour/base/atomic.h"
#include "parkour/runtime/g.h"

namespace parkour::runtime {

inline constexpr uint32_t kRunqSize = 256;

template <typename Element, typename List, uint32_t kSize>
class BasicRunq {
 public:
  // Puts gp at the tail, or with `next` into the runnext slot, whose occupant
  // then moves to the tail. When the ring is full, half of it and the G that
  // did not fit are appended to *overflow, for the global queue.
  void put(Element* gp, bool next, List* overflow) {
    if (next) {
      Element* old = runnext_.load(base::kRelaxed);
      while (!runnext_.compare_exchange_weak(old, gp, base::kAcqRel,
                                             base::kRelaxed)) {
      }
      if (old == nullptr) return;
      gp = old;
    }
    for (;;) {
      const uint32_t h = head_.load(base::kAcquire);
      const uint32_t t = tail_.load(base::kRelaxed);
      if (t - h < kSize) {
        slot(t).store(gp, base::kRelaxed);
        tail_.store(t + 1, base::kRelease);
        return;
      }
      if (putSlow(gp, h, t, overflow)) return;
    }
  }

  // put and get while there is one P in all: nobody steals, so that no locked
  // instruction is needed. What was in runnext is returned.
  Element* exchangeNextAlone(Element* gp) {
    Element* const old = runnext_.load(base::kRelaxed);
    runnext_.store(gp, base::kRelaxed);
    return old;
  }
  Element* getAlone(bool* inherit_time) {
    if (Element* const next = runnext_.load(base::kRelaxed)) {
      runnext_.store(nullptr, base::kRelaxed);
      *inherit_time = true;
      return next;
    }
    *inherit_time = false;
    const uint32_t h = head_.load(base::kRelaxed);
    if (h == tail_.load(base::kRelaxed)) return nullptr;
    Element* const gp = slot(h).load(base::kRelaxed);
    head_.store(h + 1, base::kRelease);
    return gp;
  }

  // Puts a whole list at the tail with one publication of tail_; what does not
  // fit is appended to *overflow. Leaves *batch empty.
  void putBatch(List* batch, List* overflow) {
    const uint32_t h = head_.load(base::kAcquire);
    uint32_t t = tail_.load(base::kRelaxed);
    for (; t - h < kSize && !batch->empty(); ++t) {
      slot(t).store(batch->PopFront(), base::kRelaxed);
    }
    tail_.store(t, base::kRelease);
    overflow->Append(batch);
  }

  // The next G to run, or null. *inherit_time: it came from runnext and shares
  // the time slice of the G that readied it.
  Element* get(bool* inherit_time) {
    Element* next = runnext_.load(base::kRelaxed);
    if (next != nullptr && runnext_.compare_exchange_strong(
                               next, nullptr, base::kAcqRel, base::kRelaxed)) {
      *inherit_time = true;
      return next;
    }
    *inherit_time = false;
    for (;;) {
      uint32_t h = head_.load(base::kAcquire);
      const uint32_t t = tail_.load(base::kRelaxed);
      if (t == h) return nullptr;
      Element* gp = slot(h).load(base::kRelaxed);
      if (head_.compare_exchange_strong(h, h + 1, base::kRelease,
                                        base::kRelaxed)) {
        return gp;
      }
    }
  }

  // Moves half of *victim here (this queue must be empty) and returns one of
  // them to run, or null. `take_runnext`: when the ring is empty, take the
  // victim's runnext instead, after calling back_off() once, which gives a
  // running victim the time to start it itself.
  template <typename BackOff>
  Element* steal(BasicRunq* victim, bool take_runnext, BackOff back_off) {
    const uint32_t t = tail_.load(base::kRelaxed);
    uint32_t n = victim->grab(this, t, take_runnext, back_off);
    if (n == 0) return nullptr;
    --n;
    Element* gp = slot(t + n).load(base::kRelaxed);
    if (n > 0) tail_.store(t + n, base::kRelease);
    return gp;
  }

  // True if there was a moment during the call at which nothing was queued.
  // Reading the words once is not enough: a kick of runnext into the ring
  // between two reads would hide the G in neither.
  bool empty() const {
    for (;;) {
      const uint32_t h = head_.load(base::kAcquire);
      const uint32_t t = tail_.load(base::kAcquire);
      Element* next = runnext_.load(base::kAcquire);
      if (t == tail_.load(base::kAcquire)) return h == t && next == nullptr;
    }
  }

  // How many Gs the ring holds, runnext not counted; a snapshot.
  uint32_t size() const {
    return tail_.load(base::kAcquire) - head_.load(base::kAcquire);
  }

  // What is at the k-th place behind the head, or was: a hint, by the owner.
  Element* ahead(uint32_t k) {
    const uint32_t h = head_.load(base::kRelaxed);
    if (tail_.load(base::kRelaxed) - h <= k) return nullptr;
    return slot(h + k).load(base::kRelaxed);
  }

  bool hasRunnext() const { return runnext_.load(base::kRelaxed) != nullptr; }

 private:
  base::Atomic<Element*>& slot(uint32_t i) { return slots_[i % kSize]; }

  bool putSlow(Element* gp, uint32_t h, uint32_t t, List* overflow) {
    Element* batch[kSize / 2];
    const uint32_t n = (t - h) / 2;
    for (uint32_t i = 0; i < n; ++i) {
      batch[i] = slot(h + i).load(base::kRelaxed);
    }
    if (!head_.compare_exchange_strong(h, h + n, base::kRelease,
                                       base::kRelaxed)) {
      return false;  // a thief made room
    }
    for (uint32_t i = 0; i < n; ++i) overflow->PushBack(batch[i]);
    overflow->PushBack(gp);
    return true;
  }

  // Copies half of this ring to thief's slots from `thief_tail` on and claims
  // them; the thief publishes them. Returns how many.
  template <typename BackOff>
  uint32_t grab(BasicRunq* thief, uint32_t thief_tail, bool take_runnext,
                BackOff back_off) {
    bool backed_off = false;
    for (;;) {
      uint32_t h = head_.load(base::kAcquire);
      const uint32_t t = tail_.load(base::kAcquire);
      uint32_t n = t - h;
      n -= n / 2;
      if (n == 0) {
        if (!take_runnext) return 0;
        Element* next = runnext_.load(base::kAcquire);
        if (next == nullptr) return 0;
        if (!backed_off) {
          backed_off = true;
          back_off();
          continue;
        }
        if (!runnext_.compare_exchange_strong(next, nullptr, base::kAcqRel,
                                              base::kRelaxed)) {
          continue;
        }
        thief->slot(thief_tail).store(next, base::kRelaxed);
        return 1;
      }
      if (n > kSize / 2) continue;  // head and tail were read too far apart
      for (uint32_t i = 0; i < n; ++i) {
        thief->slot(thief_tail + i)
            .store(slot(h + i).load(base::kRelaxed), base::kRelaxed);
      }
      if (head_.compare_exchange_strong(h, h + n, base::kRelease,
                                        base::kRelaxed)) {
        return n;
      }
    }
  }

  alignas(64) base::Atomic<uint32_t> head_{0};
  base::Atomic<uint32_t> tail_{0};
  base::Atomic<Element*> runnext_{nullptr};
  base::Atomic<Element*> slots_[kSize] = {};
};

using Runq = BasicRunq<G, GQueue, kRunqSize>;

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_RUNQ_H_
