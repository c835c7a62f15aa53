// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// servers.h: small servers with one bug each, which hang. server_child runs the
// one it is told to; dumps_test reads their dumps as a stranger would.

#ifndef PARKOUR_TESTS_DUMPS_SERVERS_H_
#define PARKOUR_TESTS_DUMPS_SERVERS_H_

#include <cstdint>
#include <span>

#include "parkour/parkour.h"
#include "parkour/runtime/waitreason.h"

namespace parkour::tests {

struct Server {
  const char* name;
  int (*main)();
};

std::span<const Server> Hangs();
std::span<const Server> Quits();

// The line of the bug, for the test; where it stands nothing else should.
#define PARKOUR_TESTS_BUG ::parkour::tests::BugIsAt(__LINE__)
void BugIsAt(int line);

// Waits until `n` goroutines are parked for this reason.
void AwaitParked(int64_t n, runtime::WaitReason reason);

// A thread of its own says "ready" and the bug's line as soon as `n` goroutines
// are parked for this reason, and main on a nil channel.
void ReadyWhenParked(int64_t n, runtime::WaitReason reason);
// The same, of goroutines inside runtime::Blocking.
void ReadyWhenBlocking(int64_t n);

// For functions whose names are looked for: not inlined, and no last call of
// theirs is a jump. Not for anonymous namespaces.
#define PARKOUR_TESTS_FRAME [[gnu::noinline]]
inline void KeepFrame() { asm volatile(""); }

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_DUMPS_SERVERS_H_
