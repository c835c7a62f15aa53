// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/context/x_test.go, by meaning, but for causes, AfterFunc and
// WithoutCancel (x_cause_test.cc).

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "parkour/base/error.h"
#include "parkour/base/rand.h"
#include "parkour/context/context.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/context/go_test.h"

namespace parkour::tests {
namespace {

using context::Canceled;
using context::Context;
using context::DeadlineExceeded;
using runtime::testing::Scaled;

bool HasPrefix(const std::string& s, const char* prefix) {
  return s.rfind(prefix, 0) == 0;
}

GO_TEST(XTest, TestBackground) {
  const Context c = context::Background();
  ASSERT_TRUE(static_cast<bool>(c));
  EXPECT_FALSE(static_cast<bool>(c.Done()));
  EXPECT_FALSE(IsDone(c));
  EXPECT_EQ(c.String(), "context.Background");
}

GO_TEST(XTest, TestTODO) {
  const Context c = context::TODO();
  ASSERT_TRUE(static_cast<bool>(c));
  EXPECT_FALSE(IsDone(c));
  EXPECT_EQ(c.String(), "context.TODO");
  EXPECT_FALSE(c == context::Background());
}

GO_TEST(XTest, TestWithCancel) {
  auto [c1, cancel] = context::WithCancel(context::Background());
  EXPECT_EQ(c1.String(), "context.Background.WithCancel");
  const Context o = c1;
  auto [c2, cancel2] = context::WithCancel(o);
  const std::vector<Context> contexts = {c1, o, c2};
  for (const Context& c : contexts) {
    EXPECT_TRUE(static_cast<bool>(c.Done()));
    EXPECT_FALSE(IsDone(c));
    EXPECT_TRUE(c.Err().ok());
  }
  cancel();  // has taken its effect when it returns
  for (const Context& c : contexts) {
    EXPECT_TRUE(IsDone(c));
    EXPECT_EQ(c.Err(), Canceled());
  }
}

void ExpectDeadline(const Context& c, const char* what) {
  EXPECT_TRUE(AwaitDone(c)) << what;
  EXPECT_EQ(c.Err(), DeadlineExceeded()) << what;
}

GO_TEST(XTest, TestDeadline) {
  const auto soon = [] { return absl::Now() + kShort; };
  auto [c1, stop1] = context::WithDeadline(context::Background(), soon());
  EXPECT_TRUE(HasPrefix(c1.String(), "context.Background.WithDeadline("))
      << c1.String();
  ExpectDeadline(c1, "WithDeadline");

  auto [c2, stop2] = context::WithDeadline(context::Background(), soon());
  const Context o = c2;
  ExpectDeadline(o, "a copy");

  auto [c3, stop3] = context::WithDeadline(context::Background(), soon());
  auto [c4, stop4] = context::WithDeadline(c3, absl::Now() + kVeryLong);
  ExpectDeadline(c4, "the parent's deadline");

  auto [c5, stop5] =
      context::WithDeadline(context::Background(), absl::Now() - kShort);
  EXPECT_TRUE(IsDone(c5));
  ExpectDeadline(c5, "a deadline in the past");

  auto [c6, stop6] = context::WithDeadline(context::Background(), absl::Now());
  ExpectDeadline(c6, "a deadline now");
}

GO_TEST(XTest, TestTimeout) {
  auto [c1, stop1] = context::WithTimeout(context::Background(), kShort);
  EXPECT_TRUE(HasPrefix(c1.String(), "context.Background.WithDeadline("));
  ExpectDeadline(c1, "WithTimeout");

  auto [c2, stop2] = context::WithTimeout(context::Background(), kShort);
  auto [c3, stop3] = context::WithTimeout(c2, kVeryLong);
  ExpectDeadline(c3, "the parent's timeout");
}

GO_TEST(XTest, TestCanceledTimeout) {
  auto [c, stop] = context::WithTimeout(context::Background(), kVeryLong);
  const Context o = c;
  auto [c2, cancel] = context::WithTimeout(o, 2 * kVeryLong);
  cancel();
  EXPECT_TRUE(IsDone(c2));
  EXPECT_EQ(c2.Err(), Canceled());
  EXPECT_TRUE(c.Err().ok());
}

inline constexpr context::Key<std::string> k1("k1");
inline constexpr context::Key<std::string> k2("k2");
// Named as another: still another key.
inline constexpr context::Key<std::string> k3("k2");

void CheckValues(const Context& c, const char* name, const char* v1,
                 const char* v2, const char* v3) {
  const auto check = [&](const context::Key<std::string>& key,
                         const char* want) {
    const std::string* const got = c.Value(key);
    ASSERT_EQ(got == nullptr, want == nullptr) << name;
    if (want != nullptr) {
      EXPECT_EQ(*got, want) << name;
    }
  };
  check(k1, v1);
  check(k2, v2);
  check(k3, v3);
}

GO_TEST(XTest, TestValues) {
  const Context c0 = context::Background();
  CheckValues(c0, "c0", nullptr, nullptr, nullptr);

  const Context c1 = context::WithValue(c0, k1, "c1k1");
  CheckValues(c1, "c1", "c1k1", nullptr, nullptr);
  EXPECT_EQ(c1.String(), "context.Background.WithValue(k1, c1k1)");

  const Context c2 = context::WithValue(c1, k2, "c2k2");
  CheckValues(c2, "c2", "c1k1", "c2k2", nullptr);

  const Context c3 = context::WithValue(c2, k3, "c3k3");
  CheckValues(c3, "c3", "c1k1", "c2k2", "c3k3");

  const Context c4 = context::WithValue(c3, k1, "");
  CheckValues(c4, "c4", "", "c2k2", "c3k3");

  const Context o1 = context::internal::Named(c0, "other");
  CheckValues(o1, "o1", nullptr, nullptr, nullptr);
  const Context o2 = context::WithValue(o1, k1, "o2k1");
  CheckValues(o2, "o2", "o2k1", nullptr, nullptr);
  auto [o3, cancel] = context::WithCancel(o2);
  CheckValues(o3, "o3", "o2k1", nullptr, nullptr);
}

GO_TEST(XTest, TestSimultaneousCancels) {
  auto [root, cancel] = context::WithCancel(context::Background());
  struct Pair {
    Context ctx;
    context::CancelFunc cancel;
  };
  std::vector<Pair> all = {{root, cancel}};
  const size_t n = static_cast<size_t>(Scaled(100));
  // A tree: of each context of the queue's front two children.
  for (size_t next = 0; all.size() < n; ++next) {
    const Context parent = all[next].ctx;
    for (int i = 0; i < 2; ++i) {
      auto [ctx, cancel_child] = context::WithCancel(parent);
      all.push_back({ctx, cancel_child});
    }
  }
  sync::WaitGroup wg;
  for (const Pair& p : all) {
    wg.Go([&p] { p.cancel(); });
  }
  wg.Wait();
  for (const Pair& p : all) {
    EXPECT_TRUE(IsDone(p.ctx));
    EXPECT_EQ(p.ctx.Err(), Canceled());
    EXPECT_EQ(context::internal::NumChildren(p.ctx), 0u);
  }
}

GO_TEST(XTest, TestInterlockedCancels) {
  auto [parent, cancel_parent] = context::WithCancel(context::Background());
  auto [child, cancel_child] = context::WithCancel(parent);
  go([parent = parent, cancel_child = cancel_child] {
    parent.Done().Recv();
    cancel_child();
  });
  cancel_parent();
  EXPECT_TRUE(AwaitDone(child));
}

// Random towers of derived contexts.
void Layers(uint64_t seed, bool test_timeout) {
  base::Rand rand(seed);
  constexpr int kMinLayers = 30;
  const context::Key<int> keys[4] = {
      context::Key<int>("0"), context::Key<int>("1"), context::Key<int>("2"),
      context::Key<int>("3")};
  int expected[4] = {-1, -1, -1, -1};
  std::vector<context::CancelFunc> cancels;
  int timers = 0;
  Context ctx = context::Background();
  for (int layer = 0; layer < kMinLayers || timers == 0 || cancels.empty();
       ++layer) {
    switch (rand.Below(3)) {
      case 0: {
        const uint32_t k = rand.Below(4);
        ctx = context::WithValue(ctx, keys[k], layer);
        expected[k] = layer;
        break;
      }
      case 1: {
        context::WithCancelResult r = context::WithCancel(ctx);
        ctx = r.ctx;
        cancels.push_back(r.cancel);
        break;
      }
      case 2: {
        const absl::Duration d =
            test_timeout ? absl::Milliseconds(2) : kVeryLong;
        context::WithCancelResult r = context::WithTimeout(ctx, d);
        ctx = r.ctx;
        cancels.push_back(r.cancel);
        ++timers;
        break;
      }
    }
  }
  const auto check_values = [&](const char* when) {
    for (int k = 0; k < 4; ++k) {
      const int* const v = ctx.Value(keys[k]);
      EXPECT_EQ(v == nullptr ? -1 : *v, expected[k]) << when << " " << seed;
    }
  };
  if (!test_timeout) {
    EXPECT_FALSE(IsDone(ctx)) << seed;
  }
  check_values("before");
  EXPECT_TRUE(HasPrefix(ctx.String(), "context.Background."));
  if (test_timeout) {
    EXPECT_TRUE(AwaitDone(ctx)) << seed;
    EXPECT_EQ(ctx.Err(), DeadlineExceeded()) << seed;
  } else {
    cancels[rand.Below(static_cast<uint32_t>(cancels.size()))]();
    EXPECT_TRUE(IsDone(ctx)) << seed;
    EXPECT_EQ(ctx.Err(), Canceled()) << seed;
  }
  check_values("after");
}

GO_TEST(XTest, TestLayersCancel) {
  for (int i = 0; i < Scaled(200); ++i) Layers(static_cast<uint64_t>(i), false);
}

GO_TEST(XTest, TestLayersTimeout) {
  for (int i = 0; i < Scaled(100); ++i) Layers(static_cast<uint64_t>(i), true);
}

GO_TEST(XTest, TestWithCancelCanceledParent) {
  auto [parent, cancel] = context::WithCancelCause(context::Background());
  const absl::Status cause = absl::NotFoundError("Because!");
  cancel(cause);
  auto [c, stop] = context::WithCancel(parent);
  EXPECT_TRUE(IsDone(c));
  EXPECT_EQ(c.Err(), Canceled());
  EXPECT_EQ(context::Cause(c), cause);
}

GO_TEST(XTest, TestWithCancelSimultaneouslyCanceledParent) {
  for (int i = 0; i < Scaled(1000); ++i) {
    auto [parent, cancel] = context::WithCancelCause(context::Background());
    const absl::Status cause = absl::NotFoundError("Because!");
    go([cancel = cancel, cause] { cancel(cause); });
    auto [c, stop] = context::WithCancel(parent);
    ASSERT_TRUE(AwaitDone(c));
    ASSERT_EQ(c.Err(), Canceled());
    ASSERT_EQ(context::Cause(c), cause);
  }
}

TEST(XDeathTest, TestInvalidDerivedFail) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const Context nil;
  const char kNilParent[] = "panic: cannot create context from nil parent";
  const auto exits = ::testing::ExitedWithCode(2);
  EXPECT_EXIT((void)context::WithCancel(nil), exits, kNilParent);
  EXPECT_EXIT((void)context::WithDeadline(nil, absl::Now()), exits, kNilParent);
  EXPECT_EXIT((void)context::WithValue(nil, k1, "v"), exits, kNilParent);
  EXPECT_EXIT((void)context::WithoutCancel(nil), exits, kNilParent);
  EXPECT_EXIT((void)nil.Err(), exits,
              "panic: runtime error: invalid memory address");
}

GO_TEST(XTest, TestDeadlineExceededSupportsTimeout) {
  auto [c, cancel] = context::WithTimeout(context::Background(), kShort);
  EXPECT_TRUE(AwaitDone(c));
  EXPECT_TRUE(base::IsTimeout(c.Err()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(c.Err()));
}

}  // namespace
}  // namespace parkour::tests
