// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/symbolize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "parkour/base/atomic.h"

namespace parkour::base {
namespace {

struct Frame {
  std::string function;
  std::string file;
  int line;
  bool inlined;
};

std::vector<Frame> FramesOf(uintptr_t pc) {
  std::vector<Frame> frames;
  Symbolize(
      pc,
      [](const SourceFrame& f, void* arg) {
        static_cast<std::vector<Frame>*>(arg)->push_back(
            {f.function, f.file, f.line, f.inlined});
      },
      &frames);
  return frames;
}

__attribute__((noinline)) uintptr_t CallerPc() {
  return reinterpret_cast<uintptr_t>(__builtin_return_address(0)) - 1;
}

__attribute__((noinline)) int Known(uintptr_t* pc) {
  *pc = CallerPc();
  return __LINE__ - 1;
}

// First of all, so that they are all first to ask.
TEST(Symbolize, ThreadsTogether) {
  uintptr_t pc = 0;
  Known(&pc);
  const auto also = reinterpret_cast<uintptr_t>(&Symbolize);
  Atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      ready.fetch_add(1);
      while (ready.load() < 4) CpuRelax();
      for (int j = 0; j < 10; ++j) {
        EXPECT_FALSE(FramesOf((i + j) % 2 == 0 ? pc : also).empty());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Symbolize, FunctionFileAndLine) {
  uintptr_t pc = 0;
  const int line = Known(&pc);
  const std::vector<Frame> frames = FramesOf(pc);
  ASSERT_EQ(frames.size(), 1u);
  // With its namespaces, although no linker sees it.
  EXPECT_THAT(frames[0].function,
              testing::HasSubstr("base::(anonymous namespace)::Known("));
  EXPECT_THAT(frames[0].file, testing::EndsWith("base/symbolize_test.cc"));
  EXPECT_EQ(frames[0].line, line);
  EXPECT_FALSE(frames[0].inlined);
}

__attribute__((always_inline)) inline uintptr_t Inlined() { return CallerPc(); }

__attribute__((noinline)) uintptr_t Outer() {
  const uintptr_t pc = Inlined();
  asm volatile("");  // no tail call
  return pc;
}

TEST(Symbolize, InlinedFramesComeFirst) {
  const std::vector<Frame> frames = FramesOf(Outer());
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_THAT(frames[0].function, testing::HasSubstr("Inlined"));
  EXPECT_TRUE(frames[0].inlined);
  EXPECT_THAT(frames[1].function, testing::HasSubstr("Outer"));
  EXPECT_FALSE(frames[1].inlined);
}

// The C++ library's tag of it is part of the name.
[[gnu::noinline]] std::string ReturnsAString(uintptr_t* pc) {
  *pc = CallerPc();
  return "text";
}

TEST(Symbolize, FunctionThatReturnsAString) {
  uintptr_t pc = 0;
  EXPECT_EQ(ReturnsAString(&pc), "text");
  EXPECT_THAT(FramesOf(pc)[0].function,
              testing::HasSubstr("::ReturnsAString("));
}

TEST(Symbolize, NoCodeAtAll) {
  const std::vector<Frame> frames = FramesOf(16);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].function, "?");
  EXPECT_EQ(frames[0].file, "");
}

}  // namespace
}  // namespace parkour::base
