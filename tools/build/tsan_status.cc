// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What ThreadSanitizer cannot know, part of every test's program. Abseil's
// libraries come without its instrumentation, so it sees neither how an
// absl::Status counts its references nor, therefore, that the last one destroys
// what the others have finished reading.

extern "C" const char* __tsan_default_suppressions() {
  return "race:status_internal::Payload\n";
}
