// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

//
// Nobody stops the others: neither who computes nor who blocks. With one P and
// the whole runtime (sysmon, poller).

#include <unistd.h>

#include <stdexcept>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/parkour.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/sched.h"
#include "parkour/runtime/test_util.h"

namespace parkour {
namespace {

using runtime::Blocking;
using runtime::testing::Eventually;
using runtime::testing::kMs;
using runtime::testing::kSecond;
using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

struct Pipe {
  Pipe() { EXPECT_EQ(pipe(fds), 0); }
  ~Pipe() {
    close(fds[0]);
    close(fds[1]);
  }
  char Read() {
    char c = 0;
    EXPECT_EQ(read(fds[0], &c, 1), 1);
    return c;
  }
  void Write(char c) { EXPECT_EQ(write(fds[1], &c, 1), 1); }
  int fds[2];
};

// The reader can only return if the writer runs meanwhile.
TEST(Blocking, OthersRunMeanwhile) {
  ProcsScope procs(1);
  Pipe pipe;
  for (int i = 0; i < 50; ++i) {
    RunInGoroutine([&] {
      Chan<char> got = MakeChan<char>(1);
      go([&pipe, got] { got.Send(Blocking([&] { return pipe.Read(); })); });
      runtime::Gosched();
      go([&pipe, i] { pipe.Write(static_cast<char>('a' + i % 26)); });
      EXPECT_EQ(got.Recv(), 'a' + i % 26);
    });
  }
}

// Even without Blocking: the thread is retaken like a hog's.
TEST(Blocking, ForgottenBlockingStopsNobody) {
  ProcsScope procs(1);
  Pipe pipe;
  RunInGoroutine([&] {
    Chan<char> got = MakeChan<char>(1);
    go([&pipe, got] { got.Send(pipe.Read()); });
    runtime::Gosched();
    go([&pipe] { pipe.Write('x'); });
    EXPECT_EQ(got.Recv(), 'x');
  });
}

TEST(Blocking, ManyAtOnce) {
  ProcsScope procs(1);
  constexpr int kReaders = 20;
  std::vector<Pipe> pipes(kReaders);
  sync::WaitGroup wg;
  for (Pipe& p : pipes) {
    wg.Go([&p] { EXPECT_EQ(Blocking([&] { return p.Read(); }), 'y'); });
  }
  RunInGoroutine([&] {
    for (Pipe& p : pipes) {
      p.Write('y');
      runtime::Gosched();
    }
  });
  wg.Wait();
}

TEST(Blocking, ReturnsVoidValuesAndExceptions) {
  RunInGoroutine([] {
    int n = 0;
    Blocking([&] { n = 1; });
    EXPECT_EQ(n, 1);
    EXPECT_EQ(*Blocking([] { return std::make_unique<int>(2); }), 2);
    EXPECT_THROW(Blocking([]() -> int { throw std::runtime_error("x"); }),
                 std::runtime_error);
    EXPECT_EQ(std::uncaught_exceptions(), 0);
  });
}

// In and out of system calls on all Ps while their number changes.
TEST(BlockingStress, WhilePsComeAndGo) {
  ProcsScope procs(2);
  base::Atomic<bool> done{false};
  std::thread resize([&] {
    for (int i = 0; !done.load(); ++i) {
      runtime::GOMAXPROCS(1 + i % 4);
      base::SleepFor(kMs / 10);
    }
  });
  sync::WaitGroup wg;
  base::Atomic<int> n{0};
  for (int i = 0; i < 16; ++i) {
    wg.Go([&, i] {
      for (int j = 0; j < Scaled(1000); ++j) {
        Blocking([&] {
          if (j % 100 == i) base::SleepFor(kMs / 10);
        });
        n.fetch_add(1);
        if (j % 8 == 0) runtime::Gosched();
      }
    });
  }
  wg.Wait();
  done.store(true);
  resize.join();
  EXPECT_EQ(n.load(), 16 * Scaled(1000));
}

// A hog spins, without a call of ours, until somebody else has run.
TEST(Hog, StopsNobody) {
  for (int hogs = 1; hogs <= 3; ++hogs) {
    ProcsScope procs(1);
    base::Atomic<bool> flag{false};
    base::Atomic<int> spinning{0};
    sync::WaitGroup wg;
    RunInGoroutine([&] {
      for (int i = 0; i < hogs; ++i) {
        wg.Go([&] {
          spinning.fetch_add(1);
          while (!flag.load(base::kRelaxed)) base::CpuRelax();
        });
      }
      while (spinning.load() < hogs) runtime::Gosched();
      flag.store(true);
    });
    wg.Wait();
  }
}

// The world stops although a goroutine never calls the runtime.
TEST(Hog, DoesNotStopGOMAXPROCS) {
  ProcsScope procs(2);
  base::Atomic<bool> flag{false};
  base::Atomic<bool> spinning{false};
  sync::WaitGroup wg;
  wg.Go([&] {
    spinning.store(true);
    while (!flag.load(base::kRelaxed)) base::CpuRelax();
  });
  ASSERT_TRUE(Eventually([&] { return spinning.load(); }));
  for (int i = 0; i < 100; ++i) runtime::GOMAXPROCS(1 + i % 4);
  RunInGoroutine([] {});
  flag.store(true);
  wg.Wait();
}

TEST(Hog, TimersFireMeanwhile) {
  ProcsScope procs(1);
  base::Atomic<bool> flag{false};
  sync::WaitGroup wg;
  wg.Go([&] {
    time::Sleep(absl::Milliseconds(5));
    flag.store(true);
  });
  wg.Go([&] {
    while (!flag.load(base::kRelaxed)) base::CpuRelax();
  });
  wg.Wait();
}

// Who has once been a hog does not get a whole slice again at others' cost:
// sysmon is called when it runs.
TEST(Hog, IsRemembered) {
  ProcsScope procs(1);
  base::Atomic<bool> flag{false};
  sync::WaitGroup wg;
  wg.Go([&] {
    EXPECT_EQ(runtime::getg()->hog, 0);
    const uint32_t before = runtime::sched.sysmonhurry.load();
    go([&] { flag.store(true); });
    while (!flag.load(base::kRelaxed)) base::CpuRelax();
    // The other one ran, so the P was taken. A slice longer without a call
    // makes a hog; sysmon is called when its sleep is over.
    const int64_t end = base::nanotime() + 2 * runtime::kForcePreempt;
    while (base::nanotime() < end) base::CpuRelax();
    time::Sleep(absl::Milliseconds(1));
    EXPECT_NE(runtime::getg()->hog, 0);
    // Quick from now on, it is forgotten.
    for (int i = 0; i < 10000 && runtime::getg()->hog != 0; ++i) {
      time::Sleep(absl::Microseconds(1));
    }
    EXPECT_EQ(runtime::getg()->hog, 0);
    EXPECT_NE(runtime::sched.sysmonhurry.load(), before);
  });
  wg.Wait();
  // The next one on that stack begins without a past.
  RunInGoroutine([] { EXPECT_EQ(runtime::getg()->hog, 0); });
}

// Many goroutines that compute, all at once: threads do not become as many.
TEST(Hog, ManyTakeFewThreads) {
  constexpr int kHogs = 300;
  ProcsScope procs(2);
  const int64_t before = runtime::NumThread();
  base::Atomic<int64_t> sum{0};
  sync::WaitGroup wg;
  for (int i = 0; i < kHogs; ++i) {
    wg.Go([&] {
      const int64_t end = base::nanotime() + 15 * kMs;
      while (base::nanotime() < end) base::CpuRelax();
      sum.fetch_add(1);
    });
  }
  wg.Wait();
  EXPECT_EQ(sum.load(), kHogs);
  // Four per P go on computing, and the Ps need threads themselves. A thread
  // that the machine does not let run looks blocked at times.
  EXPECT_LE(runtime::NumThread() - before, 40);
}

// A hog that calls the runtime now and then: it loses its P in between and
// gets one again, hundreds of times, without losing a count.
TEST(HogStress, RetakenAgainAndAgain) {
  ProcsScope procs(1);
  sync::Mutex mu;
  int64_t n = 0;  // guarded by mu
  sync::WaitGroup wg;
  for (int i = 0; i < 3; ++i) {
    wg.Go([&] {
      for (int j = 0; j < 8; ++j) {
        const int64_t end = base::nanotime() + 15 * kMs;
        while (base::nanotime() < end) {
        }
        mu.Lock();
        ++n;
        mu.Unlock();
      }
    });
  }
  wg.Wait();
  EXPECT_EQ(n, 24);
}

// Go: TestPingPongHog. Two pairs, each readying each other through runnext,
// one with a thousand times the work per turn: a pair shares one time slice,
// so both get about the same share of the P.
class Pair {
 public:
  Pair(int work, const base::Atomic<bool>* done) : work_(work), done_(done) {}

