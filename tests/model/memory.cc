// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tests/model/memory.h"

#include <algorithm>
#include <cstring>

namespace parkour::model {

void Memory::Reset() {
  locations_ = 0;
  sc_ = View();
  for (Thread& t : threads_) {
    t.cur = t.acq = t.rel = View();
    std::memset(t.repeats, 0, sizeof(t.repeats));
    std::memset(t.last, 0, sizeof(t.last));
  }
  for (int i = 0; i <= kMaxThreads; ++i) threads_[i].cur.clock[i] = 1;
}

int Memory::NewLocation(Value initial) {
  if (locations_ == kMaxLocations) return -1;
  stores_[locations_].clear();
  stores_[locations_].push_back({initial, View()});
  return locations_++;
}

void Memory::StartThreads(int threads) {
  for (int t = 0; t < threads; ++t) threads_[t].cur.Join(threads_[kMain].cur);
  ++threads_[kMain].cur.clock[kMain];
}

void Memory::JoinThreads(int threads) {
  Thread& main = threads_[kMain];
  for (int t = 0; t < threads; ++t) main.cur.Join(threads_[t].cur);
  for (int l = 0; l < locations_; ++l) {
    main.cur.ts[l] = static_cast<uint16_t>(stores_[l].size() - 1);
  }
}

int Memory::Readable(int t, int loc, Order order, int stale_limit) const {
  if (stale_limit == 0) return 1;
  const Thread& thread = threads_[t];
  const int newest = static_cast<int>(stores_[loc].size()) - 1;
  int oldest = thread.cur.ts[loc];
  if (order == Order::seq_cst) oldest = std::max<int>(oldest, sc_.ts[loc]);
  // A processor does not keep a store back for ever.
  if (oldest < newest && oldest == thread.last[loc] &&
      thread.repeats[loc] >= stale_limit) {
    ++oldest;
  }
  return newest - oldest + 1;
}

void Memory::Took(int t, const Store& s, Order order) {
  if (IsAcquire(order)) {
    threads_[t].cur.Join(s.view);
  } else {
    threads_[t].acq.Join(s.view);
  }
}

Value Memory::Load(int t, int loc, int age, Order order) {
  Thread& thread = threads_[t];
  const auto ts = static_cast<uint16_t>(stores_[loc].size() - 1 - age);
  if (age > 0) {
    const bool again = thread.last[loc] == ts;
    thread.repeats[loc] = again ? thread.repeats[loc] + 1 : 1;
    thread.last[loc] = ts;
  }
  thread.cur.ts[loc] = std::max(thread.cur.ts[loc], ts);
  if (order == Order::seq_cst) sc_.ts[loc] = std::max(sc_.ts[loc], ts);
  const Store& s = stores_[loc][ts];
  Took(t, s, order);
  return s.value;
}

void Memory::Write(int t, int loc, Value value, Order order) {
  Thread& thread = threads_[t];
  const auto ts = static_cast<uint16_t>(stores_[loc].size());
  thread.cur.ts[loc] = ts;
  stores_[loc].push_back({value, IsRelease(order) ? thread.cur : thread.rel});
  stores_[loc].back().view.ts[loc] = ts;
  if (order == Order::seq_cst) sc_.ts[loc] = ts;
  ++thread.cur.clock[t];
}

Value Memory::Exchange(int t, int loc, Value value, Order order) {
  const Value old = Load(t, loc, 0, order);
  const size_t read = stores_[loc].size() - 1;
  Write(t, loc, value, order);
  // It continues the release sequence of the store that it read.
  stores_[loc].back().view.Join(stores_[loc][read].view);
  return old;
}

void Memory::Fence(int t) {
  Thread& thread = threads_[t];
  thread.cur.Join(thread.acq);
  thread.cur.JoinTimes(sc_);
  sc_.JoinTimes(thread.cur);
  thread.rel = thread.cur;
  ++thread.cur.clock[t];
}

void Memory::BarrierForAll(int threads) {
  for (int t = 0; t < threads; ++t) {
    sc_.JoinTimes(threads_[t].cur);
    sc_.JoinTimes(threads_[t].acq);
  }
  for (int t = 0; t < threads; ++t) {
    threads_[t].cur.JoinTimes(sc_);
    threads_[t].rel.JoinTimes(sc_);
  }
}

void Memory::Publish(int t, View* view) {
  *view = threads_[t].cur;
  ++threads_[t].cur.clock[t];
}

}  // namespace parkour::model
