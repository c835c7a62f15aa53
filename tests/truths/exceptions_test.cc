// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Exceptions and the switch: what is caught or flying belongs to the
// goroutine, not to the thread it happens to run on.

#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/rand.h"
#include "parkour/base/thread.h"
#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/syscall.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/truths/migrate.h"

namespace parkour::truths {
namespace {

using runtime::GOMAXPROCS;
using runtime::Gosched;
using runtime::testing::Eventually;
using runtime::testing::ProcsScope;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

struct Tag {
  int id;
};

// The id of the exception that `throw;` would rethrow here; -1: none.
int CurrentId() {
  const std::exception_ptr e = std::current_exception();
  if (e == nullptr) return -1;
  try {
    std::rethrow_exception(e);
  } catch (const Tag& t) {
    return t.id;
  } catch (...) {
    return -2;
  }
}

// Calls `between` with a Tag caught, and checks what is caught afterwards.
template <typename F>
void WhileCaught(int id, F between) {
  const int outside = CurrentId();
  int rethrown = -1;
  try {
    try {
      throw Tag{id};
    } catch (const Tag& t) {
      EXPECT_EQ(CurrentId(), id);
      between();
      EXPECT_EQ(t.id, id);
      EXPECT_EQ(CurrentId(), id);
      throw;
    }
  } catch (const Tag& t) {
    rethrown = t.id;
  }
  EXPECT_EQ(rethrown, id);
  EXPECT_EQ(CurrentId(), outside);
}

TEST(Exception, MigrateMigrates) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    for (int i = 0; i < 100; ++i) {
      const int before = base::ThreadId();
      Migrate();
      EXPECT_NE(base::ThreadId(), before) << i;
    }
  });
}

TEST(Exception, TwoParkedInCatchDoNotSwap) {
  ProcsScope procs(1);
  Chan<Unit> first = MakeChan<Unit>();
  Chan<Unit> second = MakeChan<Unit>();
  sync::WaitGroup wg;
  wg.Go([=] { WhileCaught(1, [=] { first.Recv(); }); });
  wg.Go([=] {
    WhileCaught(2, [=] {
      first.Send({});  // the first goes on while the second is in its catch
      second.Recv();
    });
  });
  wg.Go([=] {
    EXPECT_EQ(CurrentId(), -1);
    second.Send({});
    EXPECT_EQ(CurrentId(), -1);
  });
  wg.Wait();
}

TEST(Exception, RethrowAfterMigration) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    for (int i = 0; i < 100; ++i) {
      WhileCaught(i, [] {
        const int before = base::ThreadId();
        Migrate();
        EXPECT_NE(base::ThreadId(), before);
      });
    }
  });
}

TEST(Exception, NestedAcrossMigrations) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    for (int i = 0; i < 20; ++i) {
      WhileCaught(1, [] {
        Migrate();
        WhileCaught(2, [] {
          WhileCaught(3, Migrate);
          EXPECT_EQ(CurrentId(), 2);
          Migrate();
          EXPECT_EQ(CurrentId(), 2);
        });
        EXPECT_EQ(CurrentId(), 1);
        Migrate();
      });
    }
  });
}

// Parks in its destructor, which runs because of an exception, or not.
struct ParksInDestructor {
  Chan<Unit> ch;
  int uncaught;
  ~ParksInDestructor() {
    EXPECT_EQ(std::uncaught_exceptions(), uncaught);
    ch.Recv();
    EXPECT_EQ(std::uncaught_exceptions(), uncaught);
    // Throwing and catching while unwinding.
    WhileCaught(77, [this] { ch.Recv(); });
    EXPECT_EQ(std::uncaught_exceptions(), uncaught);
  }
};

TEST(Exception, DestructorParksDuringUnwinding) {
  ProcsScope procs(1);
  Chan<Unit> ch = MakeChan<Unit>();
  sync::WaitGroup wg;
  constexpr int kUnwinding = 10;
  for (int i = 0; i < kUnwinding; ++i) {
    wg.Go([=] {
      int caught = -1;
      try {
        ParksInDestructor p{ch, 1};
        throw Tag{i};
      } catch (const Tag& t) {
        caught = t.id;
        EXPECT_EQ(std::uncaught_exceptions(), 0);
      }
      EXPECT_EQ(caught, i);
      { ParksInDestructor p{ch, 0}; }
    });
  }
  RunInGoroutine([=] {
    for (int i = 0; i < 4 * kUnwinding; ++i) {
      EXPECT_EQ(std::uncaught_exceptions(), 0);
      EXPECT_EQ(CurrentId(), -1);
      ch.Send({});
    }
  });
  wg.Wait();
}

