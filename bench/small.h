// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// small.h: what the runtime does all the time, alone.
//
//   switch       switches between two goroutines that yield
//   pingpong     round trips over two unbuffered channels
//   buffered     items through a channel of 128, one sender, one receiver
//   buffered4    the same, four of each
//   spawn        goroutines started and ended, 1,000 at a time
//   spawnall     goroutines started, all before one is waited for
//   skynet       leaves of a tree of goroutines, ten to a node, whose sum goes
//                up through channels
//   mutex        Lock and Unlock that nobody disturbs
//   mutex1000    the same of 1,000 goroutines
//   mutexyield   the same of ten that yield in between
//   select       receives from either of two channels, sent to in turn
//
// bench/go/small.go does the same.

#ifndef PARKOUR_BENCH_SMALL_H_
#define PARKOUR_BENCH_SMALL_H_

#include <span>

#include "parkour/bench/measure.h"

namespace parkour::bench {

std::span<const Small> AllSmall();

}  // namespace parkour::bench

#endif  // PARKOUR_BENCH_SMALL_H_
