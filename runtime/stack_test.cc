// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/stack.h"

#include <alloca.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/sys.h"
#include "parkour/runtime/test_util.h"

namespace parkour::runtime {
namespace {

constexpr size_t kKb = 1024;
constexpr size_t kFactor = PARKOUR_ASAN || PARKOUR_TSAN ? 4 : 1;

std::vector<G*> Allocate(int n, size_t size) {
  std::vector<G*> gs;
  for (int i = 0; i < n; ++i) gs.push_back(*stackalloc(size));
  return gs;
}

void Free(const std::vector<G*>& gs) {
  for (G* gp : gs) stackfree(gp);
}

TEST(Stack, SlotSizes) {
  EXPECT_EQ(StackSlotSize(0), 256 * kKb * kFactor);
  EXPECT_EQ(StackSlotSize(0), DefaultStackSize());
  EXPECT_EQ(StackSlotSize(1), 64 * kKb);
  EXPECT_EQ(StackSlotSize(64 * kKb / kFactor), 64 * kKb);
  EXPECT_EQ(StackSlotSize(64 * kKb / kFactor + 1), 128 * kKb);
  EXPECT_EQ(StackSlotSize(100 * kKb / kFactor), 128 * kKb);
  EXPECT_EQ(StackSlotSize(8192 * kKb / kFactor), 8192 * kKb);
  EXPECT_EQ(StackSlotSize(kMaxStackSize), kMaxStackSize);
}

TEST(Stack, SlotSizesAtTheEnd) {
  EXPECT_EQ(StackSlotSize(kMaxStackSize + 1), kMaxStackSize);
  EXPECT_EQ(StackSlotSize(SIZE_MAX / 8), kMaxStackSize);
}

TEST(Stack, SlotsDoNotOverlapAndAreUsable) {
  std::vector<G*> gs;
  for (size_t size : {size_t{0}, 64 * kKb, 128 * kKb, 1024 * kKb}) {
    for (G* gp : Allocate(150, size)) {
      EXPECT_EQ(gp->slot_size, StackSlotSize(size));
      gs.push_back(gp);
    }
  }
  std::sort(gs.begin(), gs.end(),
            [](G* a, G* b) { return a->slot_lo < b->slot_lo; });
  uintptr_t end = 0;
  for (G* gp : gs) {
    EXPECT_GE(gp->slot_lo, end);
    end = gp->slot_lo + gp->slot_size;
    EXPECT_EQ(gp->stack_lo, gp->slot_lo + kStackGuardSize);
    EXPECT_EQ(gp->stack_hi, reinterpret_cast<uintptr_t>(gp));
    EXPECT_LE(gp->stack_hi + sizeof(G), end);
    EXPECT_EQ(readgstatus(gp), kGidle);
    // Lowest and highest usable bytes.
    *reinterpret_cast<char*>(gp->stack_lo) = 1;
    *reinterpret_cast<char*>(gp->stack_hi - 1) = 1;
  }
  Free(gs);
}

TEST(Stack, ColoursDiffer) {
  const std::vector<G*> gs = Allocate(64, 512 * kKb);
  std::map<uintptr_t, int> by_offset;
  for (G* gp : gs) ++by_offset[reinterpret_cast<uintptr_t>(gp) % 4096];
  EXPECT_GE(by_offset.size(), 16u);
  for (const auto& [offset, n] : by_offset) {
    EXPECT_EQ(offset % 64, 0u);
    EXPECT_LE(n, 4);
  }
  Free(gs);
}

TEST(Stack, FreedSlotsAreReused) {
  const std::vector<G*> first = Allocate(100, 128 * kKb);
  const uint64_t slots = ReadStackCounts().slots;
  std::set<G*> freed(first.begin(), first.end());
  Free(first);
  const std::vector<G*> again = Allocate(100, 128 * kKb);
  for (G* gp : again) EXPECT_EQ(freed.count(gp), 1u);
  EXPECT_EQ(ReadStackCounts().slots, slots);
  Free(again);
}

TEST(Stack, TakeAndGive) {
  Free(Allocate(10, 0));
  GList list;
  stacktake(&list, 8);
  EXPECT_EQ(list.size(), 8u);
  stackgive(&list);
  EXPECT_TRUE(list.empty());
  const uint64_t slots = ReadStackCounts().slots;
  Free(Allocate(10, 0));
  EXPECT_EQ(ReadStackCounts().slots, slots);
}

// Of the default size, with memory and with guards that hold.
TEST(Stack, MakesManyAtOnce) {
  Free(Allocate(300, 0));
  const uint64_t slots = ReadStackCounts().slots;
  GList list;
  stackmake(&list);
  const size_t n = list.size();
  EXPECT_GE(n, 10u);
  EXPECT_EQ(ReadStackCounts().slots, slots + n);
  std::set<G*> seen;
  while (G* gp = list.Pop()) {
    EXPECT_TRUE(seen.insert(gp).second);
    EXPECT_EQ(readgstatus(gp), kGidle);
    EXPECT_EQ(gp->slot_size, DefaultStackSize());
    EXPECT_TRUE(gp->guarded);
    EXPECT_EQ(StackOfGuardAddress(gp->slot_lo), gp);
    unsigned char present = 0;
    const uintptr_t top = gp->slot_lo + gp->slot_size - kPageSize;
    EXPECT_EQ(
        base::sys::Resident(reinterpret_cast<void*>(top), kPageSize, &present),
        0);
    EXPECT_EQ(present & 1, 1);
    stackfree(gp);
  }
  EXPECT_EQ(seen.size(), n);
}

TEST(StackDeathTest, ManyAtOnceAreGuarded) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  for (const GuardKind kind : {GuardKind::kMadvise, GuardKind::kMprotect}) {
    ForceGuardKind(kind);
    Free(Allocate(300, 0));
    GList list;
    stackmake(&list);
    ASSERT_FALSE(list.empty());
    while (G* gp = list.Pop()) {
      *reinterpret_cast<volatile char*>(gp->stack_lo) = 1;
      if (list.empty() || list.size() == 7) {
        EXPECT_DEATH(*reinterpret_cast<volatile char*>(gp->stack_lo - 1) = 1,
                     "");
      }
      stackfree(gp);
    }
  }
  ForceGuardKind(GuardKind::kMadvise);
}

TEST(Stack, ForEachGSeesEverySlotOnce) {
  const std::vector<G*> gs = Allocate(300, 64 * kKb);
  std::map<G*, int> seen;
  ForEachG(
      [](G* gp, void* arg) {
        if (gp->is_newborn) return;
        ++(*static_cast<std::map<G*, int>*>(arg))[gp];
      },
      &seen);
  EXPECT_EQ(seen.size(), ReadStackCounts().slots);
  for (G* gp : gs) EXPECT_EQ(seen[gp], 1);
  Free(gs);
}

TEST(Stack, OfGuardAddress) {
  const std::vector<G*> gs = Allocate(3, 256 * kKb);
  for (G* gp : gs) {
    EXPECT_EQ(StackOfGuardAddress(gp->slot_lo), gp);
    EXPECT_EQ(StackOfGuardAddress(gp->stack_lo - 1), gp);
    EXPECT_EQ(StackOfGuardAddress(gp->stack_lo), nullptr);
    EXPECT_EQ(StackOfGuardAddress(gp->stack_hi), nullptr);
  }
  int here;
  EXPECT_EQ(StackOfGuardAddress(reinterpret_cast<uintptr_t>(&here)), nullptr);
  EXPECT_EQ(StackOfGuardAddress(0), nullptr);
  EXPECT_EQ(StackOfGuardAddress(UINTPTR_MAX), nullptr);
  Free(gs);
}

TEST(Stack, AllocatedByManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<std::vector<G*>> got(4);
  for (auto& mine : got) {
    threads.emplace_back([&mine] {
      for (int round = 0; round < 20; ++round) {
        Free(mine);
        mine = Allocate(50, 2048 * kKb);
        for (G* gp : mine) {
          std::memset(reinterpret_cast<void*>(gp->stack_hi - 64), 1, 64);
        }
      }
    });
  }
  for (auto& t : threads) t.join();
  std::set<G*> all;
  for (auto& mine : got) {
    all.insert(mine.begin(), mine.end());
    Free(mine);
  }
  EXPECT_EQ(all.size(), 200u);
}

class GuardDeathTest : public ::testing::TestWithParam<GuardKind> {
 protected:
  GuardDeathTest() {
    ::testing::FLAGS_gtest_death_test_style = "threadsafe";
    ForceGuardKind(GetParam());
  }
  ~GuardDeathTest() override { ForceGuardKind(GuardKind::kMadvise); }

