// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// profiles.h: profiles as text and read back, for tests of them.

#ifndef PARKOUR_TESTS_CONFORMANCE_PPROF_PROFILES_H_
#define PARKOUR_TESTS_CONFORMANCE_PPROF_PROFILES_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "parkour/pprof/pprof.h"
#include "parkour/pprof/reader.h"
#include "parkour/runtime/test_util.h"

namespace parkour::tests {

namespace pprof = runtime::pprof;

inline pprof::ReadProfile Proto(const char* name) {
  std::string data;
  pprof::Lookup(name)->WriteTo(&data, 0);
  pprof::ReadProfile profile = pprof::Read(data);
  EXPECT_EQ(profile.error, "") << name;
  return profile;
}

inline std::string Text(const char* name) {
  std::string text;
  pprof::Lookup(name)->WriteTo(&text, 1);
  return text;
}

// Waits until `count` goroutines are in `state` within `function`. Go looks at
// the dump of all goroutines for it.
inline bool AwaitBlocked(const char* state, const char* function,
                         int64_t count) {
  const bool ok = runtime::testing::Eventually([=] {
    int64_t n = 0;
    for (const pprof::ReadSample& s : Proto("goroutine").samples) {
      if (s.labels.at("state") == state && s.Mentions(function)) {
        n += s.values[0];
      }
    }
    return n >= count;
  });
  EXPECT_TRUE(ok) << Text("goroutine");
  return ok;
}

// Keeps a call in the frame of who makes it.
#define NO_TAIL_CALL asm volatile("")

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_CONFORMANCE_PPROF_PROFILES_H_
