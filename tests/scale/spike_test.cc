// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// After a spike of goroutines with deep stacks, or of connections, and a quiet
// while, the process is as small as before: nobody asks for it.

#include <alloca.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>

#include "parkour/base/sanitizer.h"
#include "parkour/parkour.h"
#include "parkour/tests/child/proc_status.h"
#include "parkour/tests/scale/echo_load.h"

namespace parkour::tests {
namespace {

constexpr int64_t kKb = 1024;
constexpr int64_t kMb = 1024 * kKb;
constexpr int64_t kTouched = 100 * kKb;
// Bytes. Poll descriptors alone, if they stayed, would be 256 each, and as much
// again of the heap if they lay there between what connections are made of.
constexpr int64_t kLeftPerConnection = 50;

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
  // ThreadSanitizer keeps what it has for a fiber, for the next one.
  const int64_t fibers = PARKOUR_TSAN ? 40 * kKb * n : 0;
  const int64_t goal = before + before / 10 + 20 * kMb + fibers;

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

void RunClient(const std::string& address, int connections) {
  Child client({Runfile("examples/echo/client"), address,
                std::to_string(connections), "1", "64"});
  const Outcome outcome = client.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.out << outcome.err;
}

// As many at once as the limit of open files allows. What is left then is what
// the allocator keeps, and 8 bytes of a poll descriptor.
TEST(Spike, ConnectionsLeaveLittle) {
  constexpr int kOtherFiles = 100;
  const int n = PARKOUR_ASAN || PARKOUR_TSAN
                    ? 1000
                    : static_cast<int>(std::clamp<int64_t>(
                          RaiseFileLimit() - kOtherFiles, 100, 20000));
  // The flight recorder's memory fills up meanwhile, once.
  Child server({Runfile("tests/scale/watched_echo_server")},
               {"PARKOUR_FLIGHT=off"});
  const std::optional<std::string> address = ListeningOn(&server);
  ASSERT_TRUE(address.has_value());
  RunClient(*address, 100);
  const auto rss = [&server] {
    return ProcStatus(server.pid(), "VmRSS") * kKb;
  };
  // A page more or less is the program's, not the connections'.
  constexpr int64_t kSlack = PARKOUR_ASAN || PARKOUR_TSAN ? 50 * kMb : kMb;
  const int64_t before = rss();
  RunClient(*address, n);
  const auto begin = std::chrono::steady_clock::now();
  const int64_t goal = before + kSlack + n * kLeftPerConnection;
  const bool reached =
      Eventually([&] { return rss() <= goal; }, std::chrono::seconds(100));
  const std::chrono::duration<double> waited =
      std::chrono::steady_clock::now() - begin;
  const int64_t peak = ProcStatus(server.pid(), "VmHWM") * kKb;
  std::printf(
      "%d connections: %ld kB before, %ld at the peak, %ld after "
      "%.1f s: %ld bytes each\n",
      n, before / kKb, peak / kKb, rss() / kKb, waited.count(),
      (rss() - before) / n);
  EXPECT_TRUE(reached);
}

}  // namespace
}  // namespace parkour::tests
