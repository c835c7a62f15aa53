// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/mprof.h"

#include <algorithm>

#include "parkour/runtime/m.h"
#include "parkour/runtime/proftable.h"
#include "parkour/runtime/stackwalk.h"

namespace parkour::runtime {

base::Atomic<bool> profilingWaits{false};

namespace {

// Nanoseconds; one in so many. 0: off.
base::Atomic<int64_t> block_rate{0};
base::Atomic<int64_t> mutex_rate{0};

constinit ProfTable blocks;
constinit ProfTable mutexes;

// Uniform over [0, n), for n beyond 32 bits, too.
int64_t Random(M* m, int64_t n) {
  const uint64_t r = (uint64_t{m->rand.Next()} << 32) | m->rand.Next();
  return static_cast<int64_t>(r % static_cast<uint64_t>(n));
}

// The caller's caller is the first frame.
__attribute__((noinline)) void save(ProfTable* table, double count, double ns) {
  uintptr_t pcs[kMaxProfileStack + 1];
  const int n = walkOwn(getm()->curg, pcs, kMaxProfileStack + 1);
  // Without blockevent or mutexevent themselves.
  const int skip = n > 0;
  table->Add(pcs + skip, n - skip, count, ns);
}

void updateSwitch() {
  profilingWaits.store(block_rate.load() > 0 || mutex_rate.load() > 0);
}

}  // namespace

// noinline, and not a tail call, so that `save` knows what to skip.
__attribute__((noinline)) void blockevent(int64_t ns) {
  const int64_t rate = block_rate.load(base::kRelaxed);
  if (rate <= 0) return;
  ns = std::max<int64_t>(ns, 1);
  if (ns >= rate) {
    save(&blocks, 1, static_cast<double>(ns));
  } else if (Random(getm(), rate) <= ns) {
    // Kept with the probability ns / rate, and so stands for rate / ns others.
    save(&blocks, static_cast<double>(rate) / static_cast<double>(ns),
         static_cast<double>(rate));
  }
  base::FenceCompiler();
}

__attribute__((noinline)) void mutexevent(int64_t ns) {
  const int64_t rate = mutex_rate.load(base::kRelaxed);
  if (rate <= 0 || Random(getm(), rate) != 0) return;
  const auto n = static_cast<double>(rate);
  save(&mutexes, n, n * static_cast<double>(std::max<int64_t>(ns, 0)));
  base::FenceCompiler();
}

void setBlockProfileRate(int64_t ns) {
  block_rate.store(std::max<int64_t>(ns, 0));
  updateSwitch();
}

// Go: a negative one only reads.
int64_t setMutexProfileFraction(int64_t fraction) {
  if (fraction < 0) return mutex_rate.load();
  const int64_t old = mutex_rate.exchange(fraction);
  updateSwitch();
  return old;
}

std::vector<WaitRecord> blockProfile() { return blocks.Read(); }
std::vector<WaitRecord> mutexProfile() { return mutexes.Read(); }

}  // namespace parkour::runtime
