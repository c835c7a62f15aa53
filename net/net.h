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
// Conn and Listener are handles: copies share one connection, methods are
// const. Close closes it for all; the last handle to go closes it too. A
// default-constructed handle is Go's nil: every call fails with "invalid
// argument", its addresses are nil.
//
// Networks: tcp, tcp4, tcp6. Hosts: IP literals, "localhost", or nothing (all
//           interfaces for Listen, this machine for Dial). Ports: numbers and a
//           few well-known names.
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

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "parkour/base/error.h"
#include "parkour/io/io.h"
#include "parkour/net/addr.h"

namespace parkour::net {

// Tests on errors; they work through wrapping.
using base::IsClosed;     // used after Close
using base::IsTemporary;  // trying again may help
using base::IsTimeout;    // a deadline has passed
using base::OpError;      // op, net, source, addr, errno ...
using base::OpErrorOf;

class NetFD;

class Conn {
 public:
  Conn() = default;
  explicit Conn(std::shared_ptr<NetFD> fd) : fd_(std::move(fd)) {}

  // Reads what is there, at least one byte and at most buf.size(); parks until
  // there is some. {0, io::EOF()} when the peer has finished sending; {0, OK}
  // only if buf is empty.
  // Go: net.Conn.Read.
  io::Result Read(std::span<char> buf) const;

  // Writes all of it, in one piece with respect to other Writes. n tells how
  // much went out before an error. Never raises SIGPIPE. Go: net.Conn.Write.
  io::Result Write(std::string_view data) const;

  // Parks until a Read would return at once, be it with bytes, the end or an
  // error; needs no buffer meanwhile. Fails only where the wait does: deadline,
  // Close.
  absl::Status WaitRead() const;

  // Pending and later operations fail with "use of closed network
  // connection". Go: net.Conn.Close.
  absl::Status Close() const;

  // Closes one direction: the peer reads EOF after CloseWrite.
  absl::Status CloseRead() const;
  absl::Status CloseWrite() const;

  // The two ends; valid after Close too.
  Addr LocalAddr() const;
  Addr RemoteAddr() const;

  // When pending and later Reads, Writes or both fail with "i/o timeout".
  // absl::InfiniteFuture() takes the deadline back. A passed deadline stays
  // until it is set again. Go: net.Conn.SetDeadline.
  absl::Status SetDeadline(absl::Time t) const;
  absl::Status SetReadDeadline(absl::Time t) const;
  absl::Status SetWriteDeadline(absl::Time t) const;

  explicit operator bool() const { return fd_ != nullptr; }
  friend bool operator==(const Conn& a, const Conn& b) = default;

 private:
  std::shared_ptr<NetFD> fd_;
};

class Listener {
 public:
  Listener() = default;
  explicit Listener(std::shared_ptr<NetFD> fd) : fd_(std::move(fd)) {}

  // The next connection. Survives connections that were reset while they
  // queued; EMFILE and its kin are reported, and the listener goes on.
  // Go: net.Listener.Accept.
  absl::StatusOr<Conn> Accept() const;

  // Pending and later Accepts fail with "use of closed network connection".
  absl::Status Close() const;

  // Where it listens, with the port that the system chose.
  net::Addr Addr() const;

  // When pending and later Accepts fail with "i/o timeout".
  absl::Status SetDeadline(absl::Time t) const;

  explicit operator bool() const { return fd_ != nullptr; }
  friend bool operator==(const Listener& a, const Listener& b) = default;

 private:
  std::shared_ptr<NetFD> fd_;
};

// Connects. Several addresses ("localhost") are tried in turn; the first error
// is reported if all fail. Nagle's delay is off, keep-alive on (15 s).
// Go: net.Dial.
absl::StatusOr<Conn> Dial(std::string_view network, std::string_view address);

// The same, giving up after `timeout` with "i/o timeout"; 0: no limit, below 0:
// at once.
// Go: net.DialTimeout.
absl::StatusOr<Conn> DialTimeout(std::string_view network,
                                 std::string_view address,
                                 absl::Duration timeout);

// Listens. "tcp" with an empty host takes IPv4 and IPv6; port 0 lets the system
// choose. Go: net.Listen.
absl::StatusOr<Listener> Listen(std::string_view network,
                                std::string_view address);

}  // namespace parkour::net

#endif  // PARKOUR_NET_NET_H_
