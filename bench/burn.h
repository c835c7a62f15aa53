// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// burn.h: CPU work of which the Go twin does exactly the same: so many rounds
// of xorshift, each waiting for the one before.
//
// A duration would not be the same work: whoever asks a clock whether it is
// over asks more or less often, and a thread that is descheduled meanwhile has
// done less. Program calibrate tells how many rounds make a millisecond.

#ifndef PARKOUR_BENCH_BURN_H_
#define PARKOUR_BENCH_BURN_H_

#include <cstdint>

namespace parkour::bench {

// Does not enter the runtime. The result is of no use, but for the compiler.
uint64_t Burn(int64_t rounds);

}  // namespace parkour::bench

#endif  // PARKOUR_BENCH_BURN_H_
