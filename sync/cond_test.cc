// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/sync/cond.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "parkour/runtime/go.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/rwmutex.h"
#include "parkour/sync/scoped_lock.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::sync {
namespace {

using runtime::testing::Eventually;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

static_assert(!std::is_copy_constructible_v<Cond>);
static_assert(!std::is_copy_assignable_v<Cond>);
static_assert(!std::is_move_constructible_v<Cond>);

// A lock that does something between its release and unlock's return: inside
// Wait, that is between the ticket and the parking.
class HookedLock {
 public:
  void lock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mu_.Lock(); }
  void unlock() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    std::function<void()> hook = std::move(hook_);
    hook_ = nullptr;
    mu_.Unlock();
    if (hook) hook();
  }
  // REQUIRES: locked. For the next unlock.
  void set_hook(std::function<void()> hook) { hook_ = std::move(hook); }

 private:
  Mutex mu_;
  std::function<void()> hook_;
};

TEST(Cond, ASignalBeforeTheWaiterHasParkedIsNotLost) {
  for (bool broadcast : {false, true}) {
    HookedLock mu;
    Cond cond(&mu);
    RunInGoroutine([&] {
      mu.lock();
      mu.set_hook([&] { broadcast ? cond.Broadcast() : cond.Signal(); });
      cond.Wait();
      mu.unlock();
    });
    // And in a plain thread.
    mu.lock();
    mu.set_hook([&] { broadcast ? cond.Broadcast() : cond.Signal(); });
    cond.Wait();
    mu.unlock();
  }
}

// A has its ticket but is slow to park, B came later and has parked. The signal
// is A's.
TEST(Cond, ASignalGoesToTheEarlierTicketNotToTheOneThatParked) {
  HookedLock mu;
  Cond cond(&mu);
  base::Atomic<uint32_t> a_has_ticket{0};
  base::Atomic<uint32_t> a_may_park{0};
  base::Atomic<int> a_woken{0};
  base::Atomic<int> b_woken{0};
  WaitGroup wg;
  wg.Go([&] {
    mu.lock();
    mu.set_hook([&] {
      runtime::semrelease(&a_has_ticket);
      runtime::semacquire(&a_may_park, runtime::WaitReason::kSemacquire);
    });
    cond.Wait();
    a_woken.store(1);
    mu.unlock();
  });
  runtime::semacquire(&a_has_ticket, runtime::WaitReason::kSemacquire);
  base::Atomic<uint32_t> b_has_ticket{0};
  wg.Go([&] {
    mu.lock();
    mu.set_hook([&] { runtime::semrelease(&b_has_ticket); });
    cond.Wait();
    b_woken.store(1);
    mu.unlock();
  });
  runtime::semacquire(&b_has_ticket, runtime::WaitReason::kSemacquire);
  cond.Signal();
  runtime::semrelease(&a_may_park);
  ASSERT_TRUE(Eventually([&] { return a_woken.load() == 1; }));
  EXPECT_EQ(b_woken.load(), 0);
  cond.Signal();
  wg.Wait();
  EXPECT_EQ(b_woken.load(), 1);
}

TEST(Cond, SignalsInTheOrderOfTheWaits) {
  constexpr int kWaiters = 20;
  Mutex mu;
  Cond cond(&mu);
  int waiting = 0;
  std::vector<int> order;
  WaitGroup wg;
  for (int i = 0; i < kWaiters; ++i) {
    wg.Go([&, i] {
      MutexLock lock(&mu);
      ++waiting;
      cond.Wait();
      order.push_back(i);
    });
    // It has its ticket once the mutex is free again.
    ASSERT_TRUE(Eventually([&] {
      MutexLock lock(&mu);
      return waiting == i + 1;
    }));
  }
  for (int i = 0; i < kWaiters; ++i) {
    cond.Signal();
    ASSERT_TRUE(Eventually([&] {
      MutexLock lock(&mu);
      return static_cast<int>(order.size()) >= i + 1;
    }));
    MutexLock lock(&mu);
    ASSERT_EQ(static_cast<int>(order.size()), i + 1);
    ASSERT_EQ(order.back(), i);
  }
  wg.Wait();
  cond.Signal();  // nobody waits: no effect, not even on a later Wait
  cond.Broadcast();
}

