// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A P that always finds something in the poller, beside one that does not get
// on: what waits for the second must not wait for the end of that.

#include <cstdint>
#include <memory>

#include "gtest/gtest.h"
#include "parkour/base/atomic.h"
#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/test_util.h"
#include "parkour/runtime/timers.h"

namespace parkour::runtime {
namespace {

using testing::kSecond;
using testing::ProcsScope;
using testing::RunInGoroutine;

// One goroutine waits for I/O, and is ready whenever somebody asks.
class AlwaysReady : public Netpoller {
 public:
  int32_t Poll(int64_t delay_ns, GQueue* ready) override {
    G* gp = waiting_.exchange(nullptr);
    if (gp == nullptr && delay_ns != 0) {
      base::FutexWait(&broken_, 0, delay_ns);
      broken_.store(0);
      gp = waiting_.exchange(nullptr);
    }
    if (gp == nullptr) return 0;
    ready->PushBack(gp);
    return -1;
  }

  void Break() override {
    broken_.store(1);
    base::FutexWake(&broken_, 1);
  }

  size_t Scavenge(uint64_t, size_t) override { return 0; }

  // Parks the calling goroutine.
  void Wait() {
    RuntimeScope in;
    gopark(
        [](G* gp, void* self) {
          auto* const poller = static_cast<AlwaysReady*>(self);
          netpollAdjustWaiters(1);
          poller->waiting_.store(gp);
          poller->Break();
          return true;
        },
        this, WaitReason::kIOWait);
  }

 private:
  base::Atomic<G*> waiting_{nullptr};
  base::Atomic<uint32_t> broken_{0};
};

AlwaysReady poller;
[[maybe_unused]] const bool installed = (SetNetpoller(&poller), true);

// Something always ready, on whatever P is free, until this is gone.
class Busy {
 public:
  Busy() {
    go([state = state_] {
      while (!state->end.load()) {
        state->turns.fetch_add(1);
        poller.Wait();
      }
      state->ended.store(true);
    });
  }
  ~Busy() {
    state_->end.store(true);
    EXPECT_TRUE(testing::Eventually([this] { return state_->ended.load(); }));
  }
  int64_t turns() const { return state_->turns.load(); }

 private:
  struct State {
    base::Atomic<bool> end{false};
    base::Atomic<bool> ended{false};
    base::Atomic<int64_t> turns{0};
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Holds its P, which nobody takes from code of the runtime, until pred() holds
// or patience ends.
template <typename Pred>
bool SpinUntil(Pred pred) {
  const int64_t end = base::nanotime() + 20 * kSecond;
  while (!pred()) {
    if (base::nanotime() > end) return false;
    base::CpuRelax();
  }
  return true;
}

// Calls f in a goroutine that holds one of n Ps, while another is busy.
template <typename F>
void BesideBusyP(int n, F f) {
  const ProcsScope procs(n);
  RunInGoroutine([&f] {
    const Busy busy;
    const RuntimeScope in;
    const auto goes_on = [&busy, before = busy.turns()] {
      return busy.turns() > before + 100;
    };
    ASSERT_TRUE(SpinUntil(goes_on));
    f(busy);
  });
}

TEST(Relieve, TakesWhatIsQueued) {
  BesideBusyP(2, [](const Busy&) {
    constexpr int kQueued = 10;
    const auto ran = std::make_shared<base::Atomic<int>>(0);
    for (int i = 0; i <= kQueued; ++i) go([ran] { ran->fetch_add(1); });
    // All but the last, which is this P's runnext.
    EXPECT_TRUE(SpinUntil([&] { return ran->load() >= kQueued; }));
  });
}

TEST(Relieve, RunsDueTimers) {
  BesideBusyP(2, [](const Busy&) {
    base::Atomic<bool> fired{false};
    Timer timer;
    timer.f = [](void* arg, uintptr_t, int64_t) {
      static_cast<base::Atomic<bool>*>(arg)->store(true);
    };
    timer.arg = &fired;
    timerStart(&timer, base::nanotime() + 1000, /*period=*/0);
    EXPECT_TRUE(SpinUntil([&] { return fired.load(); }));
  });
}

// Every other look at most takes something: the poller must have its turn.
TEST(Relieve, NotTwiceInARow) {
  const ProcsScope two(2);
  base::Atomic<bool> held{false}, end{false}, ended{false};
  RunInGoroutine([&] {
    go([&] {
      {
        const RuntimeScope in;
        for (int i = 0; i < 200; ++i) go([] {});
        held.store(true);
        EXPECT_TRUE(SpinUntil([&] { return end.load(); }));
      }
      ended.store(true);
    });
    EXPECT_TRUE(testing::Eventually([&] { return held.load(); }));
    int taken = 0;
    {
      const RuntimeScope in;
      P* const p = getm()->p;
      GQueue mine;
      bool inherit_time, last = false;
      for (int i = 0; i < 9; ++i) {
        while (G* gp = p->runq.get(&inherit_time)) mine.PushBack(gp);
        int64_t now = 0, poll_until = 0;
        G* const gp = relieve(p, &now, &poll_until);
        EXPECT_FALSE(last && gp != nullptr) << i;
        last = gp != nullptr;
        if (gp == nullptr) continue;
        ++taken;
        mine.PushBack(gp);
      }
      while (G* gp = mine.PopFront()) runqput(p, gp, /*next=*/false);
    }
    EXPECT_GE(taken, 3);
    end.store(true);
    EXPECT_TRUE(testing::Eventually([&] { return ended.load(); }));
  });
}

// Several Ps, some of which hold theirs, and work for them: each looks at one
// other at a time, and they become more and fewer.
TEST(Relieve, AmongManyPs) {
  for (const int procs : {3, 5, 8, 3}) {
    BesideBusyP(procs, [procs](const Busy&) {
      const auto ran = std::make_shared<base::Atomic<int>>(0);
      const auto holders = std::make_shared<base::Atomic<int>>(0);
      const auto all = std::make_shared<base::Atomic<bool>>(false);
      const int others = procs - 2;
      for (int i = 0; i < others; ++i) {
        go([=] {
          const RuntimeScope in;
          for (int j = 0; j <= 10; ++j) go([ran] { ran->fetch_add(1); });
          holders->fetch_add(1);
          SpinUntil([&] { return all->load(); });
        });
      }
      go([] {});  // out of runnext with the last of them
      EXPECT_TRUE(SpinUntil([&] { return holders->load() == others; }));
      EXPECT_TRUE(SpinUntil([&] { return ran->load() >= 10 * others; }));
      all->store(true);
    });
  }
}

}  // namespace
}  // namespace parkour::runtime
