// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/io/io.h"

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"

namespace parkour::io {
namespace {

// The payload is what makes the two errors; it travels with them when they are
// wrapped.
constexpr absl::string_view kTypeUrl = "parkour.dev/io";
constexpr absl::string_view kEOF = "EOF";
constexpr absl::string_view kUnexpectedEOF = "unexpected EOF";

absl::Status Make(absl::StatusCode code, absl::string_view text) {
  absl::Status status(code, text);
  status.SetPayload(kTypeUrl, absl::Cord(text));
  return status;
}

bool Is(const absl::Status& status, absl::StatusCode code,
        absl::string_view text) {
  if (status.code() != code) return false;
  const auto payload = status.GetPayload(kTypeUrl);
  return payload.has_value() && *payload == text;
}

}  // namespace

// Made once and never destroyed: goroutines may still read while the process
// exits. A copy costs one reference count.

absl::Status EOF() {
  static const absl::Status& status =
      *new absl::Status(Make(absl::StatusCode::kOutOfRange, kEOF));
  return status;
}

bool IsEOF(const absl::Status& status) {
  return Is(status, absl::StatusCode::kOutOfRange, kEOF);
}

absl::Status ErrUnexpectedEOF() {
  static const absl::Status& status =
      *new absl::Status(Make(absl::StatusCode::kDataLoss, kUnexpectedEOF));
  return status;
}

bool IsUnexpectedEOF(const absl::Status& status) {
  return Is(status, absl::StatusCode::kDataLoss, kUnexpectedEOF);
}

}  // namespace parkour::io
