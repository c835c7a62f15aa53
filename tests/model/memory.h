// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// memory.h: the memory that modelled threads share: a view-based form of the
// C++ memory model.
//
// Every location keeps the history of its stores in modification order, which
// is the order in which they were executed. Every thread has a *view*: for each
// location the oldest store that it may still read. A load may return any store
// from there on; that is how a store that sits in a store buffer, or a load
// that was executed early, looks from outside. A release store carries its
// writer's view, an acquire load joins it. A read-modify-write reads the newest
// store. A seq_cst fence joins one global view in both directions; seq_cst
// operations do so for their own location only, which is all that C++20 says
// of them.
//
// A view also carries vector clocks: what happened before. Only release/acquire
// pairs move these (never a fence or a barrier by itself), and Shared<T> checks
// plain data against them.
//
// Not modelled: a load that reads a store executed later (load buffering, out
// of thin air), and stores of different threads to one location that enter
// the modification order against the order of execution (2+2W).
//
// Thread-safety: none; all modelled threads live on one thread.

#ifndef PARKOUR_TESTS_MODEL_MEMORY_H_
#define PARKOUR_TESTS_MODEL_MEMORY_H_

#include <atomic>
#include <cstdint>
#include <vector>

namespace parkour::model {

inline constexpr int kMaxThreads = 6;
inline constexpr int kMain = kMaxThreads;  // set-up and the final check
inline constexpr int kMaxLocations = 48;

using Order = std::memory_order;
using Value = uint64_t;

inline bool IsAcquire(Order o) {
  return o == Order::acquire || o == Order::acq_rel || o == Order::seq_cst ||
         o == Order::consume;
}
inline bool IsRelease(Order o) {
  return o == Order::release || o == Order::acq_rel || o == Order::seq_cst;
}

struct View {
  uint16_t ts[kMaxLocations] = {};       // index of the oldest readable store
  uint16_t clock[kMaxThreads + 1] = {};  // happens-before

  void JoinTimes(const View& o) {
    for (int i = 0; i < kMaxLocations; ++i) {
      if (o.ts[i] > ts[i]) ts[i] = o.ts[i];
    }
  }
  void Join(const View& o) {
    JoinTimes(o);
    for (int i = 0; i <= kMaxThreads; ++i) {
      if (o.clock[i] > clock[i]) clock[i] = o.clock[i];
    }
  }
};

struct Store {
  Value value;
  View view;
};

class Memory {
 public:
  Memory() : stores_(kMaxLocations) {}

  void Reset();

  // A location that holds `initial`; -1 if there are too many.
  int NewLocation(Value initial);
  int locations() const { return locations_; }

  // The threads start after main: they see what it did. Main sees all of
  // theirs after they have ended.
  void StartThreads(int threads);
  void JoinThreads(int threads);

  // How many stores thread t may read at loc, the newest being number 0.
  // `stale_limit`: how often in a row it may read the same old one; 0:
  // only the newest, as if all were sequentially consistent.
  int Readable(int t, int loc, Order order, int stale_limit) const;
  Value Peek(int loc, int age) const {
    return stores_[loc][stores_[loc].size() - 1 - age].value;
  }
  Value Newest(int loc) const { return stores_[loc].back().value; }

  Value Load(int t, int loc, int age, Order order);
  void Write(int t, int loc, Value value, Order order);
  // Reads the newest store (returned) and puts `value` behind it.
  Value Exchange(int t, int loc, Value value, Order order);
  void Fence(int t);
  // membarrier(2): every thread executes a full barrier now.
  void BarrierForAll(int threads);

  // A lock's hand-over: release into *view, acquire from it.
  void Publish(int t, View* view);
  void Receive(int t, const View& view) { threads_[t].cur.Join(view); }

  const View& view(int t) const { return threads_[t].cur; }

 private:
  struct Thread {
    View cur;
    View acq;  // what an acquire fence would add
    View rel;  // what a relaxed store carries: the view of the last fence
    uint16_t last[kMaxLocations];    // the old store read last
    uint8_t repeats[kMaxLocations];  // and how often
  };

  void Took(int t, const Store& s, Order order);

  Thread threads_[kMaxThreads + 1];
  View sc_;
  std::vector<std::vector<Store>> stores_;
  int locations_ = 0;
};

}  // namespace parkour::model

#endif  // PARKOUR_TESTS_MODEL_MEMORY_H_
