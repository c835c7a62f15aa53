// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// errors.h: the errors of buffered readers, writers and scanners.
//
//   auto [line, err] = reader.ReadSlice('\n');
//   if (io::Is(err, bufio::ErrBufferFull())) return TooLong();
//
// Guarantees: texts are Go's and stable. io::Is recognises them, wrapped ones
//             too.
// Blocking:   no. Safe from any thread.
// See:        Go: src/bufio/bufio.go, src/bufio/scan.go

#ifndef PARKOUR_BUFIO_ERRORS_H_
#define PARKOUR_BUFIO_ERRORS_H_

#include "absl/status/status.h"

namespace parkour::bufio {

// "bufio: buffer full", kResourceExhausted.
absl::Status ErrBufferFull();

// "bufio: negative count", kInvalidArgument.
absl::Status ErrNegativeCount();

// "bufio: invalid use of UnreadByte" and "bufio: invalid use of UnreadRune":
// the call before was not one that can be taken back; kFailedPrecondition.
absl::Status ErrInvalidUnreadByte();
absl::Status ErrInvalidUnreadRune();

// "bufio.Scanner: token too long", kResourceExhausted.
absl::Status ErrTooLong();

// "bufio.Scanner: SplitFunc returns negative advance count" and
// "bufio.Scanner: SplitFunc returns advance count beyond input", kInternal.
absl::Status ErrNegativeAdvance();
absl::Status ErrAdvanceTooFar();

// "bufio.Scanner: Read returned impossible count", kInternal.
absl::Status ErrBadReadCount();

// "final token": what a split function returns with the last token, or with
// none, to stop. It is never reported. kCancelled.
absl::Status ErrFinalToken();

}  // namespace parkour::bufio

#endif  // PARKOUR_BUFIO_ERRORS_H_
