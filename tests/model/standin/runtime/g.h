// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for runtime/g.h: a goroutine is a thread of the model.

#ifndef PARKOUR_RUNTIME_G_H_
#define PARKOUR_RUNTIME_G_H_

#include "parkour/base/atomic.h"
#include "parkour/base/list.h"
#include "parkour/runtime/waitreason.h"

namespace parkour::runtime {

struct G {
  model::Event ready;
  G* schedlink = nullptr;
};

class LockHolder;
inline void noteWait(G*, const void*, const LockHolder*) {}

using GQueue = base::Queue<G, &G::schedlink>;

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_G_H_
