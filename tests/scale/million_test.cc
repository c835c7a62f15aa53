// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A million goroutines parked on a channel at once, in one process, with the
// kernel's default settings; then all woken and finished.

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>

#include "parkour/base/sanitizer.h"
#include "parkour/base/sys.h"
#include "parkour/parkour.h"
#include "parkour/runtime/stack.h"
#include "parkour/tests/child/proc_status.h"

namespace parkour::tests {
namespace {

constexpr int64_t kMillion = PARKOUR_ASAN || PARKOUR_TSAN ? 5000 : 1000000;
// Of a parked goroutine: measured are 4 KiB of its own (30 with sanitizers) and
// 0.5 of page tables. Twice that, so that nothing else has to be swapped out.
constexpr int64_t kKbEach = PARKOUR_ASAN || PARKOUR_TSAN ? 100 : 10;
// Left to the rest of the machine.
constexpr int64_t kKbSpare = int64_t{1} << 20;

int64_t Goroutines() {
  const int64_t fit =
      std::max<int64_t>((MemInfo("MemAvailable") - kKbSpare) / kKbEach, 1000);
  if (fit < kMillion) {
    std::printf("MemAvailable allows %ld goroutines only\n", fit);
  }
  return std::min(fit, kMillion);
}

bool KernelHasGuards() {
  int error = 0;
  void* const page = base::sys::Reserve(4096, &error);
  if (page == nullptr) return false;
  const bool has = base::sys::GuardInstall(page, 4096) == 0;
  base::sys::Unmap(page, 4096);
  return has;
}

class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point start_ =
      std::chrono::steady_clock::now();
};

double PerEach(int64_t total, int64_t n) {
  return static_cast<double>(total) / static_cast<double>(n);
}

// Parks n goroutines on one channel, looks, wakes them all.
void ParkAndWake(int64_t n) {
  Chan<int64_t> gate = MakeChan<int64_t>();
  sync::WaitGroup arrived, done;
  std::atomic<int64_t> sum = 0, woken = 0;
  const int64_t base = runtime::NumGoroutine();
  const int64_t kb_before = ProcStatus(0, "VmRSS");
  const int64_t pte_kb_before = ProcStatus(0, "VmPTE");
  arrived.Add(static_cast<int>(n));
  const Stopwatch creating;
  for (int64_t i = 0; i < n; ++i) {
    done.Go([&, i] {
      arrived.Done();
      if (!gate.Recv().has_value()) {
        sum += i;
        ++woken;
      }
    });
  }
  arrived.Wait();
  const double create_s = creating.Seconds();
  EXPECT_EQ(runtime::NumGoroutine(), base + n);
  EXPECT_EQ(woken, 0);
  const int64_t kb = ProcStatus(0, "VmRSS") - kb_before;
  const int64_t pte_kb = ProcStatus(0, "VmPTE") - pte_kb_before;
  const runtime::StackCounts counts = runtime::ReadStackCounts();

  const Stopwatch waking;
  gate.Close();
  done.Wait();
  const double wake_s = waking.Seconds();
  EXPECT_EQ(woken, n);
  EXPECT_EQ(sum, n * (n - 1) / 2);
  // A goroutine counts itself out after its Done.
  for (int i = 0; i < 1000000 && runtime::NumGoroutine() != base; ++i) {
    runtime::Gosched();
  }
  EXPECT_EQ(runtime::NumGoroutine(), base);

  std::printf(
      "%ld goroutines: %.2f KiB RSS and %.2f KiB of page tables each, created "
      "in %.2f s, woken in %.2f s, %lu slabs, %lu unguarded, %lu by mprotect\n",
      n, PerEach(kb, n), PerEach(pte_kb, n), create_s, wake_s, counts.slabs,
      counts.unguarded, counts.mprotected);
  EXPECT_GE(counts.slots, static_cast<uint64_t>(n));
  if (KernelHasGuards()) {
    EXPECT_EQ(counts.unguarded, 0u);
    EXPECT_EQ(counts.mprotected, 0u);
  }
}

TEST(MillionTest, ParkedOnAChannelThenWoken) {
  const int64_t n = Goroutines();
  ParkAndWake(n);
  const uint64_t slots = runtime::ReadStackCounts().slots;
  // Again, smaller: on the stacks that the first lot left.
  ParkAndWake(n / 10);
  EXPECT_LE(runtime::ReadStackCounts().slots, slots + 1);
}

}  // namespace
}  // namespace parkour::tests
