// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Closing a channel that many wait for: it wakes a few of them at a time.

#include <optional>

#include "gtest/gtest.h"
#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour {
namespace {

using runtime::testing::Eventually;
using runtime::testing::RunInGoroutine;

// As many as Close takes at a time, a few less, a few more: of all who wait
// there, in whatever way, nobody is left, and nobody is woken twice.
TEST(Close, WakesAllInWhateverNumber) {
  runtime::testing::ProcsScope procs(1);
  for (const int n : {1, 63, 64, 65, 127, 128, 129, 300}) {
    for (const int cap : {0, 2}) {
      RunInGoroutine([n, cap] {
        const Chan<int> ch = MakeChan<int>(cap);
        const Chan<int> silent = MakeChan<int>();
        base::Atomic<int> arrived{0};
        base::Atomic<int> ended{0};
        sync::WaitGroup wg;
        for (int i = 0; i < n; ++i) {
          wg.Go([&arrived, &ended, ch, silent, i] {
            arrived.fetch_add(1);
            switch (i % 3) {
              case 0:
                EXPECT_EQ(ch.Recv(), std::nullopt);
                break;
              case 1:
                EXPECT_EQ(Select(silent.OnRecv([] {}), ch.OnRecv([](auto v) {
                            EXPECT_EQ(v, std::nullopt);
                          })),
                          1);
                break;
              default:
                // In one queue more than once.
                EXPECT_GT(Select(silent.OnRecv([] {}), ch.OnRecv([] {}),
                                 ch.OnRecv([] {}), ch.OnRecv([] {})),
                          0);
            }
            ended.fetch_add(1);
          });
        }
        EXPECT_TRUE(Eventually([&] { return arrived.load() == n; }));
        for (int i = 0; i < 3; ++i) runtime::Gosched();
        EXPECT_EQ(ended.load(), 0);
        ch.Close();
        wg.Wait();
        EXPECT_EQ(ended.load(), n);
        // No select has left anything in the other queue.
        EXPECT_FALSE(silent.TrySend(1));
      });
    }
  }
}

class CloseDeathTest : public ::testing::Test {
 protected:
  CloseDeathTest() { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

const auto kExit = ::testing::ExitedWithCode(2);

// Senders in a number that Close does not take at once.
TEST_F(CloseDeathTest, ClosedWhileManyAreSending) {
  EXPECT_EXIT(
      {
        Chan<int> ch = MakeChan<int>(1);
        base::Atomic<int> arrived{0};
        for (int i = 0; i < 200; ++i) {
          go([&arrived, ch] {
            arrived.fetch_add(1);
            ch.Send(1);
          });
        }
        Eventually([&] { return arrived.load() == 200; });
        go([ch] { ch.Close(); });
        Eventually([] { return false; });
      },
      kExit, "panic: send on closed channel");
}

// The first Close still wakes when the second comes.
TEST_F(CloseDeathTest, ClosedAgainByThoseWhomCloseWakes) {
  EXPECT_EXIT(
      {
        Chan<int> ch = MakeChan<int>();
        base::Atomic<int> arrived{0};
        for (int i = 0; i < 1000; ++i) {
          go([&arrived, ch] {
            arrived.fetch_add(1);
            ch.Recv();
            ch.Close();
          });
        }
        Eventually([&] { return arrived.load() == 1000; });
        ch.Close();
        Eventually([] { return false; });
      },
      kExit, "panic: close of closed channel");
}

}  // namespace
}  // namespace parkour
