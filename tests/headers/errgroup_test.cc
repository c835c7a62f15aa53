// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/errgroup/errgroup.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parkour/context/context.h"

using namespace parkour;

namespace {

// ---- errgroup/errgroup.h ----

// Finds all but "b"; "c" waits for the group's end.
absl::Status Fetch(const context::Context& ctx, const std::string& url) {
  if (url == "b") return absl::NotFoundError("no b");
  if (url == "c") ctx.Done().Recv();
  return ctx.Err();
}

absl::Status FetchAll(const context::Context& parent,
                      const std::vector<std::string>& urls,
                      context::Context* used) {
  auto [group, ctx] = errgroup::WithContext(parent);
  group.SetLimit(10);
  for (const std::string& url : urls) {
    group.Go([url, ctx = ctx] { return Fetch(ctx, url); });
  }
  absl::Status first = group.Wait();
  *used = ctx;
  return first;
}

TEST(Errgroup, TheFirstErrorEndsAll) {
  context::Context ctx;
  EXPECT_TRUE(FetchAll(context::Background(), {"a", "a"}, &ctx).ok());
  EXPECT_EQ(ctx.Err(), context::Canceled());
  EXPECT_EQ(context::Cause(ctx), context::Canceled());

  EXPECT_EQ(FetchAll(context::Background(), {"c", "c", "b"}, &ctx),
            absl::NotFoundError("no b"));
  EXPECT_EQ(ctx.Err(), context::Canceled());
  EXPECT_EQ(context::Cause(ctx), absl::NotFoundError("no b"));
}

}  // namespace
