// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The limit of very many parked goroutines: a stack for each, touched by the
// one frame that stops there, and a list of those to go on. One thread, bare
// jumps. Prints what million.cc prints.

#include <sys/mman.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "parkour/base/clock.h"
#include "parkour/bench/flags.h"
#include "parkour/bench/proc.h"

namespace parkour::bench {
namespace {

namespace fctx = boost::context::detail;

constexpr size_t kStack = 64 << 10;

// In one mapping; in normal pages, or each would get 2 MiB.
char* Stacks(int64_t n) {
  const size_t size = static_cast<size_t>(n) * kStack;
  void* const p = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED || madvise(p, size, MADV_NOHUGEPAGE) != 0) {
    std::perror("mmap");
    std::exit(1);
  }
  return static_cast<char*>(p);
}

// Stops at once, and ends when it is jumped to again.
void Park(fctx::transfer_t t) {
  t = fctx::jump_fcontext(t.fctx, nullptr);
  fctx::jump_fcontext(t.fctx, nullptr);
}

double Each(int64_t total, int64_t n) {
  return static_cast<double>(total) / static_cast<double>(n);
}

void ParkAndWake(int64_t n) {
  const int64_t rss = StatusKb("VmRSS"), pte = StatusKb("VmPTE");
  char* const stacks = Stacks(n);
  std::vector<fctx::fcontext_t> parked;
  parked.reserve(static_cast<size_t>(n));
  const int64_t creating = base::nanotime();
  for (int64_t i = 1; i <= n; ++i) {
    const fctx::fcontext_t fresh =
        fctx::make_fcontext(stacks + i * kStack, kStack, Park);
    parked.push_back(fctx::jump_fcontext(fresh, nullptr).fctx);
  }
  const double create_ns = Each(base::nanotime() - creating, n);
  const double rss_b = Each((StatusKb("VmRSS") - rss) * 1024, n);
  const double pte_b = Each((StatusKb("VmPTE") - pte) * 1024, n);

  const int64_t waking = base::nanotime();
  for (const fctx::fcontext_t c : parked) fctx::jump_fcontext(c, nullptr);
  std::printf("create_ns=%.1f rss_b=%.1f pte_b=%.1f wake_ns=%.1f\n", create_ns,
              rss_b, pte_b, Each(base::nanotime() - waking, n));
}

}  // namespace
}  // namespace parkour::bench

int main(int argc, char** argv) {
  using namespace parkour::bench;
  Flags flags(argc, argv);
  const int64_t goroutines = flags.Int("goroutines", 1000000, "at once");
  flags.Finish();
  ParkAndWake(goroutines);
}
