// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A host ends the runtime and goes on itself. One test only: a process ends it
// once.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "parkour/parkour.h"

namespace parkour::tests {
namespace {

TEST(Shutdown, WaitsForTheLast) {
  EXPECT_EQ(runtime::Shutdown().code(), absl::StatusCode::kFailedPrecondition)
      << "nothing has started";

  constexpr int kWorkers = 200;
  const Chan<Unit> stop = MakeChan<Unit>();
  std::atomic<int> ended = 0;
  for (int i = 0; i < kWorkers; ++i) {
    go([stop, &ended, i] {
      while (stop.Recv().has_value()) {
      }
      // Some take their time, some leave somebody behind who takes his.
      if (i % 3 == 0) time::Sleep(absl::Milliseconds(i % 20));
      if (i % 5 == 0) {
        go([&ended] {
          runtime::Gosched();
          ended.fetch_add(1);
        });
      }
      ended.fetch_add(1);
    });
  }
  const Chan<absl::Status> inside = MakeChan<absl::Status>();
  go([inside] { inside.Send(runtime::Shutdown()); });
  EXPECT_EQ(inside.Recv()->code(), absl::StatusCode::kFailedPrecondition);

  std::thread closer([stop] { stop.Close(); });
  const absl::Status status = runtime::Shutdown();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(ended.load(), kWorkers + kWorkers / 5);
  closer.join();

  EXPECT_EQ(runtime::Shutdown().code(), absl::StatusCode::kFailedPrecondition)
      << "the second time";
  // What does not wait works; what is started does not run.
  const Chan<int> chan = MakeChan<int>(1);
  EXPECT_TRUE(chan.TrySend(1));
  EXPECT_EQ(chan.Recv(), 1);
  go([chan] { chan.Send(2); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(chan.Len(), 0);
}

}  // namespace
}  // namespace parkour::tests
