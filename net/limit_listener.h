// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// limit_listener.h: a listener that holds back when there are connections
// enough.
//
//   net::Listener ln = net::LimitListener(*listening, 1000);
//   auto conn = ln.Accept();        // waits while it has 1000 connections
//
// A connection counts until its Close, or until its last handle is gone.
//
// Blocking: Accept parks, for a place too until the deadline. Thread-safety: as
// Listener. See:      Go: golang.org/x/net/netutil.LimitListener

#ifndef PARKOUR_NET_LIMIT_LISTENER_H_
#define PARKOUR_NET_LIMIT_LISTENER_H_

#include "parkour/net/conn.h"

namespace parkour::net {

// REQUIRES: n > 0.
Listener LimitListener(Listener listener, int n);

}  // namespace parkour::net

#endif  // PARKOUR_NET_LIMIT_LISTENER_H_
