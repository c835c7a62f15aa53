// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// lifecycle.h: starting the runtime with other settings than the usual, and
// ending it, in a program that has a life of its own.
//
//   int main() {
//     absl::Status started = runtime::Start({.gomaxprocs = 2});
//     if (!started.ok()) return 1;
//     ServeFromGoroutines();
//     ...
//     // Goroutines get 5 s to end; then nothing of them runs any more.
//     absl::Status ended = runtime::Shutdown(absl::Seconds(5));
//     return ended.ok() ? 0 : 1;
//   }
//
// Neither is needed: the runtime starts at its first use, and ends with the
// process. A program of parkour::Main's ends with Main.
//
// Thread-safety: both, from any plain thread.
// See:           tests/lifetime; Go has neither

#ifndef PARKOUR_RUNTIME_LIFECYCLE_H_
#define PARKOUR_RUNTIME_LIFECYCLE_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace parkour::runtime {

// 0 stands for the usual.
struct Options {
  // Processors: 1 to 1,024. Usually the environment's GOMAXPROCS, else as many
  // CPUs as the process may use.
  int gomaxprocs = 0;
  // See SetMaxThreads; usually 10,000.
  int max_threads = 0;
  // Of goroutines that do not say (GoOptions::stack_size); usually 256 KiB.
  size_t stack_size = 0;
  // How many threads per processor may go on computing after they lost it
  // (docs/GUARANTEES.md#scheduling); usually 4.
  int computing_threads = 0;
};

// Starts the runtime. kFailedPrecondition if it has started already,
// kInvalidArgument for a value out of range.
absl::Status Start(const Options& options = {});

// Waits until no goroutine is left, at most for `timeout`; then stops the
// scheduler for good. Goroutines that are left stay where they are, parked or
// in a loop of their own, and stop at their next call into the runtime; their
// destructors do not run. Afterwards go() starts nothing, and a call that would
// wait for a goroutine waits for ever. The runtime's threads sleep until the
// process ends.
//
// Returns kDeadlineExceeded if goroutines were left, saying how many;
// kFailedPrecondition in a goroutine, in a program of parkour::Main's, and the
// second time: then nothing happens. Blocks the thread.
absl::Status Shutdown(absl::Duration timeout = absl::InfiniteDuration());

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_LIFECYCLE_H_
