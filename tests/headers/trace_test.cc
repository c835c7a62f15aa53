// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tracing/trace.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/tracing/annotate.h"

using namespace parkour;

namespace {

void Serve() {
  const Chan<int> done = MakeChan<int>();
  go([done] { done.Send(1); });
  done.Recv();
}

struct Request {
  std::string user;
};
Request Parse(std::string_view body) { return {std::string(body)}; }

// ---- tracing/trace.h ----

absl::Status Traced() {
  if (auto err = trace::Start("/tmp/server.trace"); !err.ok()) return err;
  Serve();
  return trace::Stop();
}

TEST(Trace, StartAndStop) { EXPECT_EQ(Traced(), absl::OkStatus()); }

TEST(Trace, FlightRecorder) {
  const absl::Duration took = absl::Seconds(2);
  trace::FlightRecorder recorder;
  if (took > absl::Seconds(1)) {
    absl::StatusOr<int64_t> bytes = recorder.WriteTo("/tmp/slow.trace");
    ASSERT_TRUE(bytes.ok());
    EXPECT_GT(*bytes, 16);
  }
}

// ---- tracing/annotate.h ----

TEST(Trace, Annotations) {
  runtime::testing::RunInGoroutine([] {
    const context::Context parent = context::Background();
    const std::string body = "bob";
    Request request;
    auto [ctx, task] = trace::NewTask(parent, "request");
    trace::WithRegion(ctx, "parse", [&] { request = Parse(body); });
    trace::Log(ctx, "user", request.user);
    task.End();
    EXPECT_EQ(request.user, "bob");
  });
}

}  // namespace
