// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/context/afterfunc_test.go, by meaning. There the parent is a context
// of the test's own; ours are closed, and the same is asked of contexts between
// which there is one of another kind: that a child is told through its parent's
// list, not by a goroutine, and is taken out of that list.

#include <vector>

#include "parkour/context/context.h"
#include "parkour/tests/conformance/context/go_test.h"

namespace parkour::tests {
namespace {

using context::Canceled;
using context::Context;
using context::DeadlineExceeded;
using context::internal::NumChildren;

inline constexpr context::Key<int> kKey("key");

struct Custom {
  Custom() {
    auto [parent, cancel] = context::WithCancel(context::Background());
    base = parent;
    ctx =
        context::internal::Named(context::WithValue(parent, kKey, 1), "custom");
    this->cancel = cancel;
  }
  Context base;
  Context ctx;
  context::CancelFunc cancel;
};

GO_TEST(AfterFuncTest, TestCustomContextAfterFuncCancel) {
  const int64_t goroutines = runtime::NumGoroutine();
  Custom custom;
  auto [ctx1, stop] = context::WithCancel(custom.ctx);
  EXPECT_LE(runtime::NumGoroutine(), goroutines);
  custom.cancel();
  EXPECT_TRUE(IsDone(ctx1));
  EXPECT_EQ(ctx1.Err(), Canceled());
}

GO_TEST(AfterFuncTest, TestCustomContextAfterFuncTimeout) {
  const int64_t goroutines = runtime::NumGoroutine();
  Custom custom;
  auto [ctx1, stop] = context::WithTimeout(custom.ctx, kVeryLong);
  EXPECT_LE(runtime::NumGoroutine(), goroutines);
  custom.cancel();
  EXPECT_TRUE(IsDone(ctx1));
  EXPECT_EQ(ctx1.Err(), Canceled());
}

GO_TEST(AfterFuncTest, TestCustomContextAfterFuncAfterFunc) {
  const int64_t goroutines = runtime::NumGoroutine();
  Custom custom;
  const Chan<Unit> called = MakeChan<Unit>();
  const context::StopFunc stop =
      context::AfterFunc(custom.ctx, [called] { called.Close(); });
  EXPECT_LE(runtime::NumGoroutine(), goroutines);
  custom.cancel();
  EXPECT_TRUE(Await(called));
  EXPECT_FALSE(stop());
}

GO_TEST(AfterFuncTest, TestCustomContextAfterFuncUnregisterCancel) {
  Custom custom;
  auto [ctx1, stop] = context::WithCancel(custom.ctx);
  EXPECT_EQ(NumChildren(custom.base), 1u);
  stop();
  EXPECT_EQ(NumChildren(custom.base), 0u);
}

GO_TEST(AfterFuncTest, TestCustomContextAfterFuncUnregisterTimeout) {
  Custom custom;
  auto [ctx1, stop] = context::WithTimeout(custom.ctx, kShort);
  EXPECT_TRUE(AwaitDone(ctx1));
  // Err has the error only when the context has left its parent or is about
  // to: the rest is one more act of the timer's goroutine.
  EXPECT_EQ(ctx1.Err(), DeadlineExceeded());
  EXPECT_TRUE(runtime::testing::Eventually(
      [&] { return NumChildren(custom.base) == 0; }));
  EXPECT_FALSE(IsDone(custom.ctx));
}

GO_TEST(AfterFuncTest, TestCustomContextAfterFuncUnregisterAfterFunc) {
  Custom custom;
  const context::StopFunc stop = context::AfterFunc(
      custom.ctx, [] { ADD_FAILURE() << "called after stop"; });
  EXPECT_EQ(NumChildren(custom.base), 1u);
  EXPECT_TRUE(stop());
  EXPECT_EQ(NumChildren(custom.base), 0u);
  custom.cancel();
}

}  // namespace
}  // namespace parkour::tests
