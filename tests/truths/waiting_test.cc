// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What blocks a thread instead of parking a goroutine: std::call_once, the
// initialisation of static objects, std::mutex and the likes. None of it is
// good style in a goroutine; none of it may stop the others, although there is
// one P. The whole runtime is here: it is sysmon that hands the P on.

#include <atomic>
#include <condition_variable>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/thread.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/truths/migrate.h"

namespace parkour::truths {
namespace {

using runtime::LockOSThread;
using runtime::UnlockOSThread;
using runtime::testing::Eventually;
using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

// Returns when the thread that a goroutine announced in `tid` sleeps in the
// kernel. With one P it is this goroutine's turn only because the P was taken
// from that thread.
void AwaitBlocked(const base::Atomic<int>& tid) {
  EXPECT_TRUE(Eventually([&] {
    const int t = tid.load();
    return t != 0 && t != base::ThreadId() && base::ThreadState(t) == 'S';
  }));
}

// Goroutines that call block() and are freed by release(), which runs when all
// of them block their threads.
template <typename Block, typename Release>
void BlockAndRelease(int count, Block block, Release release) {
  std::vector<base::Atomic<int>> tids(count);
  sync::WaitGroup wg;
  for (base::Atomic<int>& tid : tids) {
    wg.Go([&] {
      tid.store(base::ThreadId());
      block();
    });
  }
  for (base::Atomic<int>& tid : tids) AwaitBlocked(tid);
  release();
  wg.Wait();
}

// ---- std::call_once ----

TEST(CallOnce, ActiveFunctionParksAndMigrates) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    for (int i = 0; i < 5; ++i) {
      std::once_flag flag;
      int calls = 0;
      Chan<Unit> inside = MakeChan<Unit>();
      Chan<Unit> resume = MakeChan<Unit>();
      sync::WaitGroup wg;
      wg.Go([&] {
        std::call_once(flag, [&] {
          const int before = base::ThreadId();
          inside.Send({});
          resume.Recv();
          MigrateFrom(before);
          EXPECT_NE(base::ThreadId(), before);
          ++calls;
        });
        EXPECT_EQ(calls, 1);
      });
      inside.Recv();
      BlockAndRelease(
          3,
          [&] {
            std::call_once(flag, [&] { calls += 100; });
            EXPECT_EQ(calls, 1);
          },
          [&] { resume.Send({}); });
      wg.Wait();
      EXPECT_EQ(calls, 1);
    }
  });
}

// ---- Static objects ----

// An object for each kId is initialised once a process.
template <int kId>
struct Slow {
  template <typename F>
  explicit Slow(F init) {
    init();
    value = kId;
  }
  template <typename F>
  [[gnu::noinline]] static int Get(F init) {
    static Slow slow(init);
    return slow.value;
  }
  int value = 0;
};

TEST(StaticObject, InitialisationParksAndMigrates) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    using Object = Slow<1>;
    Chan<Unit> inside = MakeChan<Unit>();
    Chan<Unit> resume = MakeChan<Unit>();
    base::Atomic<int> inits{0};
    const auto init = [&] {
      inits.fetch_add(1);
      const int before = base::ThreadId();
      inside.Send({});
      resume.Recv();
      MigrateFrom(before);
      EXPECT_NE(base::ThreadId(), before);
    };
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_EQ(Object::Get(init), 1); });
    inside.Recv();
    BlockAndRelease(
        3, [&] { EXPECT_EQ(Object::Get(init), 1); }, [&] { resume.Send({}); });
    wg.Wait();
    EXPECT_EQ(inits.load(), 1);
  });
}

// It throws on another thread than it began on; somebody who waited tries next.
TEST(StaticObject, InitialisationThrowsAfterMigration) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    using Object = Slow<2>;
    Chan<Unit> inside = MakeChan<Unit>();
    Chan<Unit> resume = MakeChan<Unit>();
    base::Atomic<int> inits{0};
    const auto init = [&] {
      if (inits.fetch_add(1) > 0) return;
      inside.Send({});
      resume.Recv();
      Migrate();
      throw std::runtime_error("first");
    };
    sync::WaitGroup wg;
    wg.Go([&] { EXPECT_THROW(Object::Get(init), std::runtime_error); });
    inside.Recv();
    BlockAndRelease(
        3, [&] { EXPECT_EQ(Object::Get(init), 2); }, [&] { resume.Send({}); });
    wg.Wait();
    EXPECT_EQ(inits.load(), 2);
  });
}

// ---- Locks ----

// Locked to its thread a goroutine may hold a std::mutex wherever it parks.
TEST(StdMutex, HeldByALockedGoroutineThatParks) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    std::mutex mu;
    Chan<Unit> held = MakeChan<Unit>();
    Chan<Unit> release = MakeChan<Unit>();
    sync::WaitGroup wg;
    wg.Go([&] {
      LockOSThread();
      {
        std::lock_guard lock(mu);
        held.Send({});
        release.Recv();
      }
      UnlockOSThread();
    });
    held.Recv();
    int entered = 0;
    BlockAndRelease(
        3,
        [&] {
          std::lock_guard lock(mu);
          ++entered;
        },
        [&] { release.Send({}); });
    wg.Wait();
    EXPECT_EQ(entered, 3);
  });
}

