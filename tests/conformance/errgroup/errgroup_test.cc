// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: golang.org/x/sync/errgroup/errgroup_test.go, by meaning.

#include "parkour/errgroup/errgroup.h"

#include <vector>

#include "parkour/base/atomic.h"
#include "parkour/tests/conformance/context/go_test.h"

namespace parkour::tests {
namespace {

const absl::Status kOk = absl::OkStatus();
const absl::Status kErr1 = absl::AbortedError("errgroup_test: 1");
const absl::Status kErr2 = absl::AbortedError("errgroup_test: 2");

const std::vector<absl::Status> kCases[] = {
    {}, {kOk}, {kErr1}, {kErr1, kOk}, {kErr1, kOk, kErr2}};

absl::Status FirstError(const std::vector<absl::Status>& errs) {
  for (const absl::Status& err : errs) {
    if (!err.ok()) return err;
  }
  return kOk;
}

GO_TEST(ErrgroupTest, TestZeroGroup) {
  for (const std::vector<absl::Status>& errs : kCases) {
    const errgroup::Group g;
    absl::Status first;
    for (const absl::Status& err : errs) {
      g.Go([err] { return err; });
      if (first.ok()) first = err;
      EXPECT_EQ(g.Wait(), first);
    }
  }
}

GO_TEST(ErrgroupTest, TestWithContext) {
  for (const std::vector<absl::Status>& errs : kCases) {
    auto [g, ctx] = errgroup::WithContext(context::Background());
    for (const absl::Status& err : errs) {
      g.Go([err] { return err; });
    }
    const absl::Status got = g.Wait();
    // Of several errors the one that happens to come first.
    if (errs.size() < 3) {
      EXPECT_EQ(got, FirstError(errs));
    } else {
      EXPECT_FALSE(got.ok());
    }
    EXPECT_TRUE(IsDone(ctx));
  }
}

GO_TEST(ErrgroupTest, TestTryGo) {
  errgroup::Group g;
  constexpr int n = 42;
  g.SetLimit(n);
  const Chan<Unit> ch = MakeChan<Unit>();
  const auto fn = [ch] {
    ch.Send(Unit());
    return absl::OkStatus();
  };
  for (int i = 0; i < n; ++i) EXPECT_TRUE(g.TryGo(fn)) << i;
  EXPECT_FALSE(g.TryGo(fn));
  go([ch] {
    for (int i = 0; i < n; ++i) ch.Recv();
  });
  EXPECT_TRUE(g.Wait().ok());

  EXPECT_TRUE(g.TryGo(fn));
  EXPECT_TRUE(ch.Recv());
  EXPECT_TRUE(g.Wait().ok());

  // Without a limit.
  g.SetLimit(-1);
  for (int i = 0; i < 2 * n; ++i) EXPECT_TRUE(g.TryGo(fn)) << i;
  for (int i = 0; i < 2 * n; ++i) ch.Recv();
  EXPECT_TRUE(g.Wait().ok());

  // A limit of 0 blocks all.
  g.SetLimit(0);
  for (int i = 0; i < 1 << 10; ++i) EXPECT_FALSE(g.TryGo(fn));
  EXPECT_TRUE(g.Wait().ok());
}

GO_TEST(ErrgroupTest, TestGoLimit) {
  constexpr int kLimit = 10;
  errgroup::Group g;
  g.SetLimit(kLimit);
  base::Atomic<int> active{0};
  for (int i = 0; i <= 1 << 10; ++i) {
    g.Go([&active]() -> absl::Status {
      const int n = active.fetch_add(1) + 1;
      if (n > kLimit) return absl::InternalError("too many are active");
      runtime::Gosched();
      active.fetch_sub(1);
      return absl::OkStatus();
    });
  }
  EXPECT_TRUE(g.Wait().ok());
}

GO_TEST(ErrgroupTest, TestCancelCause) {
  for (const std::vector<absl::Status>& errs : kCases) {
    if (errs.size() > 2) continue;
    auto [g, ctx] = errgroup::WithContext(context::Background());
    for (const absl::Status& err : errs) {
      g.TryGo([err] { return err; });
    }
    EXPECT_EQ(g.Wait(), FirstError(errs));
    const absl::Status first = FirstError(errs);
    EXPECT_EQ(context::Cause(ctx), first.ok() ? context::Canceled() : first);
    EXPECT_EQ(ctx.Err(), context::Canceled());
  }
}

}  // namespace
}  // namespace parkour::tests
