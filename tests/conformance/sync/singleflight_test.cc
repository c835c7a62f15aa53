// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/internal/singleflight/singleflight_test.go

#include "parkour/sync/singleflight.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/sema.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::tests {
namespace {

using runtime::testing::Eventually;
using runtime::testing::Scaled;
using Group = sync::singleflight::Group<std::string, std::string>;

TEST(Singleflight, TestDo) {
  Group g;
  auto [v, shared] = g.Do("key", [] { return "bar"; });
  EXPECT_EQ(*v, "bar");
}

TEST(Singleflight, TestDoErr) {
  Group g;
  const absl::Status some_err = absl::UnknownError("some error");
  auto [v, shared] =
      g.Do("key", [&]() -> absl::StatusOr<std::string> { return some_err; });
  EXPECT_EQ(v.status(), some_err);
}

TEST(Singleflight, TestDoDupSuppress) {
  constexpr int kCallers = 10;
  Group g;
  sync::WaitGroup entered;
  sync::WaitGroup finished;
  Chan<std::string> c = MakeChan<std::string>(1);
  base::Atomic<int> calls{0};
  auto fn = [&] {
    if (calls.fetch_add(1) == 0) entered.Done();  // the first invocation
    std::string v = *c.Recv();
    c.Send(v);  // make available for any future calls
    runtime::Gosched();
    return v;
  };
  entered.Add(1);
  for (int i = 0; i < kCallers; ++i) {
    entered.Add(1);
    finished.Go([&] {
      entered.Done();
      auto [v, shared] = g.Do("key", fn);
      EXPECT_EQ(*v, "bar");
    });
  }
  entered.Wait();
  // At least one is in fn, and all are about to call Do.
  c.Send("bar");
  finished.Wait();
  EXPECT_GE(calls.load(), 1);
  EXPECT_LT(calls.load(), kCallers);
}

TEST(Singleflight, TestForgetUnshared) {
  Group g;
  const std::string key = "key";
  sync::WaitGroup first_started;
  sync::WaitGroup second_running;
  first_started.Add(1);
  Chan<bool> first_may_end = MakeChan<bool>();
  Chan<bool> first_ended = MakeChan<bool>();
  go([&, first_may_end, first_ended] {
    g.Do(key, [&] {
      first_started.Done();
      first_may_end.Recv();
      return "first";
    });
    first_ended.Close();
  });
  first_started.Wait();
  EXPECT_TRUE(g.ForgetUnshared(key));  // nobody shares it, and it runs
  EXPECT_TRUE(g.ForgetUnshared(key));  // it is forgotten already

  Chan<bool> second_may_end = MakeChan<bool>();
  second_running.Add(1);
  Chan<std::string> results = MakeChan<std::string>(2);
  go([&, second_may_end, results] {
    results.Send(*g.Do(key, [&] {
                     second_running.Done();
                     second_may_end.Recv();
                     return "second";
                   }).value);
  });
  second_running.Wait();

  first_may_end.Close();
  first_ended.Recv();

  // A third joins the second, although the first has ended meanwhile.
  const int64_t waiters = runtime::SemaWaiters();
  go([&, results] { results.Send(*g.Do(key, [] { return "third"; }).value); });
  ASSERT_TRUE(
      Eventually([&] { return runtime::SemaWaiters() == waiters + 1; }));
  EXPECT_FALSE(g.ForgetUnshared(key)) << "it is shared";
  second_may_end.Close();
  EXPECT_EQ(results.Recv(), "second");
  EXPECT_EQ(results.Recv(), "second");
}

// Whoever is told that it forgot an unshared call may rely on being the only
// one that gets its result.
TEST(Singleflight, TestDoAndForgetUnsharedRace) {
  const std::string key = "key";
  for (int round = 0; round < Scaled(100); ++round) {
    sync::singleflight::Group<std::string, int64_t> g;
    constexpr int kCallers = 30;
    base::Atomic<int64_t> calls{0};
    base::Atomic<int> wrong{0};
    sync::WaitGroup wg;
    for (int i = 0; i < kCallers; ++i) {
      wg.Go([&] {
        int64_t mine = -1;
        auto [v, shared] = g.Do(key, [&] {
          mine = calls.fetch_add(1);
          runtime::Gosched();
          return mine;
        });
        // It ran its own function, or somebody's with whom it shares.
        if (mine >= 0 ? *v != mine : !shared) wrong.fetch_add(1);
        g.ForgetUnshared(key);
      });
    }
    wg.Wait();
    EXPECT_EQ(wrong.load(), 0);
    EXPECT_TRUE(g.ForgetUnshared(key));
  }
}

}  // namespace
}  // namespace parkour::tests
