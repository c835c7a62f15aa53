// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/scavenge.h"

#include <alloca.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "parkour/runtime/park.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/stack_stats.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::runtime {
namespace {

using testing::RunInGoroutine;
using testing::Scaled;

constexpr size_t kKb = 1024;

// Dirties `bytes` of stack below the caller's frame.
__attribute__((noinline)) void Touch(size_t bytes) {
  char* const p = static_cast<char*>(alloca(bytes));
  for (size_t i = 0; i < bytes; i += 512) p[i] = 1;
  asm volatile("" : : "r"(p) : "memory");
}

// Calls fn under frames of 1 KiB each, whose contents it checks afterwards.
template <typename Fn>
__attribute__((noinline)) bool Deep(int depth, unsigned char seed, Fn& fn) {
  unsigned char frame[kKb];
  std::memset(frame, seed, sizeof(frame));
  asm volatile("" : : "r"(frame) : "memory");
  bool ok = true;
  if (depth > 0) {
    ok = Deep(depth - 1, static_cast<unsigned char>(seed + 1), fn);
  } else {
    fn();
  }
  asm volatile("" : : "r"(frame) : "memory");
  for (unsigned char byte : frame) ok = ok && byte == seed;
  return ok;
}

// n goroutines that touched `bytes` and then wait for Release().
class Parked {
 public:
  [[gnu::noinline]] Parked(int n, size_t bytes, const GoOptions& options = {})
      : n_(n) {
    sync::WaitGroup touched;
    touched.Add(n);
    for (int i = 0; i < n; ++i) {
      go(options, [this, &touched, bytes] {
        Touch(bytes);
        touched.Done();
        semacquire(&gate_, WaitReason::kSemacquire);
        done_.Done();
      });
    }
    done_.Add(n);
    touched.Wait();
    // All have parked when all but the runtime's bookkeeping is done.
    EXPECT_TRUE(testing::Eventually([n] { return Waiting() >= n; }));
  }
  ~Parked() {
    for (int i = 0; i < n_; ++i) semrelease(&gate_);
    done_.Wait();
    EXPECT_TRUE(testing::GoroutinesBackTo(before_));
  }

 private:
  static int Waiting() {
    int n = 0;
    ForEachG(
        [](G* gp, void* arg) {
          *static_cast<int*>(arg) += readgstatus(gp) == kGwaiting;
        },
        &n);
    return n;
  }

