// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A shared object that has Parkour inside.

#include <atomic>

#include "parkour/parkour.h"

// How many of n goroutines have run.
extern "C" int RunGoroutines(int n) {
  using namespace parkour;
  std::atomic<int> ran = 0;
  sync::WaitGroup wg;
  for (int i = 0; i < n; ++i) {
    wg.Go([&ran] {
      time::Sleep(absl::Microseconds(10));
      try {
        throw 1;
      } catch (int one) {
        runtime::Gosched();
        ran += one;
      }
    });
  }
  wg.Wait();
  return ran;
}
