// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for base/sys.h: a barrier for all threads.

#ifndef PARKOUR_BASE_SYS_H_
#define PARKOUR_BASE_SYS_H_

#include "parkour/tests/model/explorer.h"

namespace parkour::base::sys {

inline int Membarrier() {
  model::MemBarrier();
  return 0;
}

}  // namespace parkour::base::sys

#endif  // PARKOUR_BASE_SYS_H_
