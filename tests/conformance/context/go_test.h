// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// go_test.h: what the tests that were Go's have in common. A GO_TEST is a TEST
// that runs in a goroutine.

#ifndef PARKOUR_TESTS_CONFORMANCE_CONTEXT_GO_TEST_H_
#define PARKOUR_TESTS_CONFORMANCE_CONTEXT_GO_TEST_H_

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/context/context.h"
#include "parkour/runtime/test_util.h"
#include "parkour/time/timer.h"

#define GO_TEST(suite, name)                                  \
  void suite##name();                                         \
  TEST(suite, name) {                                         \
    ::parkour::runtime::testing::RunInGoroutine(suite##name); \
  }                                                           \
  void suite##name()

namespace parkour::tests {

// Long enough for a deadline to pass; nothing depends on its not passing.
inline constexpr absl::Duration kShort = absl::Milliseconds(1);
// Never comes.
inline const absl::Duration kVeryLong = absl::Hours(1000);
// How long to wait for what must happen, however slow the machine.
inline const absl::Duration kPatience = absl::Seconds(30);

// Whether ch has a value or is closed, now.
template <typename T, ChanDir dir>
bool Ready(const Chan<T, dir>& ch) {
  return Select(ch.OnRecv([] {}), Default([] {})) == 0;
}

// Waits until it is.
template <typename T, ChanDir dir>
bool Await(const Chan<T, dir>& ch) {
  return Select(ch.OnRecv([] {}), time::After(kPatience).OnRecv([] {})) == 0;
}

inline bool IsDone(const context::Context& ctx) { return Ready(ctx.Done()); }
inline bool AwaitDone(const context::Context& ctx) { return Await(ctx.Done()); }

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_CONFORMANCE_CONTEXT_GO_TEST_H_
