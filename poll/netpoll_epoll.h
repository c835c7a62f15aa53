// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// netpoll_epoll.h: the epoll half of the netpoller: one epoll instance,
// edge-triggered; an eventfd that breaks a blocked wait.
//
// See: README.md of this room; Go: src/runtime/netpoll_epoll.go

#ifndef PARKOUR_POLL_NETPOLL_EPOLL_H_
#define PARKOUR_POLL_NETPOLL_EPOLL_H_

#include <cstdint>

#include "parkour/poll/polldesc.h"
#include "parkour/runtime/netpoller.h"

namespace parkour::poll {

// How much of PollDesc::tag fits into an event beside the pointer: PollDescs
// are aligned to 64 bytes and user addresses have 48 bits, so 6 + 16.
inline constexpr uint32_t kTagMask = (uint32_t{1} << 22) - 1;

// Creates the epoll instance. Once, at start; ends the process if it cannot.
void netpollinit();

// Adds fd for both directions. What is ready already is reported at once.
// Returns 0 or -errno (-EPERM: epoll does not take such files).
int netpollopen(int fd, PollDesc* pd);

// Takes fd out again; for a description that lives on when the number is
// closed.
void netpollclose(int fd);

// The implementation for runtime::SetNetpoller.
runtime::Netpoller* EpollPoller();

}  // namespace parkour::poll

#endif  // PARKOUR_POLL_NETPOLL_EPOLL_H_
