// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Run by sandbox_test.cc with the name of what is refused. Exit status 0: all
// is well; 77: the kernel refuses to refuse.

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "deny.h"
#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/parkour.h"
#include "parkour/runtime/sched.h"
#include "parkour/runtime/stack.h"

namespace parkour::tests {
namespace {

constexpr int kCannot = 77;
constexpr int64_t kMs = 1000000;

void Compute(int64_t ns) {
  const int64_t end = base::nanotime() + ns;
  while (base::nanotime() < end) base::CpuRelax();
}

// Goroutines that compute, block, park and yield on two Ps: Ps change hands all
// the time. Returns whether every count is right.
bool Mixture() {
  constexpr int kEach = 4;
  constexpr int kRounds = 10;
  sync::WaitGroup wg;
  sync::Mutex mu;
  int n = 0;
  const Chan<int> numbers = MakeChan<int>();
  for (int i = 0; i < kEach; ++i) {
    wg.Go([&] {
      for (int j = 0; j < kRounds; ++j) {
        Compute(15 * kMs);
        mu.Lock();
        ++n;
        mu.Unlock();
      }
    });
    wg.Go([&] {
      for (int j = 0; j < kRounds; ++j) {
        usleep(15000);
        mu.Lock();
        ++n;
        mu.Unlock();
      }
    });
    wg.Go([&] {
      for (int j = 0; j < 1000; ++j) numbers.Send(j);
    });
    wg.Go([&] {
      for (int j = 0; j < 1000; ++j) numbers.Recv();
    });
    wg.Go([&] {
      for (int j = 0; j < 1000; ++j) runtime::Gosched();
    });
  }
  wg.Wait();
  return n == 2 * kEach * kRounds;
}

// One goroutine spins until another, on the same P, has run.
bool HogStopsNobody() {
  const int old = runtime::GOMAXPROCS(1);
  base::Atomic<bool> flag{false};
  sync::WaitGroup wg;
  wg.Go([&] {
    while (!flag.load(base::kRelaxed)) base::CpuRelax();
  });
  wg.Go([&] { flag.store(true); });
  wg.Wait();
  runtime::GOMAXPROCS(old);
  return true;
}

int NoMembarrier() {
  if (!DenySystemCalls({SYS_membarrier}, ENOSYS)) return kCannot;
  if (!runtime::Start({.gomaxprocs = 2}).ok()) return 2;
  if (base::has_membarrier) return 3;
  return HogStopsNobody() && Mixture() ? 0 : 1;
}

// All threads but those that there are: work waits for them.
int NoMoreThreads() {
  if (!runtime::Start({.gomaxprocs = 2}).ok()) return 2;
  sync::WaitGroup wg;
  wg.Go([] { time::Sleep(absl::Milliseconds(1)); });
  wg.Wait();
  const int64_t threads = runtime::NumThread();
  if (!DenySystemCalls({SYS_clone, SYS_clone3}, EAGAIN)) return kCannot;
  if (!Mixture()) return 1;
  std::printf("%ld more threads\n", runtime::NumThread() - threads);
  return runtime::NumThread() <= threads ? 0 : 3;
}

// A kernel before 6.13, in which mprotect does the guards.
int NoGuardInstall() {
  if (!DenySystemCalls({SYS_madvise}, EINVAL)) return kCannot;
  if (!Mixture()) return 1;
  runtime::FreeOSMemory();  // does nothing, and harms nobody
  return Mixture() ? 0 : 1;
}

// A kernel before 6.15: guards and pages one by one.
int NoAdviceInBulk() {
  if (!DenySystemCalls({SYS_process_madvise}, EPERM)) return kCannot;
  constexpr int kMany = 500;
  sync::WaitGroup begun, wg;
  begun.Add(kMany);
  const Chan<int> end = MakeChan<int>();
  for (int i = 0; i < kMany; ++i) {
    wg.Go([&] {
      begun.Done();
      end.Recv();
    });
  }
  begun.Wait();
  for (int i = 0; i < kMany; ++i) end.Send(i);
  wg.Wait();
  const runtime::StackCounts counts = runtime::ReadStackCounts();
  if (counts.slots < kMany) return 1;
  return counts.unguarded == 0 && Mixture() ? 0 : 2;
}

// A container without /proc cannot be told from one with it by this; what is
// shown is that nobody looks for it in vain: open fails for all files.
int NoFiles() {
  if (!DenySystemCalls({SYS_open, SYS_openat}, EACCES)) return kCannot;
  return HogStopsNobody() && Mixture() ? 0 : 1;
}

int NoResidency() {
  if (!DenySystemCalls({SYS_mincore}, ENOSYS)) return kCannot;
  if (!Mixture()) return 1;
  runtime::FreeOSMemory();
  return Mixture() ? 0 : 1;
}

int Main(const char* what) {
  if (std::strcmp(what, "membarrier") == 0) return NoMembarrier();
  if (std::strcmp(what, "threads") == 0) return NoMoreThreads();
  if (std::strcmp(what, "madvise") == 0) return NoGuardInstall();
  if (std::strcmp(what, "process_madvise") == 0) return NoAdviceInBulk();
  if (std::strcmp(what, "files") == 0) return NoFiles();
  if (std::strcmp(what, "mincore") == 0) return NoResidency();
  return 2;
}

}  // namespace
}  // namespace parkour::tests

int main(int argc, char** argv) {
  return argc == 2 ? parkour::tests::Main(argv[1]) : 2;
}