TEST(Exception, DestructorMigratesDuringUnwinding) {
  ProcsScope procs(1);
  struct Migrant {
    ~Migrant() {
      EXPECT_EQ(std::uncaught_exceptions(), 1);
      Migrate();
      EXPECT_EQ(std::uncaught_exceptions(), 1);
    }
  };
  RunInGoroutine([] {
    for (int i = 0; i < 50; ++i) {
      int caught = -1;
      try {
        Migrant first;
        Migrant second;
        throw Tag{i};
      } catch (const Tag& t) {
        caught = t.id;
      }
      EXPECT_EQ(caught, i);
      EXPECT_EQ(std::uncaught_exceptions(), 0);
    }
  });
}

// As deep as a stack lets it, with a destructor in each frame; every so often
// one goes on on another thread, in the middle of the unwinding.
[[gnu::noinline]] int ThrowDeep(int depth, int id, int* unwound) {
  struct Frame {
    int* unwound;
    ~Frame() {
      EXPECT_EQ(std::uncaught_exceptions(), 1);
      if (++*unwound % 32 == 0) Migrate();
      EXPECT_EQ(std::uncaught_exceptions(), 1);
    }
  } frame{unwound};
  if (depth == 0) {
    Migrate();
    throw Tag{id};
  }
  if (depth % 50 != 0) return ThrowDeep(depth - 1, id, unwound) + 1;
  try {
    return ThrowDeep(depth - 1, id, unwound) + 1;
  } catch (const Tag& t) {
    EXPECT_EQ(t.id, id);
    Migrate();
    EXPECT_EQ(CurrentId(), id);
    throw;
  }
}

TEST(Exception, ThroughManyFramesAfterMigration) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    constexpr int kDepth = 300;
    for (int i = 0; i < 5; ++i) {
      int unwound = 0;
      int caught = -1;
      try {
        ThrowDeep(kDepth, i, &unwound);
      } catch (const Tag& t) {
        caught = t.id;
      }
      EXPECT_EQ(caught, i);
      EXPECT_EQ(unwound, kDepth + 1);
      EXPECT_EQ(std::uncaught_exceptions(), 0);
    }
  });
}

// How many of them there are: an exception that is lost leaks, one that is
// found twice is destroyed twice.
struct Counted {
  static inline base::Atomic<int> alive{0};
  Counted() { alive.fetch_add(1); }
  Counted(const Counted&) { alive.fetch_add(1); }
  ~Counted() { alive.fetch_sub(1); }
};

TEST(Exception, EveryObjectIsDestroyedOnce) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    std::vector<std::exception_ptr> kept;
    for (int i = 0; i < 20; ++i) {
      try {
        throw Counted();
      } catch (const Counted&) {
        Migrate();
        kept.push_back(std::current_exception());
        try {
          Migrate();
          throw;
        } catch (const Counted&) {
          Migrate();
          EXPECT_EQ(std::current_exception(), kept.back());
        }
      }
      EXPECT_EQ(std::current_exception(), nullptr);
    }
    EXPECT_EQ(Counted::alive.load(), 20);
    Migrate();
    kept.clear();
    EXPECT_EQ(Counted::alive.load(), 0);
  });
}

TEST(Exception, ThrownWithNested) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    int outer = 0;
    int inner = 0;
    try {
      try {
        throw Tag{1};
      } catch (...) {
        Migrate();
        std::throw_with_nested(std::runtime_error("outer"));
      }
    } catch (const std::runtime_error& e) {
      ++outer;
      Migrate();
      try {
        std::rethrow_if_nested(e);
      } catch (const Tag& t) {
        inner = t.id;
      }
    }
    EXPECT_EQ(outer, 1);
    EXPECT_EQ(inner, 1);
  });
}

TEST(Exception, ThrownInACaseOfASelectThatWaited) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    Chan<int> ch = MakeChan<int>();
    Chan<int> never;
    int caught = 0;
    try {
      try {
        throw Tag{1};
      } catch (const Tag&) {
        go([ch] { ch.Send(7); });
        Select(ch.OnRecv([] {
          Migrate();
          throw Tag{2};
        }),
               never.OnRecv([] {}));
      }
    } catch (const Tag& t) {
      caught = t.id;
    }
    EXPECT_EQ(caught, 2);
    EXPECT_EQ(CurrentId(), -1);
  });
}

// The way out of Blocking waits for a P, while the exception is on its way.
TEST(Exception, ThrownInBlockingAndCaughtElsewhere) {
  ProcsScope procs(1);
  RunInGoroutine([] {
    int migrated = 0;
    for (int i = 0; i < 20; ++i) {
      base::Note retaken;
      base::Atomic<bool> back{false};
      int before = 0;
      sync::WaitGroup wg;
      wg.Go([&] {
        retaken.Wakeup();
        // Keeps the only P until the other has asked for it.
        EXPECT_TRUE(Eventually([&] { return back.load(); }));
      });
      int caught = -1;
      try {
        runtime::Blocking([&] {
          before = base::ThreadId();
          retaken.Sleep();
          throw Tag{i};
        });
      } catch (const Tag& t) {
        migrated += base::ThreadId() != before;
        EXPECT_EQ(std::uncaught_exceptions(), 0);
        EXPECT_EQ(CurrentId(), i);
        caught = t.id;
      }
      back.store(true);
      EXPECT_EQ(caught, i);
      wg.Wait();
    }
    // All of them, unless sysmon thought that the other took too long.
    EXPECT_GT(migrated, 0);
  });
}

