// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// rand.h: the random door: a small generator per M, seeded in one place.
//
// Guarantees: good enough to pick a victim or a select case; not secret.
// Blocking:   no. Not thread-safe: one owner per Rand.

#ifndef PARKOUR_BASE_RAND_H_
#define PARKOUR_BASE_RAND_H_

#include <cstdint>

namespace parkour::base {

// A new seed, different for each call and each run (getrandom, else the clock).
uint64_t NewSeed();

class Rand {
 public:
  explicit Rand(uint64_t seed) : state_(seed | 1) {}

  // Uniform over 32 bits (xorshift64*, upper half).
  uint32_t Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<uint32_t>((state_ * 0x2545F4914F6CDD1Du) >> 32);
  }

  // Uniform over [0, n), n > 0, by multiplication instead of division.
  uint32_t Below(uint32_t n) {
    return static_cast<uint32_t>((uint64_t{Next()} * n) >> 32);
  }

 private:
  uint64_t state_;  // never 0
};

}  // namespace parkour::base

#endif  // PARKOUR_BASE_RAND_H_