TEST(StdMutex, HeldByAPlainThread) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    std::mutex mu;
    Chan<Unit> held = MakeChan<Unit>();
    Chan<Unit> release = MakeChan<Unit>();
    std::thread thread([&] {
      std::lock_guard lock(mu);
      held.Send({});
      release.Recv();
    });
    held.Recv();
    BlockAndRelease(
        3, [&] { std::lock_guard lock(mu); }, [&] { release.Send({}); });
    thread.join();
  });
}

TEST(StdMutex, AFewLinesAtATime) {
  ProcsScope procs(4);
  std::mutex mu;
  std::shared_mutex rw;
  int n = 0;  // guarded by mu
  int m = 0;  // guarded by rw
  constexpr int kGoroutines = 8;
  sync::WaitGroup wg;
  for (int i = 0; i < kGoroutines; ++i) {
    wg.Go([&] {
      for (int j = 0; j < Scaled(2000); ++j) {
        {
          std::lock_guard lock(mu);
          ++n;
        }
        if (j % 16 == 0) runtime::Gosched();
        if (std::shared_lock lock(rw); m < 0) ADD_FAILURE();
        {
          std::lock_guard lock(rw);
          ++m;
        }
      }
    });
  }
  wg.Wait();
  EXPECT_EQ(n, kGoroutines * Scaled(2000));
  EXPECT_EQ(m, kGoroutines * Scaled(2000));
}

TEST(StdSharedMutex, WritersAndReadersWait) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    std::shared_mutex mu;
    Chan<Unit> held = MakeChan<Unit>();
    Chan<Unit> release = MakeChan<Unit>();
    std::thread thread([&] {
      std::lock_guard lock(mu);
      held.Send({});
      release.Recv();
    });
    held.Recv();
    base::Atomic<int> turn{0};
    BlockAndRelease(
        4,
        [&] {
          if (turn.fetch_add(1) % 2 == 0) {
            std::shared_lock lock(mu);
          } else {
            std::lock_guard lock(mu);
          }
        },
        [&] { release.Send({}); });
    thread.join();
  });
}

// ---- And the likes ----

TEST(StdConditionVariable, OneNotifiesTheOthers) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    std::mutex mu;
    std::condition_variable cv;
    bool go_on = false;  // guarded by mu
    BlockAndRelease(
        3,
        [&] {
          std::unique_lock lock(mu);
          cv.wait(lock, [&] { return go_on; });
        },
        [&] {
          std::lock_guard lock(mu);
          go_on = true;
          cv.notify_all();
        });
  });
}

TEST(StdAtomic, Wait) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    std::atomic<int> word = 0;
    BlockAndRelease(
        3, [&] { word.wait(0); },
        [&] {
          word = 1;
          word.notify_all();
        });
  });
}

TEST(StdLatch, ArriveAndWait) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    std::latch latch(4);
    BlockAndRelease(
        3, [&] { latch.arrive_and_wait(); }, [&] { latch.count_down(); });
  });
}

TEST(StdFuture, ValueFromAnotherGoroutine) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    BlockAndRelease(
        1, [&] { EXPECT_EQ(future.get(), 7); }, [&] { promise.set_value(7); });
  });
}

// The exception was thrown on one thread, caught on another and is thrown again
// on a third.
TEST(StdFuture, ExceptionFromAnotherGoroutine) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    BlockAndRelease(
        1, [&] { EXPECT_THROW(future.get(), std::runtime_error); },
        [&] {
          try {
            throw std::runtime_error("x");
          } catch (...) {
            Migrate();
            promise.set_exception(std::current_exception());
          }
        });
  });
}

TEST(StdThread, JoinedByAGoroutine) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    Chan<Unit> end = MakeChan<Unit>();
    std::thread thread([&] { end.Recv(); });
    BlockAndRelease(
        1, [&] { thread.join(); }, [&] { end.Send({}); });
    EXPECT_FALSE(thread.joinable());
  });
}

// The count is atomic as soon as a process has two threads, which it has
// before the first goroutine runs.
TEST(StdSharedPtr, CopiedEverywhere) {
  ProcsScope procs(4);
  const auto shared = std::make_shared<int>(5);
  sync::WaitGroup wg;
  for (int i = 0; i < 8; ++i) {
    wg.Go([shared] {
      for (int j = 0; j < Scaled(5000); ++j) {
        const std::shared_ptr<int> copy = shared;
        const std::weak_ptr<int> weak = copy;
        if (j % 64 == 0) runtime::Gosched();
        EXPECT_EQ(*weak.lock(), 5);
      }
    });
  }
  wg.Wait();
  EXPECT_TRUE(Eventually([&] { return shared.use_count() == 1; }));
}

}  // namespace
}  // namespace parkour::truths
