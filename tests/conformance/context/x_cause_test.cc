// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/context/x_test.go, by meaning: causes, AfterFunc, WithoutCancel.

#include <functional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "parkour/context/context.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/context/go_test.h"

namespace parkour::tests {
namespace {

using context::Background;
using context::Canceled;
using context::Cause;
using context::Context;
using context::DeadlineExceeded;
using runtime::testing::Scaled;

const absl::Status kOk = absl::OkStatus();
const absl::Status kParent = absl::AbortedError("parentCause");
const absl::Status kChild = absl::AbortedError("childCause");
const absl::Status kTooSlow = absl::AbortedError("tooSlow");
const absl::Status kFinishedEarly = absl::AbortedError("finishedEarly");

struct CauseCase {
  const char* name;
  std::function<Context()> ctx;
  absl::Status err;
  absl::Status cause;
};

std::vector<CauseCase> CancelCases() {
  return {
      {"Background", Background, kOk, kOk},
      {"WithCancel",
       [] {
         auto [ctx, cancel] = context::WithCancel(Background());
         cancel();
         return ctx;
       },
       Canceled(), Canceled()},
      {"WithCancelCause",
       [] {
         auto [ctx, cancel] = context::WithCancelCause(Background());
         cancel(kParent);
         return ctx;
       },
       Canceled(), kParent},
      {"WithCancelCause nil",
       [] {
         auto [ctx, cancel] = context::WithCancelCause(Background());
         cancel(absl::OkStatus());
         return ctx;
       },
       Canceled(), Canceled()},
      {"WithCancelCause: parent cause before child",
       [] {
         auto [ctx, cancel_parent] = context::WithCancelCause(Background());
         auto [child, cancel_child] = context::WithCancelCause(ctx);
         cancel_parent(kParent);
         cancel_child(kChild);
         return child;
       },
       Canceled(), kParent},
      {"WithCancelCause: parent cause after child",
       [] {
         auto [ctx, cancel_parent] = context::WithCancelCause(Background());
         auto [child, cancel_child] = context::WithCancelCause(ctx);
         cancel_child(kChild);
         cancel_parent(kParent);
         return child;
       },
       Canceled(), kChild},
      {"WithCancelCause: parent cause before nil",
       [] {
         auto [ctx, cancel_parent] = context::WithCancelCause(Background());
         auto [child, cancel_child] = context::WithCancel(ctx);
         cancel_parent(kParent);
         cancel_child();
         return child;
       },
       Canceled(), kParent},
      {"WithCancelCause: parent cause after nil",
       [] {
         auto [ctx, cancel_parent] = context::WithCancelCause(Background());
         auto [child, cancel_child] = context::WithCancel(ctx);
         cancel_child();
         cancel_parent(kParent);
         return child;
       },
       Canceled(), Canceled()},
      {"WithCancelCause: grandchild through values",
       [] {
         auto [ctx, cancel] = context::WithCancelCause(Background());
         cancel(kParent);
         return context::internal::Named(ctx, "other");
       },
       Canceled(), kParent},
  };
}

std::vector<CauseCase> DeadlineCases() {
  const auto wait = [](context::WithCancelResult r) {
    EXPECT_TRUE(AwaitDone(r.ctx));
    r.cancel();
    return r.ctx;
  };
  const auto cancel = [](context::WithCancelResult r) {
    r.cancel();
    return r.ctx;
  };
  return {
      {"WithTimeout",
       [wait] { return wait(context::WithTimeout(Background(), kShort)); },
       DeadlineExceeded(), DeadlineExceeded()},
      {"WithTimeout canceled",
       [cancel] {
         return cancel(context::WithTimeout(Background(), kVeryLong));
       },
       Canceled(), Canceled()},
      {"WithTimeoutCause",
       [wait] {
         return wait(context::WithTimeoutCause(Background(), kShort, kTooSlow));
       },
       DeadlineExceeded(), kTooSlow},
      {"WithTimeoutCause canceled",
       [cancel] {
         return cancel(
             context::WithTimeoutCause(Background(), kVeryLong, kTooSlow));
       },
       Canceled(), Canceled()},
      {"WithTimeoutCause stacked",
       [wait] {
         auto [ctx, stop] = context::WithCancelCause(Background());
         return wait(context::WithTimeoutCause(ctx, kShort, kTooSlow));
       },
       DeadlineExceeded(), kTooSlow},
      {"WithTimeoutCause stacked canceled",
       [] {
         auto [ctx, finish] = context::WithCancelCause(Background());
         auto [child, stop] =
             context::WithTimeoutCause(ctx, kVeryLong, kTooSlow);
         finish(kFinishedEarly);
         return child;
       },
       Canceled(), kFinishedEarly},
      {"WithDeadlineCause in the past",
       [] {
         auto [ctx, stop] = context::WithDeadlineCause(
             Background(), absl::Now() - absl::Seconds(1), kTooSlow);
         stop();
         return ctx;
       },
       DeadlineExceeded(), kTooSlow},
      {"WithDeadlineCause canceled",
       [cancel] {
         return cancel(context::WithDeadlineCause(
             Background(), absl::Now() + kVeryLong, kTooSlow));
       },
       Canceled(), Canceled()},
      {"WithoutCancel", [] { return context::WithoutCancel(Background()); },
       kOk, kOk},
      {"WithoutCancel canceled",
       [] {
         auto [ctx, cancel] = context::WithCancelCause(Background());
         Context child = context::WithoutCancel(ctx);
         cancel(kParent);
         return child;
       },
       kOk, kOk},
      {"WithoutCancel timeout",
       [] {
         auto [ctx, stop] =
             context::WithTimeoutCause(Background(), kShort, kTooSlow);
         Context child = context::WithoutCancel(ctx);
         EXPECT_TRUE(AwaitDone(ctx));
         return child;
       },
       kOk, kOk},
  };
}

GO_TEST(XTest, TestCause) {
  std::vector<CauseCase> cases = CancelCases();
  for (CauseCase& c : DeadlineCases()) cases.push_back(std::move(c));
  for (const CauseCase& c : cases) {
    const Context ctx = c.ctx();
    EXPECT_EQ(ctx.Err(), c.err) << c.name;
    EXPECT_EQ(Cause(ctx), c.cause) << c.name;
  }
}

GO_TEST(XTest, TestCauseRace) {
  for (int i = 0; i < Scaled(200); ++i) {
    const absl::Status cause = absl::AbortedError("TestCauseRace");
    auto [ctx, cancel] = context::WithCancelCause(Background());
    go([cancel = cancel, cause] { cancel(cause); });
    // Whoever sees an end sees why.
    while (Cause(ctx).ok()) runtime::Gosched();
    ASSERT_EQ(Cause(ctx), cause);
    ASSERT_EQ(ctx.Err(), Canceled());
  }
}

inline constexpr context::Key<std::string> kKey("key");

GO_TEST(XTest, TestWithoutCancel) {
  const Context ctx = context::WithValue(Background(), kKey, "value");
  const Context without = context::WithoutCancel(ctx);
  EXPECT_FALSE(static_cast<bool>(without.Done()));
  EXPECT_TRUE(without.Err().ok());
  EXPECT_EQ(without.Deadline(), absl::InfiniteFuture());
  ASSERT_NE(without.Value(kKey), nullptr);
  EXPECT_EQ(*without.Value(kKey), "value");
  EXPECT_EQ(without.String(),
            "context.Background.WithValue(key, value).WithoutCancel");
}

// Cancellation goes through whatever lies between, and stops at WithoutCancel.
GO_TEST(XTest, TestCustomContextPropagation) {
  const absl::Status cause = absl::AbortedError("TestCustomContextPropagation");
  auto [parent, cancel] = context::WithCancelCause(Background());
  const Context between = context::internal::Named(
      context::WithValue(parent, kKey, "value"), "other");
  auto [child, stop] = context::WithCancel(between);
  auto [apart, stop_apart] =
      context::WithCancel(context::WithoutCancel(between));
  cancel(cause);
  EXPECT_TRUE(IsDone(child));
  EXPECT_EQ(child.Err(), Canceled());
  EXPECT_EQ(Cause(child), cause);
  EXPECT_FALSE(IsDone(apart));
  EXPECT_TRUE(Cause(apart).ok());
}

GO_TEST(XTest, TestAfterFuncCalledAfterCancel) {
  auto [ctx, cancel] = context::WithCancel(Background());
  const Chan<Unit> done = MakeChan<Unit>();
  const context::StopFunc stop =
      context::AfterFunc(ctx, [done] { done.Close(); });
  runtime::Gosched();
  EXPECT_FALSE(Ready(done));
  cancel();
  EXPECT_TRUE(Await(done));
  EXPECT_FALSE(stop());
}

GO_TEST(XTest, TestAfterFuncCalledAfterTimeout) {
  auto [ctx, cancel] = context::WithTimeout(Background(), kShort);
  const Chan<Unit> done = MakeChan<Unit>();
  context::AfterFunc(ctx, [done] { done.Close(); });
  EXPECT_TRUE(Await(done));
  EXPECT_EQ(ctx.Err(), DeadlineExceeded());
}

GO_TEST(XTest, TestAfterFuncCalledImmediately) {
  auto [ctx, cancel] = context::WithCancel(Background());
  cancel();
  const Chan<Unit> done = MakeChan<Unit>();
  context::AfterFunc(ctx, [done] { done.Close(); });
  EXPECT_TRUE(Await(done));
}

GO_TEST(XTest, TestAfterFuncNotCalledAfterStop) {
  auto [ctx, cancel] = context::WithCancel(Background());
  const Chan<Unit> done = MakeChan<Unit>();
  const context::StopFunc stop =
      context::AfterFunc(ctx, [done] { done.Close(); });
  EXPECT_TRUE(stop());
  cancel();
  EXPECT_FALSE(Select(done.OnRecv([] {}), time::After(kShort).OnRecv([] {})) ==
               0);
  EXPECT_FALSE(stop());
}

// Cancelling does not wait for the function.
GO_TEST(XTest, TestAfterFuncCalledAsynchronously) {
  auto [ctx, cancel] = context::WithCancel(Background());
  const Chan<Unit> done = MakeChan<Unit>();
  const context::StopFunc stop =
      context::AfterFunc(ctx, [done] { done.Send(Unit()); });
  cancel();
  EXPECT_TRUE(Await(done));
}

}  // namespace
}  // namespace parkour::tests
