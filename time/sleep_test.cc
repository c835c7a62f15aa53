// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/time/sleep.h"

#include "gtest/gtest.h"
#include "parkour/base/clock.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::time {
namespace {

TEST(Sleep, NotPositiveReturnsAtOnce) {
  Sleep(absl::ZeroDuration());
  Sleep(-absl::Hours(1));
  Sleep(-absl::InfiniteDuration());
}

TEST(Sleep, NeverEarly) {
  sync::WaitGroup wg;
  for (int us : {1, 10, 100, 999, 1000, 1001, 5000}) {
    wg.Go([us] {
      const int64_t start = base::nanotime();
      Sleep(absl::Microseconds(us));
      EXPECT_GE(base::nanotime() - start, us * int64_t{1000});
    });
  }
  wg.Wait();
}

// Saturates instead of wrapping.
TEST(Sleep, InfinityLasts) {
  base::Atomic<bool> woke{false};
  go([&woke] {
    Sleep(absl::InfiniteDuration());
    woke.store(true);
  });
  Sleep(absl::Milliseconds(5));
  EXPECT_FALSE(woke.load());
}

TEST(Sleep, LetsOthersRunOnOneP) {
  runtime::testing::ProcsScope procs(1);
  base::Atomic<int> n{0};
  for (int i = 0; i < 100; ++i) go([] { Sleep(absl::Hours(1)); });
  sync::WaitGroup wg;
  for (int i = 0; i < 100; ++i) wg.Go([&] { n.fetch_add(1); });
  wg.Wait();
  EXPECT_EQ(n.load(), 100);
}

}  // namespace
}  // namespace parkour::time
