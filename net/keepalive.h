// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// keepalive.h: how a TCP connection finds out that nobody is there any more.
//
//   tcp.SetKeepAliveConfig({.Enable = true, .Idle = absl::Seconds(30)});
//
// Durations are rounded up to seconds. In each field zero stands for the
// default and a negative value leaves what the system has.
//
// Blocking: no; a value. See: Go: net.KeepAliveConfig

#ifndef PARKOUR_NET_KEEPALIVE_H_
#define PARKOUR_NET_KEEPALIVE_H_

#include "absl/time/time.h"

namespace parkour::net {

struct KeepAliveConfig {
  bool Enable = false;
  // Silence before the first probe; 15 s. TCP_KEEPIDLE.
  absl::Duration Idle = absl::ZeroDuration();
  // Between probes; 15 s. TCP_KEEPINTVL.
  absl::Duration Interval = absl::ZeroDuration();
  // Probes without an answer before the connection is given up; 9. TCP_KEEPCNT.
  int Count = 0;

  friend bool operator==(const KeepAliveConfig&,
                         const KeepAliveConfig&) = default;
};

}  // namespace parkour::net

#endif  // PARKOUR_NET_KEEPALIVE_H_
