// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// control.h: what Dialer and ListenConfig have in common: a user's settings in
// the form that sock_posix.h takes.

#ifndef PARKOUR_NET_CONTROL_H_
#define PARKOUR_NET_CONTROL_H_

#include "absl/time/time.h"
#include "parkour/context/context.h"
#include "parkour/net/dial.h"
#include "parkour/net/keepalive.h"

namespace parkour::net::internal {

// "panic: nil context".
void RequireContext(const context::Context& ctx);

// The one that is set, with its context; empty if none is.
ControlFunc ControlHook(const context::Context& ctx, const ControlFunc& control,
                        const ControlContextFunc& with_context);

// Go: tcpsock.go:newTCPConn: the simple setting counts if the other is off.
KeepAliveConfig KeepAliveHook(absl::Duration period,
                              const KeepAliveConfig& config);

}  // namespace parkour::net::internal

#endif  // PARKOUR_NET_CONTROL_H_
