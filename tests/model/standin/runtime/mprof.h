// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for runtime/mprof.h: nobody asks for profiles.

#ifndef PARKOUR_RUNTIME_MPROF_H_
#define PARKOUR_RUNTIME_MPROF_H_

#include <cstdint>

#include "parkour/base/clock.h"
#include "parkour/runtime/sudog.h"

namespace parkour::runtime {

inline int64_t waitBegins() { return 0; }
inline void noteRelease(Sudog*) {}
inline void blockevent(int64_t) {}
inline void mutexevent(int64_t) {}

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_MPROF_H_
