// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/stack_test.go, by meaning: what of it is not about stacks
// that grow.

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "parkour/base/atomic.h"
#include "parkour/base/sanitizer.h"
#include "parkour/chan/chan.h"
#include "parkour/runtime/debug.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::tests {

using runtime::testing::Eventually;
using runtime::testing::RunInGoroutine;

// Not in an anonymous namespace: their names are looked for.
[[gnu::noinline]] std::string StackOf(bool all) {
  std::string text = runtime::Stack(all);
  asm volatile("");
  return text;
}

[[gnu::noinline]] void WaitAtTheGate(const Chan<int>& gate) {
  gate.Recv();
  asm volatile("");
}

[[gnu::noinline]] void ComputeUntil(base::Atomic<bool>* started,
                                    const base::Atomic<bool>* stop) {
  started->store(true);
  while (!stop->load(base::kRelaxed)) asm volatile("");
}

namespace {

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(StackTest, TestStackOutput) {
  RunInGoroutine([] {
    const std::string text = StackOf(false);
    EXPECT_TRUE(text.starts_with("goroutine ")) << text;
    EXPECT_TRUE(Has(text, " [running]:\nparkour::tests::StackOf(...)\n\t"))
        << text;
    EXPECT_FALSE(Has(text, "\n\ngoroutine ")) << text;
  });
}

TEST(StackTest, TestStackAllOutput) {
  const Chan<int> gate = MakeChan<int>();
  sync::WaitGroup wg;
  wg.Go([&] { WaitAtTheGate(gate); });
  RunInGoroutine([&] {
    EXPECT_TRUE(Eventually(
        [] { return Has(StackOf(true), "WaitAtTheGate(...)\n\t"); }));
    const std::string text = StackOf(true);
    EXPECT_TRUE(text.starts_with("goroutine ")) << text;
    EXPECT_TRUE(Has(text, " [running]:\nparkour::tests::StackOf(...)\n\t"))
        << text;
    EXPECT_TRUE(Has(text, " [chan receive]:\n")) << text;
    EXPECT_TRUE(Has(text, "\ncreated by ")) << text;
  });
  gate.Close();
  wg.Wait();
}

TEST(StackTest, OfAPlainThread) {
  std::string text;
  std::thread([&] { text = StackOf(false); }).join();
  EXPECT_TRUE(Has(text, " [running]:\nparkour::tests::StackOf(...)\n\t"))
      << text;
  std::thread([&] { text = StackOf(true); }).join();
  EXPECT_TRUE(Has(text, " [running]:\nparkour::tests::StackOf(...)\n\t"))
      << text;
}

// It calls nothing of Parkour's: its thread is asked. ThreadSanitizer keeps
// signals from code that calls nothing.
TEST(StackTest, OfAGoroutineThatComputes) {
  if (PARKOUR_TSAN) GTEST_SKIP();
  base::Atomic<bool> started{false};
  base::Atomic<bool> stop{false};
  sync::WaitGroup wg;
  wg.Go([&] { ComputeUntil(&started, &stop); });
  EXPECT_TRUE(Eventually([&] { return started.load(); }));
  const std::string text = StackOf(true);
  stop.store(true);
  wg.Wait();
  EXPECT_TRUE(Has(text, "parkour::tests::ComputeUntil(...)\n\t")) << text;
}

// The world is stopped again and again while everybody is at work.
TEST(StackTest, OfManyAtWork) {
  base::Atomic<bool> stop{false};
  sync::WaitGroup wg;
  for (int i = 0; i < 20; ++i) {
    wg.Go([&] {
      const Chan<int> ball = MakeChan<int>();
      go([ball] {
        while (ball.Recv()) {
        }
      });
      while (!stop.load(base::kRelaxed)) ball.Send(1);
      ball.Close();
    });
  }
  for (int i = 0; i < runtime::testing::Scaled(200); ++i) {
    EXPECT_TRUE(StackOf(true).starts_with("goroutine "));
  }
  stop.store(true);
  wg.Wait();
}

}  // namespace
}  // namespace parkour::tests