// Who lets go of an exception last destroys it. ThreadSanitizer does not see
// the count, which is inside libstdc++; it sees the answer.
TEST(Exception, PointerTravelsBetweenGoroutines) {
  Chan<std::exception_ptr> ch = MakeChan<std::exception_ptr>();
  Chan<Unit> read = MakeChan<Unit>();
  go([ch, read] {
    for (int i = 0; i < 100; ++i) {
      try {
        throw std::runtime_error("number " + std::to_string(i));
      } catch (...) {
        ch.Send(std::current_exception());
        read.Recv();
      }
    }
    ch.Close();
  });
  RunInGoroutine([ch, read] {
    int i = 0;
    for (const std::exception_ptr& e : ch) {
      try {
        std::rethrow_exception(e);
      } catch (const std::runtime_error& err) {
        EXPECT_EQ(err.what(), "number " + std::to_string(i));
      }
      read.Send({});
      ++i;
    }
    EXPECT_EQ(i, 100);
  });
}

// The thread's own state, while goroutines catch and throw on other threads.
TEST(Exception, PlainThreadInsideCatch) {
  Chan<Unit> ch = MakeChan<Unit>();
  go([ch] {
    for (int i = 0; i < 100; ++i) WhileCaught(i, [=] { ch.Send({}); });
  });
  WhileCaught(1000, [=] {
    for (int i = 0; i < 100; ++i) {
      ch.Recv();
      EXPECT_EQ(CurrentId(), 1000);
    }
  });
}

// Everybody throws, nests, parks and yields at random on all Ps.
void Storm(base::Rand* rand, const Chan<int>& ch, int depth, int id) {
  try {
    struct OnTheWayOut {
      base::Rand* rand;
      const Chan<int>& ch;
      const int uncaught = std::uncaught_exceptions();
      ~OnTheWayOut() {
        if (rand->Below(2) == 0) Gosched();
        if (rand->Below(4) == 0) ch.TrySend(1);
        EXPECT_EQ(std::uncaught_exceptions(), uncaught + 1);
      }
    } out{rand, ch};
    throw Tag{id};
  } catch (const Tag& t) {
    EXPECT_EQ(CurrentId(), id);
    if (rand->Below(2) == 0) Gosched();
    if (rand->Below(4) == 0) ch.TryRecv();
    if (depth > 0) Storm(rand, ch, depth - 1, id + 1);
    Gosched();
    EXPECT_EQ(t.id, id);
    EXPECT_EQ(CurrentId(), id);
  }
}

TEST(ExceptionStress, Storm) {
  ProcsScope procs(4);
  Chan<int> ch = MakeChan<int>(8);
  sync::WaitGroup wg;
  for (int i = 0; i < 16; ++i) {
    wg.Go([=] {
      base::Rand rand(i + 1);
      for (int j = 0; j < Scaled(300); ++j) {
        Storm(&rand, ch, static_cast<int>(rand.Below(5)), i * 100);
      }
      EXPECT_EQ(std::uncaught_exceptions(), 0);
      EXPECT_EQ(CurrentId(), -1);
    });
  }
  wg.Wait();
}

TEST(ExceptionDeathTest, EscapedIsAPanic) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(RunInGoroutine([] { throw std::runtime_error("boom"); }),
              ::testing::ExitedWithCode(2),
              "panic: std::runtime_error: boom\n+goroutine [0-9]+ .running.:");
  EXPECT_EXIT(RunInGoroutine([] { throw 42; }), ::testing::ExitedWithCode(2),
              "panic: int");
}

// After a migration the report still names the thrower.
TEST(ExceptionDeathTest, EscapedAfterMigration) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        GOMAXPROCS(1);
        RunInGoroutine([] {
          Migrate();
          throw std::runtime_error("late");
        });
      },
      ::testing::ExitedWithCode(2), "panic: std::runtime_error: late");
}

TEST(ExceptionDeathTest, ThrowFromNoexceptDestructorWhileUnwinding) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  struct Thrower {
    ~Thrower() noexcept(false) { throw Tag{2}; }
  };
  EXPECT_EXIT(RunInGoroutine([] {
                try {
                  Thrower t;
                  throw Tag{1};
                } catch (...) {
                }
              }),
              ::testing::ExitedWithCode(2), "panic: ");
}

}  // namespace
}  // namespace parkour::truths
