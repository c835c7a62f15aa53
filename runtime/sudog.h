// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sudog.h: a goroutine that waits for something: an entry of a channel's or a
// semaphore's queue. One G may have several (Select).
//
// Go takes them from a cache because its stacks move; ours do not, so a sudog
// lies in the frame of the function that parks.
//
// Lifetime: until its G goes on. Whoever takes a sudog out of a queue may use
//           it until he readies the G, not after.
// See:      Go: runtime2.go (type sudog)

#ifndef PARKOUR_RUNTIME_SUDOG_H_
#define PARKOUR_RUNTIME_SUDOG_H_

#include <cstdint>

#include "parkour/base/atomic.h"
#include "parkour/runtime/g.h"

namespace parkour::runtime {

struct Sudog {
  G* g = nullptr;
  Sudog* next = nullptr;
  Sudog* prev = nullptr;
  void* elem = nullptr;          // what is sent, or where to receive
  void* c = nullptr;             // the channel
  bool is_select = false;        // g's select_done decides who wins
  Sudog* select_next = nullptr;  // the select's entries, in lock order
  bool success = false;          // woken by a value, not by a close
  uint32_t ticket = 0;           // semaphore: 1, the count was handed over
  // For profiles (mprof.h), 0 while there are none. Not 0 when its wait began;
  // then when it was woken.
  int64_t releasetime = 0;

  // Semaphore table: the address waited for; the first waiter of an address
  // stands in its bucket's list and heads the others.
  const void* addr = nullptr;
  Sudog* bucket_next = nullptr;
  Sudog* bucket_prev = nullptr;
  Sudog* wait_tail = nullptr;
  uint32_t waiters = 0;  // of the first: how many stand behind it
  // Since when its wait is to be charged to whoever releases; 0: it is not.
  int64_t acquiretime = 0;
};

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_SUDOG_H_
