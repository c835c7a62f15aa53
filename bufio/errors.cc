// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bufio/errors.h"

#include "parkour/io/result.h"

namespace parkour::bufio {

using absl::StatusCode;
using io::internal::MakeError;

// Made once and never destroyed; see io::EOF.

absl::Status ErrBufferFull() {
  static const absl::Status& err = *new absl::Status(
      MakeError(StatusCode::kResourceExhausted, "bufio: buffer full"));
  return err;
}

absl::Status ErrNegativeCount() {
  static const absl::Status& err = *new absl::Status(
      MakeError(StatusCode::kInvalidArgument, "bufio: negative count"));
  return err;
}

absl::Status ErrInvalidUnreadByte() {
  static const absl::Status& err = *new absl::Status(MakeError(
      StatusCode::kFailedPrecondition, "bufio: invalid use of UnreadByte"));
  return err;
}

absl::Status ErrInvalidUnreadRune() {
  static const absl::Status& err = *new absl::Status(MakeError(
      StatusCode::kFailedPrecondition, "bufio: invalid use of UnreadRune"));
  return err;
}

absl::Status ErrTooLong() {
  static const absl::Status& err = *new absl::Status(MakeError(
      StatusCode::kResourceExhausted, "bufio.Scanner: token too long"));
  return err;
}

absl::Status ErrNegativeAdvance() {
  static const absl::Status& err = *new absl::Status(
      MakeError(StatusCode::kInternal,
                "bufio.Scanner: SplitFunc returns negative advance count"));
  return err;
}

absl::Status ErrAdvanceTooFar() {
  static const absl::Status& err = *new absl::Status(
      MakeError(StatusCode::kInternal,
                "bufio.Scanner: SplitFunc returns advance count beyond input"));
  return err;
}

absl::Status ErrBadReadCount() {
  static const absl::Status& err = *new absl::Status(MakeError(
      StatusCode::kInternal, "bufio.Scanner: Read returned impossible count"));
  return err;
}

absl::Status ErrFinalToken() {
  static const absl::Status& err =
      *new absl::Status(MakeError(StatusCode::kCancelled, "final token"));
  return err;
}

}  // namespace parkour::bufio
