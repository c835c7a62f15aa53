// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for runtime/park.h. Each thread of the model is one goroutine.

#ifndef PARKOUR_RUNTIME_PARK_H_
#define PARKOUR_RUNTIME_PARK_H_

#include "parkour/base/lock.h"
#include "parkour/runtime/g.h"

namespace parkour::runtime {

inline G* AllGs() {
  static G gs[model::kMaxThreads];
  return gs;
}
inline G* getg() { return &AllGs()[model::Self()]; }

inline void goparkunlock(base::Mutex* mu,
                         WaitReason) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  G* const gp = getg();
  mu->Unlock();
  gp->ready.Wait();
}
inline void goready(G* gp) { gp->ready.Set(); }
inline void goyield() {}

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_PARK_H_