  // A slot that was never used before: each kind has a size of its own.
  static G* Fresh() {
    const StackCounts before = ReadStackCounts();
    G* const gp =
        *stackalloc((size_t{64} << static_cast<int>(GetParam())) << 20);
    EXPECT_EQ(ReadStackCounts().slots, before.slots + 1);
    return gp;
  }

  static void Touch(uintptr_t addr) {
    *reinterpret_cast<volatile char*>(addr) = 1;
  }
};

TEST_P(GuardDeathTest, Guard) {
  const StackCounts before = ReadStackCounts();
  G* const gp = Fresh();
  const StackCounts after = ReadStackCounts();
  const bool guarded = GetParam() != GuardKind::kNone;
  EXPECT_EQ(gp->guarded, guarded);
  EXPECT_EQ(after.unguarded - before.unguarded, guarded ? 0u : 1u);
  EXPECT_EQ(after.slabs, before.slabs + 1);
  if (GetParam() == GuardKind::kMprotect) {
    EXPECT_EQ(after.mprotected, before.mprotected + 1);
  }
  Touch(gp->stack_lo);
  if (guarded) {
    EXPECT_DEATH(Touch(gp->stack_lo - 1), "");
    EXPECT_DEATH(Touch(gp->slot_lo), "");
  } else {
    Touch(gp->stack_lo - 1);
    Touch(gp->slot_lo);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, GuardDeathTest,
                         ::testing::Values(GuardKind::kMadvise,
                                           GuardKind::kMprotect,
                                           GuardKind::kNone));

// Writes n bytes of stack, ends included, in one frame.
__attribute__((noinline)) void UseStack(size_t n) {
  volatile char* const frame = static_cast<volatile char*>(alloca(n));
  frame[n - 1] = 1;
  frame[0] = frame[n - 1];
}

int Recurse(int n);
int (*volatile recurse)(int) = Recurse;  // opaque to the optimiser

int Recurse(int n) {
  UseStack(512);
  return recurse(n + 1) + 1;
}

TEST(OverflowDeathTest, NamesTheGoroutine) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(testing::RunInGoroutine([] { Recurse(1); }),
              ::testing::ExitedWithCode(2),
              "runtime: goroutine [0-9]+ stack exceeds [0-9]+-byte limit\n"
              "fatal error: stack overflow");
}

// One frame larger than the guard must not step over it.
TEST(OverflowDeathTest, LargeFrameHitsTheGuard) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(testing::RunInGoroutine([] { UseStack(4096 * kKb); }),
              ::testing::ExitedWithCode(2),
              "runtime: goroutine [0-9]+ stack exceeds [0-9]+-byte limit");
}

TEST(OverflowDeathTest, TheWholeStackIsUsable) {
  testing::RunInGoroutine([] { UseStack(200 * kKb); });
  base::Note done;
  go({.stack_size = 16 << 20}, [&done] {
    UseStack(15 << 20);
    done.Wakeup();
  });
  done.Sleep();
}

}  // namespace
}  // namespace parkour::runtime
