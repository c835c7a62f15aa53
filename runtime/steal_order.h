// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// steal_order.h: the order in which a thief visits the Ps: starts anywhere and
// steps by a number coprime to n, which brings it to every P exactly once,
// without a table.
//
//   for (StealOrder order(nprocs, random); !order.done(); order.next()) {
//     Visit(order.at());
//   }
//
// See: Go: src/runtime/proc.go (randomOrder)

#ifndef PARKOUR_RUNTIME_STEAL_ORDER_H_
#define PARKOUR_RUNTIME_STEAL_ORDER_H_

#include <cstdint>
#include <numeric>

namespace parkour::runtime {

class StealOrder {
 public:
  // REQUIRES: n > 0.
  StealOrder(uint32_t n, uint32_t random) : n_(n), at_(random % n) {
    step_ = random / n % n;
    while (std::gcd(step_, n_) != 1) step_ = step_ % n_ + 1;
  }
  bool done() const { return seen_ == n_; }
  uint32_t at() const { return at_; }
  void next() {
    ++seen_;
    at_ = (at_ + step_) % n_;
  }

 private:
  const uint32_t n_;
  uint32_t at_;
  uint32_t step_;
  uint32_t seen_ = 0;
};

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_STEAL_ORDER_H_
