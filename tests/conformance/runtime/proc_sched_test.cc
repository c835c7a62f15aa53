// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/proc_test.go, by meaning: the scheduler's parts. Further ones
// are asked by runtime/runq_test.cc (TestSchedLocalQueue and its Steal),
// runtime/locked_test.cc (TestLockOSThreadNesting and its Exit) and
// sysmon/retake_test.cc (TestTimerFairness, TestPingPongHog).

#include <thread>
#include <vector>

#include "parkour/base/list.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/runq.h"
#include "parkour/runtime/steal_order.h"
#include "parkour/tests/conformance/context/go_test.h"

namespace parkour::tests {
namespace {

using runtime::testing::Scaled;

struct Item {
  Item* link = nullptr;
};
using Items = base::Queue<Item, &Item::link>;
using Ring = runtime::BasicRunq<Item, Items, 256>;

// Spins, so as to be there at once; not for long, in case that there is only
// one CPU to be had.
void AwaitAtLeast(const base::Atomic<int>& n, int least) {
  for (int i = 0; n.load() < least; ++i) {
    if (i < 1000) {
      base::CpuRelax();
    } else {
      base::OsYield();
    }
  }
}

// Waits until the other, too, has come to this round.
void Meet(base::Atomic<int>* arrived, int round) {
  arrived->fetch_add(1);
  AwaitAtLeast(*arrived, 2 * (round + 1));
}

// A queue with something in it at any moment is never seen empty, not while
// its owner kicks runnext into the ring either.
TEST(ProcTest, TestSchedLocalQueueEmpty) {
  const int rounds = Scaled(10000);
  Ring q;
  Item items[2];
  base::Atomic<int> arrived{0};
  base::Atomic<int> looked{0};
  base::Atomic<int> empty{0};
  std::thread observer([&] {
    for (int i = 0; i < rounds; ++i) {
      Meet(&arrived, i);
      if (q.empty()) empty.fetch_add(1);
      looked.store(i + 1);
    }
  });
  for (int i = 0; i < rounds; ++i) {
    Items overflow;
    bool inherit;
    q.put(&items[0], (i & 1) == 0, &overflow);
    Meet(&arrived, i);
    q.put(&items[1], (i & 2) == 0, &overflow);
    EXPECT_NE(q.get(&inherit), nullptr);
    AwaitAtLeast(looked, i + 1);
    EXPECT_NE(q.get(&inherit), nullptr);
  }
  observer.join();
  EXPECT_EQ(empty.load(), 0);
}

// However many Ps there are and wherever it starts, everybody comes up once.
TEST(ProcTest, TestStealOrder) {
  for (uint32_t procs = 1; procs <= 64; ++procs) {
    for (uint32_t random = 0; random < procs * procs; ++random) {
      std::vector<bool> seen(procs, false);
      uint32_t n = 0;
      for (runtime::StealOrder order(procs, random); !order.done();
           order.next()) {
        ASSERT_LT(order.at(), procs);
        ASSERT_FALSE(seen[order.at()]) << procs << " Ps, " << random;
        seen[order.at()] = true;
        ++n;
      }
      ASSERT_EQ(n, procs);
    }
  }
}

// A Break makes a poll that has long to go return. Whose poll it is the poller
// does not say: an idle thread of the scheduler may be in there, too.
TEST(ProcTest, TestNetpollBreak) {
  runtime::testing::RunInGoroutine([] {});
  base::Atomic<bool> returned{false};
  const int64_t start = base::nanotime();
  std::thread poller([&returned] {
    runtime::GQueue ready;
    runtime::netpollAdjustWaiters(
        runtime::netpoller()->Poll(30 * runtime::testing::kSecond, &ready));
    EXPECT_TRUE(ready.empty());
    returned.store(true);
  });
  while (!returned.load()) {
    runtime::netpoller()->Break();
    base::OsYield();
  }
  poller.join();
  EXPECT_LT(base::nanotime() - start, 20 * runtime::testing::kSecond);
}

}  // namespace
}  // namespace parkour::tests
