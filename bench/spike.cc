// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A spike: very many goroutines that each use a lot of their stack, all alive
// at once, and then none of them. What the process is left with is read from
// outside, while it sits at its standard input; meanwhile
// nothing happens in it, or only what the runtime does by itself.
//
// Prints "before_kb=..." (resident), "peak_kb=...", "quiet". -batch is for
// machines with too little memory: no more than so many are alive at once.

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "parkour/bench/flags.h"
#include "parkour/bench/proc.h"
#include "parkour/parkour.h"

namespace parkour::bench {
namespace {

struct Crowd {
  Chan<Unit> gate = MakeChan<Unit>();
  sync::WaitGroup arrived, done;
};

// Uses so many KiB of stack, and waits there until the gate is closed. What is
// done with the frame after the call keeps the compiler from dropping it.
[[gnu::noinline]] int Descend(int64_t kib, Crowd* crowd) {
  volatile char frame[1000];
  frame[kib % sizeof(frame)] = 1;
  int depth = 0;
  if (kib > 1) {
    depth = Descend(kib - 1, crowd);
  } else {
    crowd->arrived.Done();
    crowd->gate.Recv();
  }
  return depth + frame[kib % sizeof(frame)];
}

// Returns the memory resident when all have arrived.
int64_t Gather(int64_t goroutines, int64_t stack_kib) {
  Crowd crowd;
  crowd.arrived.Add(static_cast<int>(goroutines));
  for (int64_t i = 0; i < goroutines; ++i) {
    crowd.done.Go([&] { Descend(stack_kib, &crowd); });
  }
  crowd.arrived.Wait();
  const int64_t kb = StatusKb("VmRSS");
  crowd.gate.Close();
  crowd.done.Wait();
  return kb;
}

void Spike(int64_t goroutines, int64_t batch, int64_t stack_kib) {
  Gather(10, 1);  // what is made at the first use belongs to no spike
  std::printf("before_kb=%ld\n", StatusKb("VmRSS"));
  int64_t peak = 0;
  for (int64_t left = goroutines; left > 0; left -= batch) {
    peak = std::max(peak, Gather(std::min(left, batch), stack_kib));
  }
  std::printf("peak_kb=%ld\nquiet\n", peak);
  std::fflush(stdout);
  runtime::Blocking([] { WaitForEndOfInput(); });
}

}  // namespace
}  // namespace parkour::bench

int main(int argc, char** argv) {
  using namespace parkour;
  bench::Flags flags(argc, argv);
  const int64_t procs =
      flags.Int("procs", 0, "GOMAXPROCS; 0: as the environment says");
  const int64_t goroutines = flags.Int("goroutines", 100000, "in all");
  const int64_t batch = flags.Int("batch", 0, "alive at once; 0: all");
  const int64_t stack_kib = flags.Int("stack_kib", 100, "that each uses");
  flags.Finish();
  return parkour::Main(argc, argv, [&] {
    runtime::GOMAXPROCS(static_cast<int>(procs));
    bench::Spike(goroutines, batch > 0 ? batch : goroutines, stack_kib);
  });
}
