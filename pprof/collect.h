// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// collect.h: the samples of each profile, equal stacks put together.
//
// Thread-safety: all functions.

#ifndef PARKOUR_PPROF_COLLECT_H_
#define PARKOUR_PPROF_COLLECT_H_

#include <vector>

#include "parkour/pprof/frames.h"
#include "parkour/pprof/sample.h"
#include "parkour/runtime/mprof.h"

namespace parkour::runtime::pprof {

// Stops the world; the most frequent first.
std::vector<Sample> CollectGoroutines(Symbols* symbols);

// Of plain numbers: there are no stacks.
std::vector<Sample> CollectThreads();

// The longest first.
std::vector<Sample> CollectWaits(const std::vector<WaitRecord>& records,
                                 Symbols* symbols);

}  // namespace parkour::runtime::pprof

#endif  // PARKOUR_PPROF_COLLECT_H_
