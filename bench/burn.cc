// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bench/burn.h"

namespace parkour::bench {

uint64_t Burn(int64_t rounds) {
  uint64_t x = 88172645463325252;
  for (int64_t i = 0; i < rounds; ++i) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  return x;
}

}  // namespace parkour::bench
