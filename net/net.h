// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// net.h: connections and listeners in blocking style.
//
//   absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
//   if (!ln.ok()) return ln.status();           // ln->Addr() has the port
//   for (;;) {
//     absl::StatusOr<net::Conn> conn = ln->Accept();
//     if (!conn.ok()) return conn.status();
//     go([conn = *conn] {
//       char buf[4096];
//       for (;;) {
//         auto [n, err] = conn.Read(buf);
//         if (n > 0 && !conn.Write({buf, n}).ok()) return;
//         if (!err.ok()) return;                // io::EOF() at the end
//       }
//     });
//   }
//
// The parts:
//   conn.h            Conn, Listener, PacketConn, and how to make your own
//   dial.h listen.h   Dial, Dialer; Listen, ListenPacket, ListenConfig
//   tcp.h udp.h unix.h  what one network has beyond that (As)
//   addr.h ip.h       addresses
//   resolver.h        names: Lookup..., Resolve...Addr, Resolver
//   pipe.h            connections in memory
//   limit_listener.h  no more than n connections at a time
//   file.h            descriptors from and to other code; sendfile
//
// Conn and Listener are handles: copies share one connection, methods are
// const. Close closes it for all; the last handle to go closes it too.
//
// Networks: tcp, tcp4, tcp6, udp, udp4, udp6, unix, unixgram, unixpacket.
// Errors:   Go's texts ("dial tcp 127.0.0.1:1: connect: connection refused");
//           the status code tells the class (docs/GUARANTEES.md#errors):
//           kDeadlineExceeded a deadline, kUnavailable refused, reset or
//           unreachable, kInvalidArgument a bad address or network,
//           kFailedPrecondition use after Close, kResourceExhausted EMFILE and
//           its kin. The end of the input is io::EOF().
// Blocking: Read, Write, Accept, Dial and Close park the goroutine; in a plain
//           thread they block it. Everything else returns at once.
// Thread-safety: all methods. Reads of one connection are served one after
//           another, writes too; a read and a write run side by side. Close
//           wakes whoever is parked and waits for whoever is inside.
// See:      Go: package net

#ifndef PARKOUR_NET_NET_H_
#define PARKOUR_NET_NET_H_

#include "parkour/base/error.h"
#include "parkour/io/io.h"
#include "parkour/net/addr.h"
#include "parkour/net/conn.h"
#include "parkour/net/dial.h"
#include "parkour/net/file.h"
#include "parkour/net/limit_listener.h"
#include "parkour/net/listen.h"
#include "parkour/net/pipe.h"
#include "parkour/net/resolver.h"
#include "parkour/net/tcp.h"
#include "parkour/net/udp.h"
#include "parkour/net/unix.h"

namespace parkour::net {

// Tests on errors; they work through wrapping.
using base::IsClosed;     // used after Close
using base::IsTemporary;  // trying again may help
using base::IsTimeout;    // a deadline has passed
using base::OpError;      // op, net, source, addr, errno ...
using base::OpErrorOf;

}  // namespace parkour::net

#endif  // PARKOUR_NET_NET_H_
