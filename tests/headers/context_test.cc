// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/context/context.h"

#include <gtest/gtest.h>

#include "absl/cleanup/cleanup.h"
#include "absl/time/time.h"
#include "parkour/chan/select.h"

using namespace parkour;

namespace {

// ---- context/context.h ----

absl::Status Await(const context::Context& parent, const RecvChan<int>& answer,
                   int* result) {
  auto [ctx, cancel] = context::WithTimeout(parent, absl::Seconds(2));
  absl::Cleanup release = cancel;
  int taken = Select(answer.OnRecv([&](auto a) { *result = *a; }),
                     ctx.Done().OnRecv([] {}));
  if (taken == 1) return ctx.Err();
  return absl::OkStatus();
}

TEST(Context, AnAnswer) {
  const Chan<int> answer = MakeChan<int>(1);
  answer.Send(42);
  int result = 0;
  EXPECT_TRUE(Await(context::Background(), answer, &result).ok());
  EXPECT_EQ(result, 42);
}

TEST(Context, NoAnswer) {
  int result = 0;
  EXPECT_EQ(Await(context::Background(), MakeChan<int>(), &result),
            context::DeadlineExceeded());
  auto [parent, cancel] = context::WithCancel(context::Background());
  cancel();
  EXPECT_EQ(Await(parent, MakeChan<int>(), &result), context::Canceled());
  EXPECT_EQ(result, 0);
}

}  // namespace
