// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/rand.h"

#include <sys/random.h>

#include "parkour/base/clock.h"

namespace parkour::base {

uint64_t NewSeed() {
  uint64_t seed = 0;
  if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed)) {
    seed = static_cast<uint64_t>(nanotime()) * 0x9E3779B97F4A7C15u;
  }
  return seed;
}

}  // namespace parkour::base
