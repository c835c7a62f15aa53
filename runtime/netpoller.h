// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// netpoller.h: the port through which the scheduler waits for the outside
// world. The runtime owns it and knows nothing of sockets; room poll implements
// it; boot joins the two. Without an implementation the runtime waits on a
// futex, for timers only.
//
// See: Go: src/runtime/netpoll.go (the platform interface)

#ifndef PARKOUR_RUNTIME_NETPOLLER_H_
#define PARKOUR_RUNTIME_NETPOLLER_H_

#include <cstddef>
#include <cstdint>

#include "parkour/base/atomic.h"
#include "parkour/runtime/g.h"

namespace parkour::runtime {

class Netpoller {
 public:
  virtual ~Netpoller() = default;

  // Appends the goroutines that became ready to *ready; they are still
  // waiting. Blocks the thread for up to delay_ns (< 0: until something
  // happens; 0: not at all). Returns how much to add to netpollWaiters once
  // they are queued (<= 0). Needs no P.
  virtual int32_t Poll(int64_t delay_ns, GQueue* ready) = 0;

  // Makes the blocked Poll return soon; the next one, if none is blocked.
  virtual void Break() = 0;

  // Gives memory back that nobody has needed since before the turn that came
  // before `turn` (scavenge.h): about n pages at most. Returns the bytes; 0:
  // there is no more. May take locks above LockRank::kScavenge.
  virtual size_t Scavenge(uint64_t turn, size_t n) = 0;
};

// Installs the implementation. Once, before the first goroutine.
void SetNetpoller(Netpoller* poller);
Netpoller* netpoller();

// Goroutines parked for I/O. The scheduler need not poll while it is 0.
// Incremented in the commit of a park, decremented after the goroutine was
// queued, so that the deadlock check never sees a standstill between.
extern base::Atomic<int32_t> netpollWaiters;

inline bool netpollAnyWaiters() {
  return netpollWaiters.load(base::kRelaxed) > 0;
}
inline void netpollAdjustWaiters(int32_t delta) {
  if (delta != 0) netpollWaiters.fetch_add(delta, base::kAcqRel);
}

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_NETPOLLER_H_
