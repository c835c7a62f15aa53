// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/io/result.h"

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"

namespace parkour::io {
namespace {

// The payload is what makes these errors; it travels with them when they are
// wrapped.
constexpr absl::string_view kTypeUrl = "parkour.dev/io";

bool Carries(const absl::Status& err, absl::StatusCode code,
             absl::string_view text) {
  if (err.code() != code) return false;
  const auto payload = err.GetPayload(kTypeUrl);
  return payload.has_value() && *payload == text;
}

}  // namespace

namespace internal {

absl::Status MakeError(absl::StatusCode code, std::string_view text) {
  const absl::string_view view(text.data(), text.size());
  absl::Status status(code, view);
  status.SetPayload(kTypeUrl, absl::Cord(view));
  return status;
}

}  // namespace internal

bool Is(const absl::Status& err, const absl::Status& target) {
  if (err == target) return true;
  if (err.code() != target.code()) return false;
  const auto mine = err.GetPayload(kTypeUrl);
  const auto wanted = target.GetPayload(kTypeUrl);
  return mine.has_value() && wanted.has_value() && *mine == *wanted;
}

bool IsEOF(const absl::Status& err) {
  return Carries(err, absl::StatusCode::kOutOfRange, "EOF");
}

bool IsUnexpectedEOF(const absl::Status& err) {
  return Carries(err, absl::StatusCode::kDataLoss, "unexpected EOF");
}

// Made once and never destroyed: goroutines may still read while the process
// exits. A copy costs one reference count.

absl::Status EOF() {
  static const absl::Status& err = *new absl::Status(
      internal::MakeError(absl::StatusCode::kOutOfRange, "EOF"));
  return err;
}

absl::Status ErrUnexpectedEOF() {
  static const absl::Status& err = *new absl::Status(
      internal::MakeError(absl::StatusCode::kDataLoss, "unexpected EOF"));
  return err;
}

absl::Status ErrShortWrite() {
  static const absl::Status& err = *new absl::Status(
      internal::MakeError(absl::StatusCode::kDataLoss, "short write"));
  return err;
}

absl::Status ErrShortBuffer() {
  static const absl::Status& err = *new absl::Status(
      internal::MakeError(absl::StatusCode::kInvalidArgument, "short buffer"));
  return err;
}

absl::Status ErrNoProgress() {
  static const absl::Status& err = *new absl::Status(
      internal::MakeError(absl::StatusCode::kInternal,
                          "multiple Read calls return no data or error"));
  return err;
}

absl::Status ErrInvalidWrite() {
  static const absl::Status& err = *new absl::Status(
      internal::MakeError(absl::StatusCode::kInternal, "invalid write result"));
  return err;
}

absl::Status ErrClosedPipe() {
  static const absl::Status& err = *new absl::Status(internal::MakeError(
      absl::StatusCode::kFailedPrecondition, "io: read/write on closed pipe"));
  return err;
}

absl::Status ErrWhence() {
  static const absl::Status& err = *new absl::Status(internal::MakeError(
      absl::StatusCode::kInvalidArgument, "Seek: invalid whence"));
  return err;
}

absl::Status ErrOffset() {
  static const absl::Status& err = *new absl::Status(internal::MakeError(
      absl::StatusCode::kInvalidArgument, "Seek: invalid offset"));
  return err;
}

}  // namespace parkour::io
