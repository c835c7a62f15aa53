// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// proxy.h: plain threads inside the runtime. A std::thread that sends on a
// channel gets an M without a P and a G without a stack; where a goroutine
// would park, the thread sleeps on its M's note.
//
// Lifetime: made at the thread's first call, given back when it exits.
// See:      Go: proc.go (needm, extra Ms for C threads)

#ifndef PARKOUR_RUNTIME_PROXY_H_
#define PARKOUR_RUNTIME_PROXY_H_

#include "parkour/runtime/m.h"
#include "parkour/runtime/park.h"

namespace parkour::runtime {

// gopark and goready for proxies.
void proxyPark(M* m, UnlockF unlockf, void* lock);
void proxyReady(G* gp);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_PROXY_H_
