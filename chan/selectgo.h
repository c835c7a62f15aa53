// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// selectgo.h: the untyped core of Select: waits on several channels at once and
// completes exactly one operation.
//
// Order. Cases are looked at in a random order, so that no ready case is
// favoured; channels are locked in the order of their addresses, so that two
// selects over the same channels cannot lock each other out.
//
// Dance (select): a parked select stands in the queues of all its channels. A
// waker that takes it out of one must first turn the goroutine's select_done
// from 0 to 1; only one can. The losers' entries are removed by the select
// itself once it runs again, with all channels locked, and only then is
// select_done 0 again: until that, every other waker skips it.
//
// Blocking: parks while `block`. See: Go: src/runtime/select.go

#ifndef PARKOUR_CHAN_SELECTGO_H_
#define PARKOUR_CHAN_SELECTGO_H_

#include <cstdint>

#include "parkour/chan/hchan.h"
#include "parkour/runtime/sudog.h"

namespace parkour::internal {

// One operation. Lies in the frame of the select.
struct Scase {
  Hchan* c = nullptr;    // null: never ready
  void* elem = nullptr;  // what is sent, or raw storage for what is received
  bool send = false;
  runtime::Sudog sudog;  // selectgo's
};

inline constexpr int kMaxSelectCases = 65536;

struct Selected {
  int index;      // the case that took effect; -1: none was ready (!block)
  bool received;  // a receive got a value; false: its channel is closed
};

// `order`: scratch space for 2 * n entries.
Selected selectgo(Scase* cases, uint16_t* order, int n, bool block);

}  // namespace parkour::internal

#endif  // PARKOUR_CHAN_SELECTGO_H_
