// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

//
// Goexit and Gosched.

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::runtime {
namespace {

using testing::RunInGoroutine;
using testing::Scaled;

struct Append {
  std::string* log;
  char c;
  ~Append() { *log += c; }
};

// Not known to the compiler not to return, or it warns of the recursion.
void (*volatile leave)() = Goexit;

void Deep(std::string* log, int n) {
  Append a{log, static_cast<char>('a' + n)};
  if (n > 0) {
    Deep(log, n - 1);
  } else {
    leave();
  }
  *log += '!';
}

TEST(Goexit, RunsDestructorsInnermostFirst) {
  std::string log;
  RunInGoroutine([&log] {
    Deep(&log, 4);
    log += '!';
  });
  EXPECT_EQ(log, "abcde");
}

TEST(Goexit, WaitGroupCountsIt) {
  const int64_t before = NumGoroutine();
  sync::WaitGroup wg;
  for (int i = 0; i < 200; ++i) wg.Go([] { Goexit(); });
  wg.Wait();
  EXPECT_TRUE(testing::GoroutinesBackTo(before));
}

TEST(Goexit, DestructorsMayPark) {
  Chan<int> ch = MakeChan<int>();
  struct Sends {
    Chan<int> ch;
    ~Sends() { ch.Send(7); }
  };
  go([ch] {
    Sends s{ch};
    Goexit();
  });
  EXPECT_EQ(ch.Recv(), 7);
}

TEST(Goexit, FromACatchBlock) {
  std::string log;
  RunInGoroutine([&log] {
    Append a{&log, 'x'};
    try {
      throw 1;
    } catch (int) {
      Goexit();
    }
  });
  EXPECT_EQ(log, "x");
}

TEST(Goexit, ThroughACatchThatRethrows) {
  std::string log;
  RunInGoroutine([&log] {
    try {
      Goexit();
    } catch (...) {
      log += 'c';
      throw;
    }
  });
  EXPECT_EQ(log, "c");
}

// catch clauses with a type do not see it.
TEST(Goexit, IsNoStdException) {
  std::string log;
  RunInGoroutine([&log] {
    try {
      Goexit();
    } catch (const std::exception&) {
      log += '!';
    }
  });
  EXPECT_EQ(log, "");
}

// A dead G whose predecessor ended by Goexit is as good as new.
TEST(Goexit, ReusedAfterwards) {
  for (int i = 0; i < Scaled(5000); ++i) {
    std::string log;
    RunInGoroutine([&log, i] {
      if (i % 2 == 0) Deep(&log, 2);
      log += "done";
    });
    ASSERT_EQ(log, i % 2 == 0 ? "abc" : "done");
  }
}

TEST(GoexitDeathTest, Misuse) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(RunInGoroutine([] {
                try {
                  Goexit();
                } catch (...) {
                }
              }),
              ::testing::ExitedWithCode(2),
              "fatal error: runtime.Goexit was swallowed by a catch");
  EXPECT_EXIT(Goexit(), ::testing::ExitedWithCode(2),
              "fatal error: runtime.Goexit called outside a goroutine");
}

// With one P everybody who yields gets the same share, to the turn.
TEST(Gosched, IsFairOnOneP) {
  testing::ProcsScope procs(1);
  constexpr int kGoroutines = 10;
  const int rounds = Scaled(2000);
  std::vector<int> turns(kGoroutines, 0);
  int spread = 0;
  sync::WaitGroup wg;
  RunInGoroutine([&] {
    for (int i = 0; i < kGoroutines; ++i) {
      wg.Go([&, i] {
        for (int j = 0; j < rounds; ++j) {
          ++turns[i];
          const auto [lo, hi] = std::minmax_element(turns.begin(), turns.end());
          if (*hi < rounds) spread = std::max(spread, *hi - *lo);
          Gosched();
        }
      });
    }
    wg.Wait();
  });
  EXPECT_LE(spread, 2);
}

// Go: TestYieldProgress.
TEST(Gosched, LetsTheOtherFinish) {
  for (int n : {1, 2}) {
    testing::ProcsScope procs(n);
    base::Atomic<bool> flag{false};
    sync::WaitGroup wg;
    wg.Go([&] {
      while (!flag.load()) Gosched();
    });
    wg.Go([&] { flag.store(true); });
    wg.Wait();
  }
}

TEST(Gosched, AloneReturns) {
  testing::ProcsScope procs(1);
  RunInGoroutine([] {
    for (int i = 0; i < 1000; ++i) Gosched();
  });
  for (int i = 0; i < 100; ++i) Gosched();  // a plain thread
}

}  // namespace
}  // namespace parkour::runtime
