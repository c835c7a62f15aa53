// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "absl/time/time.h"

#include <gtest/gtest.h>

#include "parkour/base/clock.h"
#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/time/sleep.h"
#include "parkour/time/timer.h"

using namespace parkour;

namespace {

// ---- time/sleep.h ----

TEST(Time, Sleep) {
  const int64_t start = base::nanotime();
  time::Sleep(absl::Milliseconds(20));
  EXPECT_GE(base::nanotime() - start, 20 * 1000 * 1000);
}

// ---- time/timer.h ----

// Which of the two was first.
void Race(const RecvChan<int>& work, int* worked, int* late) {
  time::Timer t = time::NewTimer(absl::Seconds(1));
  Select(work.OnRecv([&](auto w) { *worked += *w; }),
         t.C.OnRecv([&] { ++*late; }));
  t.Stop();
  EXPECT_FALSE(t.C.TryRecv());
}

TEST(Time, Timer) {
  const Chan<int> work = MakeChan<int>(1);
  int worked = 0;
  int late = 0;
  Race(work, &worked, &late);
  EXPECT_EQ(worked, 0);
  EXPECT_EQ(late, 1);

  work.Send(1);
  Race(work, &worked, &late);
  // Not late, unless the machine stood still for a second.
  EXPECT_EQ(worked + late, 2);
  EXPECT_EQ(work.Len(), worked == 1 ? 0u : 1u);
}

}  // namespace
