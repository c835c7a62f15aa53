// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for base/thread.h: the futex of the model.

#ifndef PARKOUR_BASE_THREAD_H_
#define PARKOUR_BASE_THREAD_H_

#include <cstdint>

#include "parkour/base/atomic.h"

namespace parkour::base {

inline void FutexWait(Atomic<uint32_t>* word, uint32_t expected, int64_t) {
  word->FutexWait(expected);
}
inline void FutexWake(Atomic<uint32_t>* word, int count) {
  word->FutexWake(count);
}

}  // namespace parkour::base

#endif  // PARKOUR_BASE_THREAD_H_
