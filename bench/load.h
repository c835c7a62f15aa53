// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// load.h: closed-loop echo load over plain threads and epoll.
//
//   Load load({.address = "127.0.0.1:40001", .connections = 64, .bytes = 64});
//   load.Start();
//   ...                                // warm up
//   load.Count();
//   ...
//   LoadResult result = load.Stop();
//
// Each connection sends a message, waits until all of it has come back,
// compares every byte, and sends the next. A latency is the time from before
// the first send to after the last read.
//
// A request costs a write and a read, and its share of an epoll_wait:
// everything is registered once, edge-triggered. With `churn` each message has
// a connection of its own, which counts from before connect and is closed when
// the answer is there.

#ifndef PARKOUR_BENCH_LOAD_H_
#define PARKOUR_BENCH_LOAD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "parkour/bench/histogram.h"

namespace parkour::bench {

struct LoadOptions {
  std::string address = {};
  int connections = 64;
  int bytes = 64;
  int threads = 1;
  bool churn = false;
};

struct LoadResult {
  Histogram latency;      // of the requests answered, in ns
  double per_second = 0;  // requests answered
  double seconds = 0;     // of counting
  double cpu = 0;         // share of a CPU that the busiest thread used
  int64_t oldest_ns = 0;  // how long the oldest request unanswered has waited
  int64_t errors = 0;     // connections lost, or answered wrongly
};

enum class Phase { kWarmUp, kCount, kStop };

class LoadThread;

class Load {
 public:
  // Connects.
  explicit Load(const LoadOptions& options);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Start sends the first requests; what is answered counts from Count to Stop.
  // REQUIRES: each is called once, in this order.
  void Start();
  void Count();
  LoadResult Stop();

 private:
  std::atomic<Phase> phase_{Phase::kWarmUp};
  std::vector<std::unique_ptr<LoadThread>> loads_;
  std::vector<std::thread> threads_;
};

}  // namespace parkour::bench

#endif  // PARKOUR_BENCH_LOAD_H_
