// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Go: src/sync/oncefunc_test.go. Its panics are exceptions here.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <tuple>

#include "parkour/runtime/go.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/once.h"
#include "parkour/sync/waitgroup.h"

namespace parkour::tests {
namespace {

using runtime::testing::RunInGoroutine;

TEST(OnceFunc, TestOnceFunc) {
  int calls = 0;
  auto of = sync::OnceFunc([&calls] { ++calls; });
  of();
  of();
  EXPECT_EQ(calls, 1);
}

TEST(OnceFunc, TestOnceValue) {
  int calls = 0;
  auto of = sync::OnceValue([&calls] { return ++calls; });
  of();
  EXPECT_EQ(of(), 1);
  EXPECT_EQ(calls, 1);
}

TEST(OnceFunc, TestOnceValues) {
  int calls = 0;
  auto of = sync::OnceValues([&calls] {
    ++calls;
    return std::tuple(calls, calls + 1);
  });
  of();
  auto [r1, r2] = of();
  EXPECT_EQ(r1, 1);
  EXPECT_EQ(r2, 2);
  EXPECT_EQ(calls, 1);
}

// Calls f twice; both throw the same string, and it ran once.
template <typename F>
void ThrowsTheSameTwice(const int& calls, F f) {
  for (int i = 0; i < 2; ++i) {
    std::string caught;
    try {
      f();
    } catch (const std::string& s) {
      caught = s;
    }
    EXPECT_EQ(caught, "x") << "want panic";
  }
  EXPECT_EQ(calls, 1);
}

TEST(OnceFunc, TestOnceFuncPanic) {
  int calls = 0;
  ThrowsTheSameTwice(calls, sync::OnceFunc([&calls] {
                       ++calls;
                       throw std::string("x");
                     }));
}

TEST(OnceFunc, TestOnceValuePanic) {
  int calls = 0;
  ThrowsTheSameTwice(calls, sync::OnceValue([&calls]() -> int {
                       ++calls;
                       throw std::string("x");
                     }));
}

TEST(OnceFunc, TestOnceValuesPanic) {
  int calls = 0;
  ThrowsTheSameTwice(calls,
                     sync::OnceValues([&calls]() -> std::tuple<int, int> {
                       ++calls;
                       throw std::string("x");
                     }));
}

// Go: panic(nil) is an error of its own. Here: an exception that says nothing.
TEST(OnceFunc, TestOnceFuncPanicNil) {
  int calls = 0;
  auto of = sync::OnceFunc([&calls] {
    ++calls;
    throw nullptr;
  });
  for (int i = 0; i < 2; ++i) {
    bool caught = false;
    try {
      of();
    } catch (std::nullptr_t) {
      caught = true;
    }
    EXPECT_TRUE(caught);
  }
  EXPECT_EQ(calls, 1);
}

// What others get then is not specified; that it does not run twice is.
TEST(OnceFunc, TestOnceFuncGoexit) {
  int calls = 0;
  auto of = sync::OnceFunc([&calls] {
    ++calls;
    runtime::Goexit();
  });
  for (int i = 0; i < 2; ++i) RunInGoroutine([&of] { of(); });
  EXPECT_EQ(calls, 1);
}

// Go asks the garbage collector whether what the function holds is kept alive;
// here the last reference goes with its run.
TEST(OnceFunc, TestOnceXGC) {
  auto buf = std::make_shared<std::string>(1024, 'x');
  const std::weak_ptr<std::string> alive = buf;
  std::function<void()> f = [buf = std::move(buf)] { (void)buf->size(); };
  auto of = sync::OnceFunc(std::move(f));
  f = nullptr;
  EXPECT_FALSE(alive.expired()) << "wrapped function was freed too early";
  of();
  EXPECT_TRUE(alive.expired()) << "wrapped function should be freed";
  of();
}

}  // namespace
}  // namespace parkour::tests
