// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/proc_test.go, by meaning: progress, parallelism and locked
// threads. Its tests of the scheduler's parts are in proc_sched_test.cc.

#include <time.h>

#include "parkour/base/thread.h"
#include "parkour/parkour.h"
#include "parkour/tests/conformance/context/go_test.h"

namespace parkour::tests {
namespace {

using runtime::testing::ProcsScope;
using runtime::testing::Scaled;

// Starts its own successor, for ever: at any moment one of them is runnable.
void PerpetuumMobile(const Chan<Unit>& stop, const Chan<Unit>& stopped) {
  if (Ready(stop)) {
    stopped.Send({});
    return;
  }
  go([=] { PerpetuumMobile(stop, stopped); });
}

// Go stops the world by garbage collections and by GOMAXPROCS; here it is
// GOMAXPROCS against itself, and there is something to run all the time.
GO_TEST(ProcTest, TestStopTheWorldDeadlock) {
  ProcsScope procs(3);
  const Chan<Unit> stop = MakeChan<Unit>();
  const Chan<Unit> stopped = MakeChan<Unit>();
  const Chan<bool> compl_ = MakeChan<bool>(2);
  for (int other : {2, 4}) {
    go([compl_, other] {
      for (int i = 0; i < Scaled(1000); ++i) {
        runtime::GOMAXPROCS(i % 2 == 0 ? other : 3);
      }
      compl_.Send(true);
    });
  }
  go([=] { PerpetuumMobile(stop, stopped); });
  for (int i = 0; i < 2; ++i) EXPECT_EQ(compl_.Recv(), true);
  stop.Close();
  stopped.Recv();
}

// Somebody who only yields lets the others get on.
void YieldProgress(bool locked) {
  const Chan<bool> c = MakeChan<bool>();
  const Chan<bool> ack = MakeChan<bool>();
  go([c, ack, locked] {
    if (locked) runtime::LockOSThread();
    while (!Ready(c)) runtime::Gosched();
    ack.Send(true);
  });
  runtime::Gosched();
  c.Send(true);
  EXPECT_EQ(ack.Recv(), true);
}

GO_TEST(ProcTest, TestYieldProgress) {
  for (int n : {1, 2, 4}) {
    ProcsScope procs(n);
    YieldProgress(/*locked=*/false);
  }
}

GO_TEST(ProcTest, TestYieldLockedProgress) {
  for (int n : {1, 2, 4}) {
    ProcsScope procs(n);
    YieldProgress(/*locked=*/true);
  }
}

GO_TEST(ProcTest, TestYieldLocked) {
  const Chan<bool> c = MakeChan<bool>();
  go([c] {
    runtime::LockOSThread();
    const int thread = base::ThreadId();
    bool same = true;
    for (int i = 0; i < 10; ++i) {
      runtime::Gosched();
      same = same && base::ThreadId() == thread;
      time::Sleep(absl::Milliseconds(1));
      same = same && base::ThreadId() == thread;
    }
    c.Send(same);
    // Ends without an UnlockOSThread.
  });
  EXPECT_EQ(c.Recv(), true);
}

// Goroutine p of n does what is its turn, thrice: without all of them running
// at once this never ends, for nobody enters the runtime meanwhile.
void TakeTurns(base::Atomic<int>* turn, int n, int p) {
  for (int i = 0; i < 3; ++i) {
    const int mine = n * i + p;
    while (turn->load() != mine) base::CpuRelax();
    turn->store(mine + 1);
  }
}

constexpr int kParallel = 4;

GO_TEST(ProcTest, TestGoroutineParallelism) {
  ProcsScope procs(kParallel);
  for (int i = 0; i < 5; ++i) {
    const Chan<bool> done = MakeChan<bool>();
    base::Atomic<int> turn{0};
    for (int p = 0; p < kParallel; ++p) {
      go([&turn, done, p] {
        TakeTurns(&turn, kParallel, p);
        done.Send(true);
      });
    }
    for (int p = 0; p < kParallel; ++p) done.Recv();
  }
}

// Brings as many threads into being as there are Ps. When it returns they are
// about to find nothing to do.
void RunOnAllPs() {
  const Chan<bool> done = MakeChan<bool>();
  base::Atomic<int> running{0};
  for (int p = 0; p < kParallel; ++p) {
    go([&running, done] {
      running.fetch_add(1);
      while (running.load() < kParallel) base::CpuRelax();
      done.Send(true);
    });
  }
  for (int p = 0; p < kParallel; ++p) done.Recv();
}

// Somebody who waits for the network, so that idle threads look there.
class Acceptor {
 public:
  Acceptor() : listener_(net::Listen("tcp", "127.0.0.1:0")) {
    if (!listener_.ok()) {
      ADD_FAILURE() << listener_.status();
      return;
    }
    go([listener = *listener_, done = done_] {
      done.Send(listener.Accept().ok());
    });
  }
  ~Acceptor() {
    if (!listener_.ok()) return;
    EXPECT_TRUE(listener_->Close().ok());
    EXPECT_EQ(done_.Recv(), false);
  }
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

