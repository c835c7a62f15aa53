// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// After a spike of goroutines with deep stacks, and a quiet while, the process
// is as small as before: nobody asks for it.

#include <alloca.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "parkour/base/sanitizer.h"
#include "parkour/parkour.h"
#include "parkour/tests/child/proc_status.h"

namespace parkour::tests {
namespace {

constexpr int64_t kKb = 1024;
constexpr int64_t kMb = 1024 * kKb;
constexpr int64_t kTouched = 100 * kKb;

__attribute__((noinline)) void Touch(size_t bytes) {
  char* const p = static_cast<char*>(alloca(bytes));
  for (size_t i = 0; i < bytes; i += 512) p[i] = 1;
  asm volatile("" : : "r"(p) : "memory");
}

// n goroutines at once, each of which touches kTouched and waits for the
// others. Returns the resident set while all are there.
int64_t Spike(int n) {
  const Chan<Unit> leave = MakeChan<Unit>();
  sync::WaitGroup touched, ended;
  touched.Add(n);
  ended.Add(n);
  for (int i = 0; i < n; ++i) {
    go([&touched, &ended, leave] {
      Touch(kTouched);
      touched.Done();
      leave.Recv();
      ended.Done();
    });
  }
  touched.Wait();
  const int64_t rss = ProcStatus(0, "VmRSS") * kKb;
  leave.Close();
  ended.Wait();
  return rss;
}

TEST(Spike, MemoryComesBack) {
  // The runtime, the test and malloc take what they need.
  Spike(100);
  runtime::FreeOSMemory();
  const int64_t before = ProcStatus(0, "VmRSS") * kKb;
  const int n =
      PARKOUR_ASAN || PARKOUR_TSAN
          ? 1000
          : static_cast<int>(std::clamp<int64_t>(
                MemInfo("MemAvailable") * kKb / 4 / kTouched, 1000, 20000));
  const int64_t peak = Spike(n);
  EXPECT_GE(peak - before, n * kTouched * 9 / 10);
  const int64_t goal = before + before / 10 + 20 * kMb;

  int64_t rss = ProcStatus(0, "VmRSS") * kKb;
  const auto begin = std::chrono::steady_clock::now();
  const auto waited = [begin] {
    return std::chrono::steady_clock::now() - begin;
  };
  while (rss > goal && waited() < std::chrono::seconds(100)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    rss = ProcStatus(0, "VmRSS") * kKb;
  }
  std::printf(
      "%d goroutines: %ld MiB before, %ld at the peak, %ld after %.1f s\n", n,
      before / kMb, peak / kMb, rss / kMb,
      std::chrono::duration<double>(waited()).count());
  EXPECT_LE(rss, goal);
}

}  // namespace
}  // namespace parkour::tests