  void Start(sync::WaitGroup* wg) {
    wg->Go([this] { Play(ping_, pong_); });
    wg->Go([this] { Play(pong_, ping_); });
  }
  void Serve() { ping_.Send({}); }
  int64_t count() const { return count_.load(base::kRelaxed); }

 private:
  void Play(Chan<Unit> in, Chan<Unit> out) {
    for (Unit u : in) {
      for (int i = 0; i < work_; ++i) {
        count_.store(count_.load(base::kRelaxed) + 1, base::kRelaxed);
      }
      if (done_->load()) break;
      out.Send(u);
    }
    if (!closed_.exchange(true)) out.Close();
  }

  const int work_;
  const base::Atomic<bool>* const done_;
  Chan<Unit> ping_ = MakeChan<Unit>();
  Chan<Unit> pong_ = MakeChan<Unit>();
  base::Atomic<int64_t> count_{0};
  base::Atomic<bool> closed_{false};
};

TEST(Preempt, PingPongHog) {
  ProcsScope procs(1);
  base::Atomic<bool> done{false};
  Pair hog(1000000, &done);
  Pair light(1000, &done);
  sync::WaitGroup wg;
  RunInGoroutine([&] {
    hog.Start(&wg);
    light.Start(&wg);
    hog.Serve();
    light.Serve();
    // Slices are as long as sysmon's ticks, which come late on a busy machine:
    // a few are no measure. In the long run both get their share.
    const int64_t least = Scaled(400) * int64_t{1000000};
    const auto shared = [&] {
      const int64_t h = hog.count();
      const int64_t l = light.count();
      return h + l > least && h < 20 * l && l < 20 * h;
    };
    while (!shared() && hog.count() + light.count() < 20 * least) {
      time::Sleep(absl::Milliseconds(10));
    }
    EXPECT_TRUE(shared()) << hog.count() << " to " << light.count();
    done.store(true);
  });
  wg.Wait();
}

// Go: TestTimerFairness. Two goroutines ready each other for ever; a timer
// fires all the same.
TEST(Preempt, TimerFairness) {
  ProcsScope procs(1);
  base::Atomic<bool> done{false};
  Chan<int> ch = MakeChan<int>();
  sync::WaitGroup wg;
  wg.Go([&, ch] {
    while (!done.load()) ch.Send(1);
    ch.Close();
  });
  wg.Go([ch] {
    for (int v : ch) EXPECT_EQ(v, 1);
  });
  RunInGoroutine([&] {
    for (int i = 0; i < 5; ++i) time::Sleep(absl::Milliseconds(5));
    done.store(true);
  });
  wg.Wait();
}

// Go: TestTimerFairness2: the same with system calls.
TEST(Preempt, TimerFairnessInSystemCalls) {
  ProcsScope procs(1);
  base::Atomic<bool> done{false};
  sync::WaitGroup wg;
  for (int i = 0; i < 2; ++i) {
    wg.Go([&] {
      while (!done.load()) Blocking([] { return getppid(); });
    });
  }
  RunInGoroutine([&] {
    for (int i = 0; i < 5; ++i) time::Sleep(absl::Milliseconds(5));
    done.store(true);
  });
  wg.Wait();
}

// A goroutine in the queue behind a pair that readies each other runs.
TEST(Preempt, QueuedBehindAPair) {
  ProcsScope procs(1);
  for (int i = 0; i < 10; ++i) {
    base::Atomic<bool> done{false};
    Pair pair(10, &done);
    sync::WaitGroup wg;
    RunInGoroutine([&] {
      pair.Start(&wg);
      pair.Serve();
      go([&done] { done.store(true); });
    });
    wg.Wait();
  }
}

}  // namespace
}  // namespace parkour
