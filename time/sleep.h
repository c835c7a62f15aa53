// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sleep.h: time::Sleep.
//
//   time::Sleep(absl::Milliseconds(20));
//
// Guarantees: never early, whatever the wall clock does. An infinite duration
//             ends after 292 years.
// Blocking:   parks the goroutine (a plain thread sleeps); a duration that is
//             not positive returns at once.
// See:        Go: time.Sleep

#ifndef PARKOUR_TIME_SLEEP_H_
#define PARKOUR_TIME_SLEEP_H_

#include "absl/time/time.h"

namespace parkour::time {

void Sleep(absl::Duration d);

}  // namespace parkour::time

#endif  // PARKOUR_TIME_SLEEP_H_
