// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A P that always finds something in the poller, beside one that does not get
// on: what waits for the second must not wait for the end of that.

#include <cstdint>

#include "gtest/gtest.h"
#include "parkour/base/atomic.h"
#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/park.h"
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

// Something always ready, on whatever P is free.
class Busy {
 public:
  Busy() {
    go([this] {
      while (!end_.load()) {
        turns_.fetch_add(1);
        poller.Wait();
      }
      ended_.Wakeup();
    });
  }
  ~Busy() {
    end_.store(true);
    ended_.Sleep();
  }
  int64_t turns() const { return turns_.load(); }

 private:
  base::Atomic<bool> end_{false};
  base::Atomic<int64_t> turns_{0};
  base::Note ended_;
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

// Calls f in a goroutine that holds one of two Ps, while the other is busy.
template <typename F>
void BesideBusyP(F f) {
  const ProcsScope procs(2);
  RunInGoroutine([&f] {
    Busy busy;
    RuntimeScope in;
    const int64_t before = busy.turns();
    ASSERT_TRUE(SpinUntil([&] { return busy.turns() > before + 100; }));
    f();
    const int64_t after = busy.turns();
    ASSERT_TRUE(SpinUntil([&] { return busy.turns() > after + 100; }));
  });
}

TEST(Relieve, TakesWhatIsQueued) {
  static base::Atomic<int> ran{0};  // the last one runs when the test is over
  BesideBusyP([] {
    constexpr int kQueued = 10;
    for (int i = 0; i <= kQueued; ++i) go([] { ran.fetch_add(1); });
    // All but the last, which is this P's runnext.
    EXPECT_TRUE(SpinUntil([&] { return ran.load() >= kQueued; }));
    EXPECT_EQ(ran.load(), kQueued);
  });
}

TEST(Relieve, RunsDueTimers) {
  BesideBusyP([] {
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

}  // namespace
}  // namespace parkour::runtime
