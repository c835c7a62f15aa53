// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// test.h: a GoogleTest that runs in a goroutine and leaves nothing behind.
//
//   PARKOUR_TEST(Pipe, Carries) {
//     auto [client, server] = net::Pipe();
//     go([client = client] { client.Write("hello").err.IgnoreError(); });
//     char buf[8];
//     EXPECT_EQ(server.Read(buf).n, 5u);
//   }
//
// The same as TEST, except that the body is a goroutine: what waits in it
// parks, as in the program that is tested. At its end nothing may be left of
// what it has started and opened (leak_check.h). ASSERT_ and EXPECT_ work in
// every goroutine; an ASSERT_ returns from the function that it stands in.
//
// Requires: no SCOPED_TRACE in goroutines: it lives in a thread_local.
// See:      fake_clock.h, for tests of what takes long

#ifndef PARKOUR_TESTING_TEST_H_
#define PARKOUR_TESTING_TEST_H_

#include <gtest/gtest.h>

#include "parkour/testing/leak_check.h"

namespace parkour::test {

// Runs `body` in a goroutine, under a LeakCheck, and returns at the end of
// both.
void RunTest(void (*body)());

}  // namespace parkour::test

#define PARKOUR_TEST(suite, name)                                        \
  static void suite##_##name##_Body();                                   \
  TEST(suite, name) { ::parkour::test::RunTest(suite##_##name##_Body); } \
  static void suite##_##name##_Body()

#endif  // PARKOUR_TESTING_TEST_H_
