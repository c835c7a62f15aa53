// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The load generator: one line of figures about an echo server, closed loop.
//
//   loadgen -address=127.0.0.1:40001 -connections=64 -bytes=64 -seconds=5
//
// Prints "counting" after the warm-up and "key=value ..." at the end; the exit
// status is 1 if a connection was lost or an answer wrong. -seconds=0 counts
// until the standard input ends.

#include <sched.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "parkour/bench/flags.h"
#include "parkour/bench/load.h"
#include "parkour/bench/proc.h"
#include "parkour/bench/socket.h"

namespace parkour::bench {
namespace {

void Sleep(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

void Pin(int64_t cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof(set), &set) != 0) Die("sched_setaffinity");
}

void Print(const LoadResult& r) {
  auto us = [](int64_t ns) { return static_cast<double>(ns) / 1e3; };
  auto percentile = [&](double p) { return us(r.latency.Percentile(p)); };
  std::printf(
      "requests=%lu seconds=%.3f per_second=%.1f p50_us=%.1f p90_us=%.1f "
      "p99_us=%.1f p999_us=%.1f max_us=%.1f oldest_us=%.1f cpu=%.3f "
      "errors=%ld\n",
      r.latency.count(), r.seconds, r.per_second, percentile(50),
      percentile(90), percentile(99), percentile(99.9), us(r.latency.max()),
      us(r.oldest_ns), r.cpu, r.errors);
}

int Main(int argc, char** argv) {
  Flags flags(argc, argv);
  LoadOptions options;
  options.address = flags.String("address", "", "where the server listens");
  options.connections = static_cast<int>(
      flags.Int("connections", options.connections, "how many"));
  options.bytes =
      static_cast<int>(flags.Int("bytes", options.bytes, "of a message"));
  options.threads =
      static_cast<int>(flags.Int("threads", options.threads, "share the load"));
  options.churn = flags.Int("churn", 0, "1: a connection each message") != 0;
  const double warm_up = flags.Float("warmup", 0.5, "seconds before it counts");
  const double seconds =
      flags.Float("seconds", 5, "that count; 0: until the input ends");
  const int64_t cpu = flags.Int("cpu", -1, "to be pinned to; -1: none");
  flags.Finish();
  if (cpu >= 0) Pin(cpu);

  Load load(options);
  load.Start();
  Sleep(warm_up);
  load.Count();
  std::printf("counting\n");
  std::fflush(stdout);
  if (seconds > 0) {
    Sleep(seconds);
  } else {
    WaitForEndOfInput();
  }
  const LoadResult result = load.Stop();
  Print(result);
  return result.errors == 0 ? 0 : 1;
}

}  // namespace
}  // namespace parkour::bench

int main(int argc, char** argv) { return parkour::bench::Main(argc, argv); }
