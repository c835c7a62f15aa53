// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What Go's tests do not ask: lifetimes without a garbage collector, depth,
// races. Those tests are in tests/conformance/context.

#include "parkour/context/context.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "parkour/base/atomic.h"
#include "parkour/base/rand.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/time/timer.h"

namespace parkour::context {
namespace {

using internal::NumChildren;
using runtime::testing::Eventually;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;

constexpr absl::Duration kLong = absl::Hours(1000);
constexpr absl::Duration kShort = absl::Milliseconds(1);

bool Await(const RecvChan<Unit>& ch) {
  return Select(ch.OnRecv([] {}),
                time::After(absl::Seconds(30)).OnRecv([] {})) == 0;
}

bool Ready(const RecvChan<Unit>& ch) {
  return Select(ch.OnRecv([] {}), Default()) == 0;
}

// Says whether the contexts that hold it are gone.
using Token = std::shared_ptr<int>;
inline constexpr Key<Token> kToken("token");

TEST(ContextTest, HandlesShareOneContext) {
  auto [ctx, cancel] = WithCancel(Background());
  Context copy = ctx;
  EXPECT_TRUE(copy == ctx);
  Context moved = std::move(copy);
  EXPECT_TRUE(moved == ctx);
  EXPECT_FALSE(static_cast<bool>(copy));  // NOLINT: it is nil now
  const auto cancel_too = cancel;
  cancel_too();
  EXPECT_EQ(moved.Err(), Canceled());
  EXPECT_EQ(moved.Done(), ctx.Done());
}

TEST(ContextTest, StatusesHaveGosWords) {
  EXPECT_EQ(Canceled(), absl::CancelledError("context canceled"));
  EXPECT_EQ(DeadlineExceeded(),
            absl::DeadlineExceededError("context deadline exceeded"));
}

struct Celsius {
  int degrees;
  std::string String() const { return std::to_string(degrees) + " C"; }
};

TEST(ContextTest, ValuesOfAnyType) {
  static constexpr Key<Celsius> kTemperature("temperature");
  static constexpr Key<std::vector<int>> kNumbers("numbers");
  static constexpr Key<std::unique_ptr<int>> kNameless;
  const Context a = WithValue(Background(), kTemperature, Celsius{21});
  const Context b = WithValue(a, kNumbers, {1, 2, 3});
  const Context c = WithValue(b, kNameless, std::make_unique<int>(7));
  EXPECT_EQ(c.Value(kTemperature)->degrees, 21);
  EXPECT_EQ(c.Value(kNumbers)->size(), 3u);
  EXPECT_EQ(**c.Value(kNameless), 7);
  EXPECT_EQ(a.Value(kNumbers), nullptr);
  EXPECT_EQ(a.String(), "context.Background.WithValue(temperature, 21 C)");
  EXPECT_EQ(b.String(), a.String() +
                            ".WithValue(numbers, "
                            "std::vector<int, std::allocator<int> >)");
  EXPECT_NE(c.String().find("parkour::context::Key<"), std::string::npos);
}

TEST(ContextTest, DeadlineIsTheNearest) {
  EXPECT_EQ(Background().Deadline(), absl::InfiniteFuture());
  const absl::Time near = absl::FromUnixSeconds(4000000000);
  const absl::Time far = absl::FromUnixSeconds(5000000000);
  auto [outer, stop_outer] = WithDeadline(Background(), near);
  EXPECT_EQ(outer.Deadline(), near);
  auto [inner, stop_inner] = WithDeadline(outer, far);
  EXPECT_EQ(inner.Deadline(), near);
  EXPECT_EQ(inner.String().rfind("context.Background.WithDeadline(2096-", 0),
            0u);
  EXPECT_NE(inner.String().find("]).WithCancel"), std::string::npos);
  EXPECT_EQ(WithoutCancel(inner).Deadline(), absl::InfiniteFuture());
  auto [never, stop_never] =
      WithTimeout(Background(), absl::InfiniteDuration());
  EXPECT_EQ(never.String(), "context.Background.WithCancel");
  EXPECT_TRUE(never.Err().ok());
}

TEST(ContextTest, DoneAskedForBeforeAndAfterTheEnd) {
  auto [ctx, cancel] = WithCancel(Background());
  const RecvChan<Unit> before = ctx.Done();
  EXPECT_EQ(before, ctx.Done());
  cancel();
  EXPECT_TRUE(Ready(before));
  auto [other, cancel_other] = WithCancel(Background());
  cancel_other();
  EXPECT_TRUE(Ready(other.Done()));
}

// ---- Lifetime ----

TEST(ContextLifetimeTest, DroppedChildLeavesItsParent) {
  auto [parent, cancel] = WithCancel(Background());
  const Token token = std::make_shared<int>();
  {
    const Context value = WithValue(parent, kToken, token);
    auto [child, cancel_child] = WithCancel(value);
    auto [timed, cancel_timed] = WithTimeout(child, kLong);
    EXPECT_EQ(NumChildren(parent), 1u);
    EXPECT_EQ(NumChildren(child), 1u);
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(NumChildren(parent), 0u);
  // The timer is stopped and has let go of its context.
  EXPECT_EQ(token.use_count(), 1);
}

TEST(ContextLifetimeTest, ChildKeepsItsAncestors) {
  const Token token = std::make_shared<int>();
  Context child;
  CancelFunc cancel;
  {
    auto [root, cancel_root] =
        WithCancel(WithValue(Background(), kToken, token));
    auto [leaf, cancel_leaf] = WithCancel(root);
    child = leaf;
    cancel = cancel_root;
  }
  EXPECT_EQ(*child.Value(kToken), token);
  cancel();
  EXPECT_EQ(child.Err(), Canceled());
  child = Context();
  EXPECT_EQ(token.use_count(), 2);
  cancel = CancelFunc();
  EXPECT_EQ(token.use_count(), 1);
}

TEST(ContextLifetimeTest, DoneOutlivesItsContext) {
  auto [parent, cancel] = WithCancel(Background());
  RecvChan<Unit> done;
  {
    auto [middle, cancel_middle] = WithCancel(parent);
    auto [child, cancel_child] = WithCancel(middle);
    done = child.Done();
  }
  EXPECT_FALSE(Ready(done));
  EXPECT_EQ(NumChildren(parent), 1u);
  cancel();
  EXPECT_TRUE(Ready(done));
  EXPECT_EQ(NumChildren(parent), 0u);
}

TEST(ContextLifetimeTest, DoneOutlivesItsContextUntilTheDeadline) {
  const RecvChan<Unit> done = WithTimeout(Background(), kShort).ctx.Done();
  EXPECT_TRUE(Await(done));
}

// The middle one has nobody left; below it two listen, one with a timer.
TEST(ContextLifetimeTest, OrphansOfAnOrphan) {
  RecvChan<Unit> without_timer;
  RecvChan<Unit> with_timer;
  {
    auto [root, cancel_root] = WithCancel(Background());
    auto [middle, cancel_middle] = WithCancel(root);
    without_timer = WithCancel(middle).ctx.Done();
    with_timer = WithTimeout(middle, kShort).ctx.Done();
  }
  EXPECT_TRUE(Await(with_timer));
  // Nobody is left who could.
  EXPECT_FALSE(Ready(without_timer));
}

TEST(ContextLifetimeTest, AfterFuncOutlivesItsContext) {
  const Chan<Unit> by_timer = MakeChan<Unit>();
  AfterFunc(WithTimeout(Background(), kShort).ctx,
            [by_timer] { by_timer.Close(); });
  EXPECT_TRUE(Await(by_timer));

  auto [parent, cancel] = WithCancel(Background());
  const Chan<Unit> by_parent = MakeChan<Unit>();
  AfterFunc(WithCancel(parent).ctx, [by_parent] { by_parent.Close(); });
  cancel();
  EXPECT_TRUE(Await(by_parent));
}

TEST(ContextLifetimeTest, AfterFuncThatCannotRunIsDestroyed) {
  const Token token = std::make_shared<int>();
  AfterFunc(Background(), [token] {});
  EXPECT_EQ(token.use_count(), 1);
  AfterFunc(WithCancel(Background()).ctx, [token] {});
  EXPECT_EQ(token.use_count(), 1);
  auto [ctx, cancel] = WithCancel(Background());
  const StopFunc stop = AfterFunc(ctx, [token] {});
  EXPECT_EQ(token.use_count(), 2);
  EXPECT_TRUE(stop());
  EXPECT_EQ(token.use_count(), 1);
}

TEST(ContextLifetimeTest, StopAfterItsContextIsGone) {
  StopFunc stop;
  {
    auto [ctx, cancel] = WithCancel(Background());
    stop = AfterFunc(ctx, [] { ADD_FAILURE() << "nobody cancelled"; });
  }
  EXPECT_TRUE(stop());
  EXPECT_FALSE(stop());
}

// What an AfterFunc owns may itself be a context of the same tree.
TEST(ContextLifetimeTest, AfterFuncOwnsTheContextThatItWatches) {
  auto [parent, cancel] = WithCancel(Background());
  base::Atomic<int> ran{0};
  {
    auto [child, cancel_child] = WithCancel(parent);
    auto [leaf, cancel_leaf] = WithCancel(child);
    AfterFunc(child, [leaf = leaf, &ran] {
      // It is told by the same cancellation, perhaps after us.
      leaf.Done().Recv();
      EXPECT_EQ(leaf.Err(), Canceled());
      ran.fetch_add(1);
    });
  }
  cancel();
  EXPECT_TRUE(Eventually([&] { return ran.load() == 1; }));
}

// A goroutine's stack of 256 KiB has no room for a frame per link.
TEST(ContextLifetimeTest, LongChains) {
  RunInGoroutine([] {
    const int n = Scaled(100000);
    auto [root, cancel] = WithCancel(Background());
    Context ctx = root;
    RecvChan<Unit> orphan;
    for (int i = 0; i < n; ++i) {
      ctx = WithValue(WithCancel(ctx).ctx, kToken, nullptr);
      if (i == n - 2) orphan = ctx.Done();
    }
    EXPECT_GT(ctx.String().size(), static_cast<size_t>(n));
    AfterFunc(ctx, [] {});
    ctx = Context();  // n contexts live on, for the function and the channel
    EXPECT_FALSE(Ready(orphan));
    EXPECT_EQ(NumChildren(root), 1u);
    cancel();
    EXPECT_TRUE(Ready(orphan));
    EXPECT_EQ(NumChildren(root), 0u);
  });
}

TEST(ContextLifetimeTest, LongChainsWithoutAnEnd) {
  RunInGoroutine([] {
    Context ctx = WithCancel(Background()).ctx;
    for (int i = 0; i < Scaled(100000); ++i) ctx = WithCancel(ctx).ctx;
    AfterFunc(ctx, [] {});
  });
}

// ---- Races ----

// Contexts come, are listened to, cancelled and dropped, all at once, below one
// that is cancelled in the midst.
TEST(ContextRaceTest, EverythingAtOnce) {
  for (int round = 0; round < Scaled(100); ++round) {
    auto [root, cancel] = WithCancelCause(Background());
    sync::WaitGroup wg;
    const absl::Status cause = absl::AbortedError("round");
    base::Atomic<int> functions{0};
    base::Atomic<int> expected{0};
    for (uint64_t i = 0; i < 8; ++i) {
      wg.Go([&, i, root = root] {
        base::Rand rand(i + static_cast<uint64_t>(round) * 8 + 1);
        Context ctx = root;
        for (int step = 0; step < 20; ++step) {
          auto [child, cancel_child] =
              rand.Below(3) == 0
                  ? WithTimeout(ctx, absl::Microseconds(rand.Below(200)))
                  : WithCancel(ctx);
          switch (rand.Below(5)) {
            case 0:
              cancel_child();
              EXPECT_FALSE(child.Err().ok());
              break;
            case 1:
              ctx = child;
              break;
            case 2: {
              const StopFunc stop =
                  AfterFunc(child, [&] { functions.fetch_add(1); });
              expected.fetch_add(stop() ? 0 : 1);
              break;
            }
            case 3:
              go([done = child.Done()] {
                Select(done.OnRecv([] {}), Default());
              });
              break;
            default:
              break;
          }
        }
        EXPECT_TRUE(root.Err().ok() || Cause(root) == cause);
      });
    }
    wg.Go([cancel = cancel, cause] {
      runtime::Gosched();
      cancel(cause);
    });
    wg.Wait();
    EXPECT_EQ(NumChildren(root), 0u);
    EXPECT_TRUE(
        Eventually([&] { return functions.load() == expected.load(); }));
  }
}

// When cancel returns everything below is cancelled, whoever did it.
TEST(ContextRaceTest, CancelIsOverWhenItReturns) {
  for (int round = 0; round < Scaled(300); ++round) {
    auto [root, cancel] = WithCancel(Background());
    std::vector<Context> leaves;
    for (int i = 0; i < 20; ++i) {
      leaves.push_back(WithCancel(WithCancel(root).ctx).ctx);
    }
    sync::WaitGroup wg;
    for (int i = 0; i < 3; ++i) {
      wg.Go([&, i, cancel = cancel, root = root] {
        if (i == 0) {
          while (root.Err().ok()) runtime::Gosched();
        } else {
          cancel();
        }
        for (const Context& leaf : leaves) EXPECT_EQ(leaf.Err(), Canceled());
      });
    }
    wg.Wait();
  }
}

// The last handle goes while the parent is being cancelled.
TEST(ContextRaceTest, DropAgainstCancel) {
  for (int round = 0; round < Scaled(2000); ++round) {
    auto [root, cancel] = WithCancel(Background());
    auto child = std::make_unique<Context>(WithTimeout(root, kLong).ctx);
    sync::WaitGroup wg;
    wg.Go([cancel = cancel] { cancel(); });
    wg.Go([child = std::move(child)]() mutable { child.reset(); });
    wg.Wait();
    ASSERT_EQ(NumChildren(root), 0u);
  }
}

// A stop takes effect or does not; the function runs or does not.
TEST(ContextRaceTest, StopAgainstCancel) {
  for (int round = 0; round < Scaled(2000); ++round) {
    auto [ctx, cancel] = WithCancel(Background());
    const Chan<Unit> ran = MakeChan<Unit>(1);
    const StopFunc stop = AfterFunc(ctx, [ran] { ran.Send(Unit()); });
    bool stopped = false;
    sync::WaitGroup wg;
    wg.Go([cancel = cancel] { cancel(); });
    wg.Go([&] { stopped = stop(); });
    wg.Wait();
    if (stopped) {
      ASSERT_FALSE(Ready(ran));
    } else {
      ASSERT_TRUE(Await(ran));
    }
  }
}

TEST(ContextRaceTest, PlainThreads) {
  auto [ctx, cancel] = WithCancel(Background());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([ctx = ctx] {
      auto [child, stop] = WithTimeout(ctx, kLong);
      child.Done().Recv();
      EXPECT_EQ(child.Err(), Canceled());
    });
  }
  go([cancel = cancel] { cancel(); });
  for (std::thread& t : threads) t.join();
}

}  // namespace
}  // namespace parkour::context
