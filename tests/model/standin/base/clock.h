// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for base/clock.h: between two looks at the clock either nothing
// has passed or much.

#ifndef PARKOUR_BASE_CLOCK_H_
#define PARKOUR_BASE_CLOCK_H_

#include <cstdint>

#include "parkour/tests/model/explorer.h"

namespace parkour::base {

inline int64_t nanotime() { return model::Choose(2) == 0 ? 1 : 1000000000; }

}  // namespace parkour::base

#endif  // PARKOUR_BASE_CLOCK_H_
