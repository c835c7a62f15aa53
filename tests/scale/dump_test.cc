// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The stacks of a hundred thousand parked goroutines: how long it takes to look
// at them and to print them, alike and each with a name of its own.

#include <gtest/gtest.h>
#include <time.h>

#include <cstdio>
#include <string>

#include "parkour/base/clock.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/debug.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"

namespace parkour::tests {

[[gnu::noinline]] void WaitAtTheGate(const Chan<int>& gate) {
  gate.Recv();
  asm volatile("");
}

namespace {

using runtime::testing::GoroutinesBackTo;
using runtime::testing::Scaled;

constexpr int kGoroutines = 100000;

// Of this thread's: what others do on the machine does not count.
double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) / 1e9;
}

std::string TimedStack() {
  const double cpu = CpuSeconds();
  const int64_t begin = base::nanotime();
  std::string text = runtime::Stack(/*all=*/true);
  const double wall = static_cast<double>(base::nanotime() - begin) / 1e9;
  std::printf("%.3f s, %.3f s of CPU, %zu bytes\n", wall, CpuSeconds() - cpu,
              text.size());
  EXPECT_LT(CpuSeconds() - cpu, 2.0);
  return text;
}

size_t CountOf(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + part.size())) {
    ++n;
  }
  return n;
}

void ParkAndLook(int n, bool named, size_t parts) {
  const int64_t before = runtime::NumGoroutine();
  const Chan<int> gate = MakeChan<int>();
  for (int i = 0; i < n; ++i) {
    const std::string name = named ? "g" + std::to_string(i) : "";
    go({.name = name}, WaitAtTheGate, gate);
  }
  // As long as some are on their way there are several kinds of stacks.
  const std::string alike =
      "\n# " + std::to_string(n) + " goroutines like this: ";
  std::string text;
  EXPECT_TRUE(runtime::testing::Eventually([&] {
    text = TimedStack();
    return CountOf(text, "WaitAtTheGate(...)\n\t") == parts &&
           CountOf(text, " [chan receive") == parts &&
           CountOf(text, alike) == (named ? 0u : 1u);
  })) << text.substr(0, 4096);
  gate.Close();
  EXPECT_TRUE(GoroutinesBackTo(before));
}

TEST(Dump, AHundredThousandAlike) {
  ParkAndLook(Scaled(kGoroutines), /*named=*/false, 1);
}

TEST(Dump, AHundredThousandWithNames) {
  const int n = Scaled(kGoroutines);
  ParkAndLook(n, /*named=*/true, static_cast<size_t>(n));
}

}  // namespace
}  // namespace parkour::tests
