// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// semaphore.h: runtime/sema.h over the model's own blocking, for models of what
// stands on semaphores. (sema_model_test.cc has the real ones.)

#ifndef PARKOUR_TESTS_MODEL_SEMAPHORE_H_
#define PARKOUR_TESTS_MODEL_SEMAPHORE_H_

#include "parkour/runtime/sema.h"
#include "parkour/tests/model/atomic.h"

namespace parkour::runtime {

inline void semacquire(base::Atomic<uint32_t>* addr, WaitReason, bool,
                       const Awaited&) {
  addr->AwaitTake();
}

inline void semrelease(base::Atomic<uint32_t>* addr, bool) { addr->Give(); }

}  // namespace parkour::runtime

#endif  // PARKOUR_TESTS_MODEL_SEMAPHORE_H_
