// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// pprof_child FOLDER: lets goroutines wait for each other and writes each
// profile into a file of the folder.

#include <cstdio>
#include <fstream>
#include <string>

#include "parkour/boot/main.h"
#include "parkour/chan/chan.h"
#include "parkour/pprof/pprof.h"
#include "parkour/runtime/go.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/time/sleep.h"

using namespace parkour;

namespace {

constexpr int kParked = 25;

__attribute__((noinline)) void ParkedForever(const Chan<int>& c) {
  c.Recv();
  asm volatile("");  // no tail call
}

// Not the same code as above, or gcc makes one function of both.
__attribute__((noinline)) int WaitsForAValue(const Chan<int>& c) {
  return *c.Recv();
}

__attribute__((noinline)) void HoldsTheLock(sync::Mutex* mu) {
  time::Sleep(absl::Milliseconds(20));
  mu->Unlock();
  asm volatile("");
}

int Run(const std::string& folder) {
  runtime::SetBlockProfileRate(1);
  runtime::SetMutexProfileFraction(1);
  const Chan<int> never = MakeChan<int>();
  for (int i = 0; i < kParked; ++i) {
    go({.name = "parked"}, ParkedForever, never);
  }
  const Chan<int> values = MakeChan<int>();
  sync::Mutex mu;
  sync::WaitGroup wg;
  wg.Go([values] { WaitsForAValue(values); });
  mu.Lock();
  wg.Go([&mu] { HoldsTheLock(&mu); });
  mu.Lock();
  mu.Unlock();
  values.Send(1);
  wg.Wait();
  for (const runtime::pprof::Profile* profile : runtime::pprof::Profiles()) {
    std::string data;
    profile->WriteTo(&data, 0);
    std::ofstream(folder + "/" + std::string(profile->Name()) + ".pb.gz")
        << data;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  return parkour::Main(argc, argv, [=] { return Run(argv[1]); });
}