  const int n_;
  const int64_t before_ = NumGoroutine();
  base::Atomic<uint32_t> gate_{0};
  sync::WaitGroup done_;
};

TEST(Scavenge, FreeStacksAreGivenBack) {
  const int n = Scaled(1000);
  const StackStats before = ReadStackStats();
  { Parked parked(n, 100 * kKb); }
  ASSERT_TRUE(testing::GoroutinesBackTo(0));
  const StackStats spike = ReadStackStats();
  EXPECT_GE(spike.resident_bytes,
            before.resident_bytes + n * 100 * kKb * 9 / 10);
  FreeOSMemory();
  const StackStats after = ReadStackStats();
  // What Ps that run keep for themselves is not taken from them.
  EXPECT_LE(after.free, 150);
  const size_t least = n > 150 ? n - 150 : 0;
  EXPECT_GE(after.cold, before.cold + n - 150);
  EXPECT_GE(after.freed_stacks, before.freed_stacks + least);
  EXPECT_GE(after.released_bytes, before.released_bytes + least * 100 * kKb);
  // The slots are used again, and nothing is wrong with them.
  { Parked parked(n, 100 * kKb); }
  EXPECT_LE(ReadStackStats().reserved_bytes, spike.reserved_bytes);
}

TEST(Scavenge, NotBeforeTwoTurns) {
  { Parked parked(100, 4 * kKb); }
  ASSERT_TRUE(testing::GoroutinesBackTo(0));
  FreeOSMemory();
  GList others;
  stacktake(&others, 1000);  // what Ps have given back since
  std::vector<G*> gs;
  for (int i = 0; i < 50; ++i) gs.push_back(*stackalloc(0));
  for (G* gp : gs) stackfree(gp);
  base::MutexLock lock(&scavenge_mu);
  EXPECT_FALSE(scavengeFree(100));
  scavengeTurn();
  EXPECT_FALSE(scavengeFree(100)) << "cool ones were taken";
  scavengeTurn();
  const uint64_t before = ReadScavengeCounts().freed_stacks;
  while (scavengeFree(1)) {
  }
  EXPECT_EQ(ReadScavengeCounts().freed_stacks, before + 50);
  stackgive(&others);
}

TEST(Scavenge, WhatIsUsedStaysHot) {
  FreeOSMemory();
  for (int turn = 0; turn < 10; ++turn) {
    G* const gp = *stackalloc(128 * kKb);
    stackfree(gp);
    base::MutexLock lock(&scavenge_mu);
    scavengeTurn();
    while (scavengeFree(100)) {
    }
    const Slab* const slab = SlabOf(gp->slot_lo);
    ASSERT_NE(slab, nullptr);
    const size_t index = (gp->slot_lo - slab->base) / slab->slot_size;
    EXPECT_EQ(slab->state[index].load(), SlotState::kMade);
  }
}

TEST(Scavenge, ParkedGoroutinesKeepWhatTheyUse) {
  RunInGoroutine([] {
    const int n = Scaled(400);
    const StackStats before = ReadStackStats();
    base::Atomic<uint32_t> gate{0};
    base::Atomic<int> good{0};
    sync::WaitGroup parked, done;
    for (int i = 0; i < n; ++i) {
      parked.Add(1);
      done.Add(1);
      go([&, i] {
        Touch(100 * kKb);
        auto wait = [&] {
          parked.Done();
          semacquire(&gate, WaitReason::kSemacquire);
        };
        if (Deep(10, static_cast<unsigned char>(i), wait)) good.fetch_add(1);
        done.Done();
      });
    }
    parked.Wait();
    // The last ones may be on their way into the semaphore still.
    ASSERT_TRUE(testing::Eventually([&] {
      FreeOSMemory();
      return ReadStackStats().trimmed_stacks >=
             before.trimmed_stacks + static_cast<uint64_t>(n);
    }));
    const StackStats after = ReadStackStats();
    EXPECT_GE(after.released_bytes,
              before.released_bytes + static_cast<uint64_t>(n) * 80 * kKb);
    EXPECT_GE(after.deepest.used, 100 * kKb) << "the peak is forgotten";
    for (int i = 0; i < n; ++i) semrelease(&gate);
    done.Wait();
    EXPECT_EQ(good.load(), n);
  });
}

// Goroutines that park and are woken all the time, at changing depths, with a
// scavenger that trims whatever it finds waiting.
TEST(Scavenge, StressAgainstWakers) {
  const int pairs = 8;
  const int rounds = Scaled(4000);
  base::Atomic<bool> stop{false};
  base::Note scavenger_done;
  struct Arg {
    base::Atomic<bool>* stop;
    base::Note* done;
  } arg{&stop, &scavenger_done};
  ASSERT_EQ(base::StartThread(
                "scavenger", size_t{1} << 20,
                [](void* p) {
                  Arg* const a = static_cast<Arg*>(p);
                  while (!a->stop->load()) FreeOSMemory();
                  a->done->Wakeup();
                },
                &arg),
            0);
  const uint64_t trimmed = ReadScavengeCounts().trimmed_stacks;
  base::Atomic<int> bad{0};
  {
    sync::WaitGroup done;
    std::vector<std::unique_ptr<base::Atomic<uint32_t>>> semas;
    for (int i = 0; i < 2 * pairs; ++i) {
      semas.push_back(std::make_unique<base::Atomic<uint32_t>>(0));
    }
    for (int i = 0; i < 2 * pairs; ++i) {
      done.Add(1);
      go([&, i] {
        for (int r = 0; r < rounds; ++r) {
          auto exchange = [&] {
            semrelease(semas[static_cast<size_t>(i ^ 1)].get());
            semacquire(semas[static_cast<size_t>(i)].get(),
                       WaitReason::kSemacquire);
          };
          if (!Deep((i * 7 + r) % 24, static_cast<unsigned char>(r),
                    exchange)) {
            bad.fetch_add(1);
          }
        }
        done.Done();
      });
    }
    done.Wait();
  }
  stop.store(true);
  scavenger_done.Sleep();
  EXPECT_EQ(bad.load(), 0);
  EXPECT_GT(ReadScavengeCounts().trimmed_stacks, trimmed);
}

TEST(Scavenge, AWakerDoesNotWait) {
  G* const gp = *stackalloc(0);
  gp->atomicstatus.store(kGwaiting);
  EXPECT_TRUE(wakeg(gp));
  EXPECT_EQ(gp->atomicstatus.load(), kGrunnable);
  gp->atomicstatus.store(kGwaiting | kGscan);
  EXPECT_EQ(readgstatus(gp), kGwaiting);
  EXPECT_FALSE(wakeg(gp)) << "it is the scavenger's to queue";
  EXPECT_EQ(gp->atomicstatus.load(), kGrunnable | kGscan);
  gp->atomicstatus.store(kGdead);
  stackfree(gp);
}

// A goroutine that parks on a stack of its own making has a stack pointer that
// says nothing about ours, and may lie above it, with other stacks in between.
TEST(Scavenge, AForeignStackPointerIsNoLimit) {
  std::vector<G*> gs;
  for (int i = 0; i < 20; ++i) gs.push_back(*stackalloc(512 * kKb));
  for (G* gp : gs) {
    std::memset(reinterpret_cast<char*>(gp->stack_lo), 7, 64 * kKb);
  }
  G* const lowest = *std::min_element(gs.begin(), gs.end());
  G* const highest = *std::max_element(gs.begin(), gs.end());
  lowest->sched.sp = reinterpret_cast<void*>(highest->stack_hi - 64);
  lowest->atomicstatus.store(kGwaiting);
  FreeOSMemory();
  EXPECT_EQ(lowest->atomicstatus.load(), kGwaiting);
  for (G* gp : gs) {
    EXPECT_EQ(*reinterpret_cast<char*>(gp->stack_lo + 4096), 7);
  }
  lowest->atomicstatus.store(kGidle);
  for (G* gp : gs) stackfree(gp);
  FreeOSMemory();  // or the next test finds deep stacks
}

TEST(Scavenge, NearOverflowIsNoticed) {
  const uint64_t before = ReadStackStats().near_overflows;
  const size_t usable = StackSlotSize(64 * kKb) - kStackGuardSize;
  {
    Parked parked(3, usable * 95 / 100 - 2 * kKb,
                  {.stack_size = 64 * kKb, .name = "deep"});
    FreeOSMemory();
    EXPECT_EQ(ReadStackStats().near_overflows, before + 3);
    const std::vector<StackUse> deepest = DeepestStacks(3);
    ASSERT_EQ(deepest.size(), 3u);
    for (const StackUse& use : deepest) {
      EXPECT_EQ(use.name, "deep");
      EXPECT_GE(use.used, use.size / 10 * 9);
      EXPECT_LE(use.used, use.size);
      EXPECT_NE(use.created_by.find("Parked"), std::string::npos)
          << use.created_by;
    }
    FreeOSMemory();
    EXPECT_EQ(ReadStackStats().near_overflows, before + 3) << "counted twice";
  }
  // Who comes next on these stacks has not been deep.
  Parked parked(3, 4 * kKb, {.stack_size = 64 * kKb});
  FreeOSMemory();
  EXPECT_EQ(ReadStackStats().near_overflows, before + 3);
}

TEST(Scavenge, DeepestFirst) {
  // An earlier test's goroutine has said that it is done before it is gone.
  ASSERT_TRUE(testing::GoroutinesBackTo(0));
  Parked shallow(2, 4 * kKb, {.name = "shallow"});
  Parked deep(2, 150 * kKb, {.name = "deep"});
  Parked middle(2, 60 * kKb, {.name = "middle"});
  const std::vector<StackUse> all = DeepestStacks(1000);
  EXPECT_EQ(all.size(), 6u);
  EXPECT_EQ(all[0].name, "deep");
  for (size_t i = 1; i < all.size(); ++i) {
    EXPECT_GE(all[i - 1].used, all[i].used);
  }
  EXPECT_EQ(DeepestStacks(2).size(), 2u);
  EXPECT_EQ(ReadStackStats().deepest.name, "deep");
  EXPECT_EQ(ReadStackStats().live, 6);
}

}  // namespace
}  // namespace parkour::runtime
