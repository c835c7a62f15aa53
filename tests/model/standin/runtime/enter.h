// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for runtime/enter.h and all that it brings along: crossing the
// line is free (entry_model_test.cc), and what sync::Mutex asks before it spins
// has either answer, at most once per thread.

#ifndef PARKOUR_RUNTIME_ENTER_H_
#define PARKOUR_RUNTIME_ENTER_H_

#include <cstdint>

#include "parkour/tests/model/explorer.h"

namespace parkour::runtime {

struct RuntimeScope {
  RuntimeScope() {}
  ~RuntimeScope() {}
};

struct P {
  struct {
    bool empty() const { return true; }
  } runq;
};
struct M {
  P* p = nullptr;
};
inline M* getm() {
  static M m;
  return &m;
}

// How often the threads of this execution may still spin.
inline int spins_left = 0;

struct Sched {
  struct Procs {
    int32_t load(std::memory_order) const {
      if (spins_left == 0 || model::Choose(2) == 0) return 1;
      --spins_left;
      return 4;
    }
  } gomaxprocs;
  struct None {
    int32_t load(std::memory_order) const { return 0; }
  } npidle, nmspinning;
};
inline Sched sched;

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_ENTER_H_
