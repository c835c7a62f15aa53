// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The limit of the small workloads: what they cost when whoever goes on next
// needs no looking for. Bare jumps between stacks, on one thread; only where
// two processors share the work of `buffered` are there two.

#include <sys/mman.h>

#include <algorithm>
#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "parkour/base/atomic.h"
#include "parkour/bench/flags.h"
#include "parkour/bench/measure.h"

namespace parkour::bench {
namespace {

namespace fctx = boost::context::detail;

constexpr size_t kStack = 64 << 10;
constexpr int64_t kBatch = 1000;
constexpr size_t kSlots = 128;

// Stacks that are never given back: the process is short.
char* Stacks(size_t n) {
  void* const p = mmap(nullptr, n * kStack, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    std::perror("mmap");
    std::exit(1);
  }
  return static_cast<char*>(p);
}

fctx::fcontext_t NewContext(void (*entry)(fctx::transfer_t)) {
  static char* const stack = Stacks(1);
  return fctx::make_fcontext(stack + kStack, kStack, entry);
}

// Goes on with what it was given, whenever it is jumped to.
void Return(fctx::transfer_t t) {
  for (;;) t = fctx::jump_fcontext(t.fctx, t.data);
}

void Switch(int64_t n) {
  fctx::transfer_t t{NewContext(Return), nullptr};
  for (int64_t i = 0; i < n / 2; ++i) t = fctx::jump_fcontext(t.fctx, nullptr);
}

void PingPong(int64_t n) {
  fctx::transfer_t t{NewContext(Return), nullptr};
  for (int64_t i = 0; i < n; ++i) t = fctx::jump_fcontext(t.fctx, &i);
}

// One side writes head, the other tail.
struct Ring {
  alignas(64) base::Atomic<uint64_t> head{0};
  alignas(64) base::Atomic<uint64_t> tail{0};
  alignas(64) int64_t slots[kSlots];

  bool Put(int64_t v) {
    const uint64_t t = tail.load(base::kRelaxed);
    if (t - head.load(base::kAcquire) == kSlots) return false;
    slots[t % kSlots] = v;
    tail.store(t + 1, base::kRelease);
    return true;
  }

  bool Take(int64_t* v) {
    const uint64_t h = head.load(base::kRelaxed);
    if (h == tail.load(base::kAcquire)) return false;
    *v = slots[h % kSlots];
    head.store(h + 1, base::kRelease);
    return true;
  }
};

void Fill(fctx::transfer_t t) {
  Ring* const ring = static_cast<Ring*>(t.data);
  for (int64_t i = 0;; ++i) {
    while (!ring->Put(i)) t = fctx::jump_fcontext(t.fctx, nullptr);
  }
}

void Buffered(int64_t n) {
  Ring ring;
  fctx::transfer_t t{NewContext(Fill), nullptr};
  for (int64_t i = 0, v; i < n; ++i) {
    while (!ring.Take(&v)) t = fctx::jump_fcontext(t.fctx, &ring);
  }
}

// Spins; gives way only when the other side does not seem to run.
template <typename F>
void Until(const F& done) {
  constexpr int kPatience = 10000;
  for (int spins = 0; !done();) {
    base::CpuRelax();
    if (++spins % kPatience == 0) std::this_thread::yield();
  }
}

void BufferedByTwo(int64_t n) {
  Ring ring;
  std::thread producer([&] {
    for (int64_t i = 0; i < n; ++i) {
      Until([&] { return ring.Put(i); });
    }
  });
  for (int64_t i = 0, v; i < n; ++i) {
    Until([&] { return ring.Take(&v); });
  }
  producer.join();
}

// Ends at once: nobody jumps to it again.
void End(fctx::transfer_t t) {
  ++*static_cast<int64_t*>(t.data);
  fctx::jump_fcontext(t.fctx, nullptr);
}

// As in a runtime, a batch is made before the first of it runs.
void Spawn(int64_t n) {
  static char* const stacks = Stacks(kBatch);
  std::vector<fctx::fcontext_t> ready;
  ready.reserve(kBatch);
  int64_t ended = 0;
  while (ended < n) {
    const int64_t batch = std::min(n - ended, kBatch);
    for (int64_t i = 1; i <= batch; ++i) {
      ready.push_back(fctx::make_fcontext(stacks + i * kStack, kStack, End));
    }
    for (fctx::fcontext_t c : ready) fctx::jump_fcontext(c, &ended);
    ready.clear();
  }
}

constexpr Small kAll[] = {{"switch", Switch},
                          {"pingpong", PingPong},
                          {"buffered", Buffered},
                          {"buffered2w", BufferedByTwo},
                          {"spawn", Spawn}};

}  // namespace
}  // namespace parkour::bench

int main(int argc, char** argv) {
  using namespace parkour::bench;
  Flags flags(argc, argv);
  const int64_t procs = flags.Int("procs", 1, "2: buffered has two threads");
  std::string workload = flags.String("workload", "", "as of micro");
  const double seconds = flags.Float("seconds", 0.5, "it runs about so long");
  const int64_t n = flags.Int("n", 0, "instead: so many, all at once");
  flags.Finish();
  if (procs > 1 && workload == "buffered") workload = "buffered2w";
  return Measure(kAll, workload, seconds, n);
}
