// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// kernel.h: descriptors in the simulated world: the real kernel's Unix sockets
// and epoll, with faults, and with events that keep to the simulated clock.
//
// Unix sockets, because what one end does is at the other end when the call
// returns: nothing depends on the real time.
//
// Blocking: nothing here blocks a real thread.

#ifndef PARKOUR_TESTS_SIM_KERNEL_H_
#define PARKOUR_TESTS_SIM_KERNEL_H_

#include <cstdint>

namespace parkour::sim {

// Whether a poll would find something now; when there will be something that
// is late, kNever if nothing is.
bool EventsDue();
int64_t NextEvent();

// Sockets that the program has open.
int OpenSockets();

}  // namespace parkour::sim

#endif  // PARKOUR_TESTS_SIM_KERNEL_H_