 private:
  const absl::StatusOr<net::Listener> listener_;
  const Chan<bool> done_ = MakeChan<bool>();
};

// As above, with goroutines started by goroutines while threads go to sleep or
// wait in the poller.
void GoroutineParallelism2(bool load, bool netpoll) {
  ProcsScope procs(kParallel);
  for (int i = 0; i < 5; ++i) {
    if (load) RunOnAllPs();
    std::optional<Acceptor> acceptor;
    if (netpoll) acceptor.emplace();
    const Chan<bool> done = MakeChan<bool>();
    base::Atomic<int> turn{0};
    for (int p = 0; p < kParallel; p += 2) {
      go([&turn, done, p] {
        for (int second : {0, 1}) {
          go([&turn, done, p, second] {
            TakeTurns(&turn, kParallel, p + second);
            done.Send(true);
          });
        }
      });
    }
    for (int p = 0; p < kParallel; ++p) done.Recv();
  }
}

GO_TEST(ProcTest, TestGoroutineParallelism2) {
  GoroutineParallelism2(/*load=*/false, /*netpoll=*/false);
  GoroutineParallelism2(/*load=*/true, /*netpoll=*/false);
  GoroutineParallelism2(/*load=*/false, /*netpoll=*/true);
  GoroutineParallelism2(/*load=*/true, /*netpoll=*/true);
}

// A locked goroutine that blocks gives its P to the one it waits for.
GO_TEST(ProcTest, TestBlockLocked) {
  for (int n : {1, 2}) {
    ProcsScope procs(n);
    const Chan<bool> c = MakeChan<bool>();
    go([c] {
      runtime::LockOSThread();
      for (int i = 0; i < 10; ++i) c.Send(true);
      runtime::UnlockOSThread();
      c.Close();
    });
    int received = 0;
    for (bool v : c) received += v;
    EXPECT_EQ(received, 10);
  }
}

// Two goroutines that wait for each other by spinning: on one P each must be
// made to leave for the other. Go has a check of the stack's bound in the loop;
// we try it without any call into the runtime and with one that never parks.
GO_TEST(ProcTest, TestPreemption) {
  const Chan<int> empty = MakeChan<int>(1);
  for (bool calls : {false, true}) {
    ProcsScope procs(1);
    base::Atomic<int> turn{0};
    sync::WaitGroup wg;
    for (int g = 0; g < 2; ++g) {
      wg.Go([&turn, empty, calls, g] {
        for (int i = 0; i < 5; ++i) {
          while (turn.load() != g) {
            if (calls) empty.TryRecv();
            base::CpuRelax();
          }
          turn.store(1 - g);
        }
      });
    }
    wg.Wait();
    EXPECT_EQ(turn.load(), 0);
  }
}

// One that is back from a system call of whatever length and computes from
// then on does not keep its P.
GO_TEST(ProcTest, TestPreemptionAfterSyscall) {
  ProcsScope procs(1);
  for (long us : {10, 100, 1000, 10000, 50000}) {
    const timespec pause = {0, us * 1000};
    base::Atomic<bool> in_loop{false};
    base::Atomic<bool> stop{false};
    sync::WaitGroup wg;
    wg.Go([&] {
      runtime::Blocking([&] { nanosleep(&pause, nullptr); });
      in_loop.store(true);
      while (!stop.load()) base::CpuRelax();
    });
    while (!in_loop.load()) runtime::Gosched();
    stop.store(true);
    wg.Wait();
  }
}

}  // namespace
}  // namespace parkour::tests
