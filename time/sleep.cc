// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/time/sleep.h"

#include "parkour/runtime/sleep.h"

namespace parkour::time {

// Saturates: an infinite duration sleeps for 292 years.
void Sleep(absl::Duration d) {
  runtime::timeSleep(absl::ToInt64Nanoseconds(d));
}

}  // namespace parkour::time
