// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/context/context_test.go, by meaning.

#include "parkour/context/context.h"

#include <vector>

#include "parkour/tests/conformance/context/go_test.h"

namespace parkour::tests {
namespace {

using context::Canceled;
using context::Context;
using context::internal::NumChildren;

inline constexpr context::Key<std::string> kKey("key");

GO_TEST(ContextTest, TestParentFinishesChild) {
  auto [parent, cancel] = context::WithCancel(context::Background());
  auto [cancel_child, stop_child] = context::WithCancel(parent);
  const Context value_child = context::WithValue(parent, kKey, "value");
  auto [timer_child, stop_timer] = context::WithTimeout(value_child, kVeryLong);
  const context::StopFunc after_stop = context::AfterFunc(parent, [] {});
  const std::vector<Context> all = {parent, cancel_child, value_child,
                                    timer_child};
  for (const Context& ctx : all) {
    EXPECT_FALSE(IsDone(ctx)) << ctx.String();
    EXPECT_TRUE(ctx.Err().ok()) << ctx.String();
  }
  // The value has no part in cancellation: its child hangs on the parent.
  EXPECT_EQ(NumChildren(parent), 3u);

  cancel();

  EXPECT_EQ(NumChildren(parent), 0u);
  for (const Context& ctx : all) {
    EXPECT_TRUE(IsDone(ctx)) << ctx.String();
    EXPECT_EQ(ctx.Err(), Canceled()) << ctx.String();
  }
  EXPECT_FALSE(after_stop());
  auto [late_child, stop_late] = context::WithCancel(parent);
  EXPECT_TRUE(IsDone(late_child));
  EXPECT_EQ(late_child.Err(), Canceled());
  EXPECT_EQ(NumChildren(parent), 0u);
}

GO_TEST(ContextTest, TestChildFinishesFirst) {
  auto [cancellable, stop] = context::WithCancel(context::Background());
  for (const Context& parent : {context::Background(), cancellable}) {
    auto [child, cancel] = context::WithCancel(parent);
    EXPECT_FALSE(IsDone(parent));
    EXPECT_FALSE(IsDone(child));
    const bool known = parent == cancellable;
    EXPECT_EQ(NumChildren(parent), known ? 1u : 0u);

    cancel();

    EXPECT_EQ(NumChildren(parent), 0u);
    EXPECT_TRUE(IsDone(child));
    EXPECT_EQ(child.Err(), Canceled());
    EXPECT_FALSE(IsDone(parent));
    EXPECT_TRUE(parent.Err().ok());
  }
}

GO_TEST(ContextTest, TestCancelRemoves) {
  auto [ctx, cancel] = context::WithCancel(context::Background());
  EXPECT_EQ(NumChildren(ctx), 0u);
  {
    auto [child, cancel_child] = context::WithCancel(ctx);
    EXPECT_EQ(NumChildren(ctx), 1u);
    cancel_child();
    EXPECT_EQ(NumChildren(ctx), 0u);
  }
  {
    auto [child, cancel_child] = context::WithTimeout(ctx, absl::Minutes(60));
    EXPECT_EQ(NumChildren(ctx), 1u);
    cancel_child();
    EXPECT_EQ(NumChildren(ctx), 0u);
  }
  const context::StopFunc stop = context::AfterFunc(ctx, [] {});
  EXPECT_EQ(NumChildren(ctx), 1u);
  EXPECT_TRUE(stop());
  EXPECT_EQ(NumChildren(ctx), 0u);
}

// A deep tree of contexts of this library takes no goroutine to watch it.
GO_TEST(ContextTest, TestCustomContextGoroutines) {
  const int64_t before = runtime::NumGoroutine();
  auto [ctx0, cancel0] = context::WithCancel(context::Background());
  auto [ctx1, cancel1] = context::WithCancel(ctx0);
  auto [ctx2, cancel2] =
      context::WithTimeout(context::WithValue(ctx1, kKey, "v"), kVeryLong);
  auto [ctx3, cancel3] = context::WithCancel(context::WithoutCancel(ctx2));
  auto [ctx4, cancel4] = context::WithCancelCause(ctx3);
  EXPECT_LE(runtime::NumGoroutine(), before);
  cancel0();
  EXPECT_TRUE(IsDone(ctx2));
  EXPECT_FALSE(IsDone(ctx4));
}

}  // namespace
}  // namespace parkour::tests