// A Signal without a waiter is not remembered.
TEST(Cond, AnEarlierSignalDoesNotCount) {
  HookedLock mu;
  Cond cond(&mu);
  cond.Signal();
  cond.Broadcast();
  base::Atomic<uint32_t> has_ticket{0};
  base::Atomic<int> woken{0};
  WaitGroup wg;
  wg.Go([&] {
    mu.lock();
    mu.set_hook([&] { runtime::semrelease(&has_ticket); });
    cond.Wait();
    woken.store(1);
    mu.unlock();
  });
  runtime::semacquire(&has_ticket, runtime::WaitReason::kSemacquire);
  for (int i = 0; i < 100; ++i) runtime::Gosched();
  EXPECT_EQ(woken.load(), 0);
  cond.Signal();
  wg.Wait();
}

TEST(Cond, WaitsWithAPredicate) {
  Mutex mu;
  Cond cond(&mu);
  int n = 0;
  WaitGroup wg;
  wg.Go([&] {
    MutexLock lock(&mu);
    cond.Wait([&] { return n == 3; });
    EXPECT_EQ(n, 3);
  });
  for (int i = 0; i < 3; ++i) {
    std::lock_guard lock(cond.L);
    ++n;
    cond.Broadcast();
  }
  wg.Wait();
}

// Readers wait with the shared side, a writer changes what they wait for.
TEST(Cond, ReadersWaitOnAnRLocker) {
  constexpr int kReaders = 5;
  RWMutex mu;
  Cond cond(mu.RLocker());
  bool open = false;
  base::Atomic<int> inside{0};
  WaitGroup wg;
  for (int i = 0; i < kReaders; ++i) {
    wg.Go([&] {
      ReaderLock lock(&mu);
      cond.Wait([&] { return open; });
      // They hold it together.
      inside.fetch_add(1);
      EXPECT_TRUE(Eventually([&] { return inside.load() == kReaders; }));
    });
  }
  {
    WriterLock lock(&mu);
    open = true;
    cond.Broadcast();
  }
  wg.Wait();
  const bool is_free = mu.TryLock();
  if (is_free) mu.Unlock();
  EXPECT_TRUE(is_free);
}

// A bounded queue between goroutines and plain threads: every value arrives
// once.
TEST(Cond, BoundedQueueOfGoroutinesAndThreads) {
  constexpr size_t kCapacity = 3;
  constexpr int kProducers = 4;
  constexpr int kConsumers = 4;
  const int values = Scaled(4000);
  Mutex mu;
  Cond not_empty(&mu);
  Cond not_full(&mu);
  std::deque<int> queue;
  std::vector<int> seen(static_cast<size_t>(kProducers * values));
  auto produce = [&](int first) {
    for (int i = 0; i < values; ++i) {
      MutexLock lock(&mu);
      not_full.Wait([&] { return queue.size() < kCapacity; });
      queue.push_back(first + i);
      not_empty.Signal();
    }
  };
  auto consume = [&] {
    for (int i = 0; i < values; ++i) {
      MutexLock lock(&mu);
      not_empty.Wait([&] { return !queue.empty(); });
      ++seen[static_cast<size_t>(queue.front())];
      queue.pop_front();
      not_full.Signal();
    }
  };
  WaitGroup wg;
  std::vector<std::thread> threads;
  for (int i = 0; i < kProducers; ++i) {
    if (i == 0) {
      threads.emplace_back(produce, i * values);
    } else {
      wg.Go(produce, i * values);
    }
  }
  for (int i = 0; i < kConsumers; ++i) {
    if (i == 0) {
      threads.emplace_back(consume);
    } else {
      wg.Go(consume);
    }
  }
  for (std::thread& t : threads) t.join();
  wg.Wait();
  EXPECT_EQ(seen, std::vector<int>(seen.size(), 1));
}

// The waiter destroys the Cond while the Signal may not have returned yet.
TEST(Cond, TheWaiterMayDestroyIt) {
  struct Shared {
    Mutex mu;
    Cond cond{&mu};
    bool set = false;
  };
  for (int round = 0; round < Scaled(2000); ++round) {
    auto* const shared = new Shared;
    WaitGroup wg;
    wg.Go([shared] {
      shared->mu.Lock();
      shared->set = true;
      shared->cond.Signal();
      shared->mu.Unlock();
    });
    wg.Go([shared] {
      shared->mu.Lock();
      shared->cond.Wait([shared] { return shared->set; });
      shared->mu.Unlock();
      delete shared;
    });
    wg.Wait();
  }
}

}  // namespace
}  // namespace parkour::sync
