// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sysmon.h: the watchman: a thread without a P that keeps the others honest.
//
//   * nobody has polled the network for 10 ms: polls, and queues who is ready
//   * a P is in a system call for more than about 20 us: gives it to another M
//   * a P has run one goroutine for 10 ms while others wait: takes it from the
//     goroutine (retake.h)
//   * stacks that nobody uses have memory: gives it back (scavenger.h)
//   * the system refused a thread, or a standstill could not be judged: tries
//     again
//
// It ticks every 20 us to 10 ms, the slower the less it finds, and sleeps for
// good while no P runs anything: an idle process makes no wake-ups.
//
// See: Go: src/runtime/proc.go (sysmon)

#ifndef PARKOUR_SYSMON_SYSMON_H_
#define PARKOUR_SYSMON_SYSMON_H_

namespace parkour::sysmon {

// Starts the thread; once, at the runtime's start. Returns 0 or -errno.
int Start();

}  // namespace parkour::sysmon

#endif  // PARKOUR_SYSMON_SYSMON_H_
