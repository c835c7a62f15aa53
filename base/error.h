// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// error.h: operating errors: an absl::Status with Go's words and, in a payload,
// what failed where.
//
//   absl::Status err = base::MakeOpError("dial", "tcp", "", "127.0.0.1:1",
//                                        base::ErrnoStatus(ECONNREFUSED,
//                                                          "connect"));
//   err.message();       // dial tcp 127.0.0.1:1: connect: connection refused
//   err.code();          // kUnavailable
//   base::ErrnoOf(err);  // ECONNREFUSED
//
// Status codes of errnos (one table, in error.cc; what is absent from it gets
// absl::ErrnoToStatusCode's):
//   kUnavailable         the other side or the way to it is not there, or no
//                        longer: ECONNREFUSED, ECONNRESET, EPIPE, ENETUNREACH,
//                        EHOSTUNREACH, EADDRNOTAVAIL, EAGAIN, EINTR ...
//   kDeadlineExceeded    ETIMEDOUT, and "i/o timeout"
//   kResourceExhausted   EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC, EDQUOT
//   kAlreadyExists       EADDRINUSE, EEXIST
//   kFailedPrecondition  use after Close, EBADF, ENOTCONN, EISCONN ...
//   kInvalidArgument     bad addresses and arguments: EINVAL, EMSGSIZE ...
//   kPermissionDenied, kNotFound, kUnimplemented, kCancelled: as their names
//
// ECONNRESET and EPIPE share a code because they are one event, the peer has
// gone; which of the two a writer sees is a matter of timing.
//
// Guarantees: texts are Go's and stable, programs match on them. The predicates
//             see through any depth of MakeOpError.
// Blocking:   no. Safe from any thread.
// See:        Go: src/net/net.go (OpError), src/os/error.go (SyscallError),
//             src/syscall/syscall_unix.go (Errno), src/internal/poll/fd.go

#ifndef PARKOUR_BASE_ERROR_H_
#define PARKOUR_BASE_ERROR_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace parkour::base {

// What the payload tells. Empty strings: not known or not applicable.
struct OpError {
  std::string op{};       // "dial", "read", "accept" ...
  std::string net{};      // "tcp", "unix" ...
  std::string source{};   // the local address
  std::string addr{};     // the remote address, or the one listened on
  std::string syscall{};  // the system call that failed
  int err = 0;            // its errno; 0 = it was no system call's failure
  std::string text{};     // the text of the wrapped error
  bool timeout = false;
  bool temporary = false;
  bool closed = false;
};

// The status of a failed system call: "connect: connection refused", without
// `syscall` "connection refused". `err` is positive, as errno; 0 gives OK.
// EAGAIN and ETIMEDOUT are timeouts; these, EINTR, EMFILE and ENFILE are
// temporary.
absl::Status ErrnoStatus(int err, std::string_view syscall = "");

// Wraps `inner`: "op net source->addr: inner", empty parts left out. Keeps its
// code, errno, flags and payloads. For op "accept", ECONNRESET and ECONNABORTED
// become temporary: the listener is fine. An OK `inner` stays OK.
// REQUIRES: `inner` is not io::EOF(), which Go never wraps.
absl::Status MakeOpError(std::string_view op, std::string_view net,
                         std::string_view source, std::string_view addr,
                         const absl::Status& inner);

// The outermost operation, with the errno, system call and flags of what it
// wraps; nullopt for a status without the payload. For a bare ErrnoStatus, op
// is empty.
std::optional<OpError> OpErrorOf(const absl::Status& status);

// The errno at the bottom, 0 if there is none.
int ErrnoOf(const absl::Status& status);

// A deadline has passed: ours, a context's or the kernel's. A status that was
// not made here is judged by its code: kDeadlineExceeded is a timeout, and, as
// Go's context.DeadlineExceeded, temporary.
bool IsTimeout(const absl::Status& status);

// The same call may succeed later on the same object.
bool IsTemporary(const absl::Status& status);

// Used after Close (Go: errors.Is(err, net.ErrClosed)).
bool IsClosed(const absl::Status& status);

// "use of closed network connection", "use of closed file"; kFailedPrecondition
// and IsClosed.
absl::Status ErrNetClosing();
absl::Status ErrFileClosing();

// "i/o timeout"; kDeadlineExceeded, a timeout and temporary.
absl::Status ErrDeadlineExceeded();

// "operation was canceled", a context's end in the words of net; kCancelled.
absl::Status ErrCanceled();

// "use of WriteTo with pre-connected connection"; kFailedPrecondition.
absl::Status ErrWriteToConnected();

// "missing address"; kInvalidArgument.
absl::Status ErrMissingAddress();

// "not pollable"; kFailedPrecondition.
absl::Status ErrNotPollable();

// "unknown network X"; kInvalidArgument.
absl::Status ErrUnknownNetwork(std::string_view net);

// An error in words of its own, with its flags.
absl::Status ErrFlagged(absl::StatusCode code, std::string_view text,
                        bool timeout, bool temporary);

// "address A: why", or "why" if there is no address; kInvalidArgument.
absl::Status ErrAddr(std::string_view addr, std::string_view why);

}  // namespace parkour::base

#endif  // PARKOUR_BASE_ERROR_H_
