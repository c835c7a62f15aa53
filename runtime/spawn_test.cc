// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include <alloca.h>
#include <sys/resource.h>

#include <array>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/stack.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::runtime {
namespace {

using testing::GoroutinesBackTo;
using testing::RunInGoroutine;
using testing::Scaled;

uint64_t Goid() {
  RuntimeScope in;
  return getg()->goid.load();
}

// Counts its copies, moves and lives, and where it died. Moved from, it is
// nobody.
struct Probe {
  struct Counts {
    base::Atomic<int> copies{0};
    base::Atomic<int> moves{0};
    base::Atomic<int> alive{0};
    base::Atomic<uint64_t> died_in{0};
  };
  explicit Probe(Counts* counts) : c(counts) { c->alive.fetch_add(1); }
  Probe(const Probe& other) : c(other.c) {
    c->copies.fetch_add(1);
    c->alive.fetch_add(1);
  }
  Probe(Probe&& other) noexcept : c(std::exchange(other.c, nullptr)) {
    c->moves.fetch_add(1);
  }
  ~Probe() {
    if (c == nullptr) return;
    c->died_in.store(Goid());
    c->alive.fetch_sub(1);
  }
  Counts* c;
};

void Add(Chan<int> sum, int a, int b) { sum.Send(a + b); }

TEST(Go, FunctionAndArguments) {
  Chan<int> sum = MakeChan<int>();
  go(Add, sum, 3, 4);
  EXPECT_EQ(sum.Recv(), 7);
}

TEST(Go, MemberFunctionAndStdFunction) {
  struct Counter {
    base::Atomic<int> n{0};
    void Add(int k) { n.fetch_add(k); }
  } counter;
  go(&Counter::Add, &counter, 5);
  std::function<void()> f = [&] { counter.Add(1); };
  go(f);
  EXPECT_TRUE(testing::Eventually([&] { return counter.n.load() == 6; }));
}

TEST(Go, ArgumentsAreMovedNotCopied) {
  Probe::Counts counts;
  base::Note done;
  go(
      [&done](Probe p) {
        EXPECT_EQ(p.c->copies.load(), 0);
        done.Wakeup();
      },
      Probe(&counts));
  done.Sleep();
  EXPECT_EQ(counts.copies.load(), 0);
  // Into the closure, with it to the stack, and into the parameter.
  EXPECT_LE(counts.moves.load(), 3);
  EXPECT_TRUE(testing::Eventually([&] { return counts.alive.load() == 0; }));
}

TEST(Go, LvaluesAreCopiedOnce) {
  Probe::Counts counts;
  {
    Probe p(&counts);
    base::Note done;
    go([&done](const Probe&) { done.Wakeup(); }, p);
    done.Sleep();
    EXPECT_EQ(counts.copies.load(), 1);
  }
  EXPECT_TRUE(testing::Eventually([&] { return counts.alive.load() == 0; }));
}

TEST(Go, MoveOnly) {
  Chan<int> result = MakeChan<int>();
  auto p = std::make_unique<int>(41);
  go([p = std::move(p), result] { result.Send(*p + 1); });
  EXPECT_EQ(result.Recv(), 42);
  go([result](std::unique_ptr<int> q) { result.Send(*q); },
     std::make_unique<int>(43));
  EXPECT_EQ(result.Recv(), 43);
}

// Inline and boxed closures alike: destroyed once, in the goroutine.
template <size_t kBytes>
void DestroyedInTheGoroutine() {
  Probe::Counts counts;
  base::Atomic<uint64_t> ran_in{0};
  std::array<char, kBytes> ballast;
  ballast.fill('x');
  go([probe = Probe(&counts), ballast, &ran_in] {
    for (char c : ballast) ASSERT_EQ(c, 'x');
    ran_in.store(Goid());
  });
  ASSERT_TRUE(testing::Eventually([&] { return counts.alive.load() == 0; }));
  EXPECT_EQ(counts.died_in.load(), ran_in.load());
  EXPECT_EQ(counts.copies.load(), 0);
}

TEST(Go, ClosureDestroyedOnceInTheGoroutine) {
  DestroyedInTheGoroutine<1>();
  DestroyedInTheGoroutine<1000>();
  DestroyedInTheGoroutine<internal::kLargestInlineClosure - 64>();
  DestroyedInTheGoroutine<internal::kLargestInlineClosure>();
  DestroyedInTheGoroutine<100000>();
}

template <size_t kAlign>
struct alignas(kAlign) Aligned {
  char c[kAlign] = {};
};

template <size_t kAlign>
void IsAligned() {
  Chan<uintptr_t> at = MakeChan<uintptr_t>();
  go([a = Aligned<kAlign>(), at] { at.Send(reinterpret_cast<uintptr_t>(&a)); });
  EXPECT_EQ(*at.Recv() % kAlign, 0u);
}

TEST(Go, OverAlignedClosures) {
  IsAligned<1>();
  IsAligned<16>();
  IsAligned<64>();
  IsAligned<256>();
  IsAligned<1024>();
  IsAligned<4096>();  // too large to be inline
}

// The ABI's alignment of the stack, whatever the closure's size.
template <size_t kBytes>
void StackIsAligned() {
  Chan<uintptr_t> at = MakeChan<uintptr_t>();
  go([at, ballast = std::array<char, kBytes>()] {
    alignas(16) volatile char local[16];
    local[0] = ballast[0];
    at.Send(reinterpret_cast<uintptr_t>(&local[0]));
  });
  EXPECT_EQ(*at.Recv() % 16, 0u);
}

TEST(Go, StackIsAligned) {
  StackIsAligned<1>();
  StackIsAligned<8>();
  StackIsAligned<13>();
  StackIsAligned<24>();
  StackIsAligned<40>();
}

struct ThrowsOnCopy {
  ThrowsOnCopy() = default;
  ThrowsOnCopy(const ThrowsOnCopy&) { throw std::runtime_error("no copy"); }
  void operator()() const {}
};

TEST(Go, CopyThatThrowsGivesTheStackBack) {
  const ThrowsOnCopy f;
  const int64_t goroutines = NumGoroutine();
  for (size_t size : {size_t{0}, size_t{4} << 20}) {
    EXPECT_THROW(go({.stack_size = size, .name = "x"}, f), std::runtime_error);
    const uint64_t slots = ReadStackCounts().slots;
    for (int i = 0; i < 500; ++i) {
      EXPECT_THROW(go({.stack_size = size, .name = "x"}, f),
                   std::runtime_error);
    }
    EXPECT_EQ(ReadStackCounts().slots, slots);
    RunInGoroutine([&] {
      for (int i = 0; i < 500; ++i) {
        EXPECT_THROW(go({.stack_size = size}, f), std::runtime_error);
      }
    });
    // What the P of that goroutine keeps at hand may be new.
    EXPECT_LE(ReadStackCounts().slots, slots + 64);
  }
  EXPECT_TRUE(GoroutinesBackTo(goroutines));
}

TEST(Go, Name) {
  Chan<std::string> name = MakeChan<std::string>();
  const auto tell = [name] {
    char text[GName::kMax + 1];
    {
      RuntimeScope in;
      getg()->name.Read(text);
    }
    name.Send(text);
  };
  {
    std::string copied = "parser";
    go({.name = copied}, tell);
    copied = "overwritten";
  }
  EXPECT_EQ(name.Recv(), "parser");
  for (int i = 0; i < 200; ++i) {  // a reused G has lost it
    go(tell);
    EXPECT_EQ(name.Recv(), "");
  }
}

__attribute__((noinline)) void UseStack(size_t n) {
  volatile char* const frame = static_cast<volatile char*>(alloca(n));
  frame[n - 1] = 1;
  frame[0] = frame[n - 1];
}

TEST(Go, StackSize) {
  for (size_t mb : {1, 8, 64}) {
    base::Note done;
    const size_t size = mb << 20;
    go({.stack_size = size}, [&done, size] {
      UseStack(size - (size >> 3));
      done.Wakeup();
    });
    done.Sleep();
  }
}

TEST(Go, GoidsAreUnique) {
  const int n = Scaled(20000);
  std::vector<uint64_t> ids(n);
  sync::WaitGroup wg;
  for (int i = 0; i < n; ++i) {
    wg.Go([&ids, i] { ids[i] = Goid(); });
    if (i % 16 == 0) {
      // Some are started by goroutines: those ids come in batches.
      wg.Go([&wg] { wg.Go([] {}); });
    }
  }
  wg.Wait();
  EXPECT_EQ(std::set<uint64_t>(ids.begin(), ids.end()).size(), ids.size());
  EXPECT_EQ(std::set<uint64_t>(ids.begin(), ids.end()).count(0), 0u);
}

TEST(Go, NumGoroutine) {
  ASSERT_TRUE(GoroutinesBackTo(0));  // nobody of an earlier test is left
  Chan<Unit> release = MakeChan<Unit>();
  sync::WaitGroup wg;
  constexpr int kGoroutines = 1000;
  for (int i = 0; i < kGoroutines; ++i) wg.Go([=] { release.Recv(); });
  EXPECT_EQ(NumGoroutine(), kGoroutines);
  release.Close();
  wg.Wait();
  EXPECT_TRUE(GoroutinesBackTo(0));
  EXPECT_EQ(NumGoroutine(), 0);
}

// A hundred thousand, one after the other, need no more stacks than a few.
TEST(Go, DeadGoroutinesAreReused) {
  const auto churn = [](int n) {
    RunInGoroutine([n] {
      Chan<Unit> done = MakeChan<Unit>();
      for (int i = 0; i < n; ++i) {
        go([=] { done.Send({}); });
        done.Recv();
      }
    });
  };
  churn(1000);
  const uint64_t slots = ReadStackCounts().slots;
  churn(Scaled(100000));
  EXPECT_LE(ReadStackCounts().slots, slots + 300);
}

// A goroutine ends without returning from its outermost functions. Nothing that
// counts those may go on counting: ThreadSanitizer has room for 65,536 on each
// stack, and what comes after them it crashes over: so this is not scaled.
TEST(Go, ThousandsOnOneStack) {
  testing::ProcsScope one(1);
  RunInGoroutine([] {
    constexpr int kGoroutines = 200000;
    std::set<const void*> places;
    base::Atomic<int> ran{0};
    for (int i = 0; i < kGoroutines; ++i) {
      go([&] {
        places.insert(__builtin_frame_address(0));
        ran.fetch_add(1);
      });
      while (ran.load() <= i) Gosched();
    }
    // Now and then another M may have the stack that is free.
    EXPECT_LT(places.size(), 100u);
  });
}

TEST(Go, ReusedFromPlainThreads) {
  const auto churn = [](int n) {
    for (int i = 0; i < n; ++i) RunInGoroutine([] {});
  };
  churn(200);
  const uint64_t slots = ReadStackCounts().slots;
  churn(Scaled(5000));
  EXPECT_LE(ReadStackCounts().slots, slots + 300);
}

TEST(TryGo, Works) {
  Chan<int> ch = MakeChan<int>();
  EXPECT_TRUE(TryGo(
                  {}, [ch](int x) { ch.Send(x); }, 5)
                  .ok());
  EXPECT_EQ(ch.Recv(), 5);
}

class GoDeathTest : public ::testing::Test {
 protected:
  GoDeathTest() { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

TEST_F(GoDeathTest, NilFunction) {
  void (*f)() = nullptr;
  EXPECT_EXIT(go(f), ::testing::ExitedWithCode(2),
              "fatal error: go of nil func value");
  std::function<void()> empty;
  EXPECT_EXIT(go(empty), ::testing::ExitedWithCode(2),
              "fatal error: go of nil func value");
}

#if !PARKOUR_ASAN && !PARKOUR_TSAN  // they reserve terabytes themselves

void LimitAddressSpace() {
  RunInGoroutine([] {});  // threads exist by now
  const rlimit limit = {size_t{4} << 30, size_t{4} << 30};
  if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(99);
}

TEST_F(GoDeathTest, NoStackToBeHad) {
  EXPECT_EXIT(
      {
        LimitAddressSpace();
        Probe::Counts counts;
        absl::Status status;
        Chan<Unit> hold = MakeChan<Unit>();
        int started = 0;
        for (; status.ok() && started < 100; ++started) {
          status = TryGo(
              {.stack_size = size_t{1} << 30, .name = "big"},
              [hold](const Probe&) { hold.Recv(); }, Probe(&counts));
        }
        const bool good = started < 10 && absl::IsResourceExhausted(status) &&
                          counts.alive.load() == started - 1;
        // The runtime goes on.
        hold.Close();
        RunInGoroutine([] {});
        const bool back = GoroutinesBackTo(0) && counts.alive.load() == 0;
        fprintf(stderr, "%s\n", std::string(status.message()).c_str());
        _exit(good && back ? 0 : 1);
      },
      ::testing::ExitedWithCode(0),
      "runtime: cannot reserve 1073741824 bytes of address space for "
      "goroutine stacks .errno 12; see ulimit -v");
}

TEST_F(GoDeathTest, GoWithoutAStackIsFatal) {
  EXPECT_EXIT(
      {
        LimitAddressSpace();
        Chan<Unit> hold = MakeChan<Unit>();
        for (int i = 0; i < 100; ++i) {
          go({.stack_size = size_t{1} << 30}, [hold] { hold.Recv(); });
        }
      },
      ::testing::ExitedWithCode(2), "fatal error: runtime: cannot reserve");
}

__attribute__((noinline)) void StartMany() {
  Chan<Unit> hold = MakeChan<Unit>();
  for (int i = 0; i < 20000; ++i) go([hold] { hold.Recv(); });
  RunInGoroutine([] {});
}

TEST_F(GoDeathTest, NoStackWhenItFirstRuns) {
  EXPECT_EXIT(
      {
        LimitAddressSpace();
        StartMany();
      },
      ::testing::ExitedWithCode(2),
      "fatal error: runtime: cannot reserve .* for goroutine [0-9]+, created "
      "by .*StartMany");
}

#endif  // !PARKOUR_ASAN && !PARKOUR_TSAN

}  // namespace
}  // namespace parkour::runtime
