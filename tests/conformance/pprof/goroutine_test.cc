// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/pprof/pprof_test.go, by meaning: the goroutine profile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/pprof/profiles.h"

namespace parkour::tests {
namespace {

using pprof::Lookup;
using pprof::ReadProfile;
using pprof::ReadSample;
using runtime::NumGoroutine;
using runtime::testing::GoroutinesBackTo;
using runtime::testing::Scaled;
using ::testing::StartsWith;

#define DEFINE_WAITER(name)                                 \
  __attribute__((noinline)) void name(const Chan<int>& c) { \
    c.Recv();                                               \
    NO_TAIL_CALL;                                           \
  }
DEFINE_WAITER(Func1)
DEFINE_WAITER(Func2)
DEFINE_WAITER(Func3)

TEST(Pprof, TestGoroutineCounts) {
  ASSERT_TRUE(GoroutinesBackTo(0));  // nobody of an earlier test is left
  const Chan<int> c = MakeChan<int>();
  const auto start = [&c](int n, GoOptions options) {
    for (int i = 0; i < n; ++i) {
      go(options, i % 10 == 0 ? Func1 : i % 2 == 0 ? Func2 : Func3, c);
    }
  };
  start(100, {});
  start(89, {.name = "value"});
  ASSERT_TRUE(AwaitBlocked("chan receive", "Func", 189));
  // Sorted, the most frequent first, with their labels.
  const std::string text = Text("goroutine");
  const std::string label = "\n# labels: {\"name\":\"value\", ";
  size_t at = 0;
  for (const std::string& part :
       {std::string("\n50 @"), std::string("\n44 @"), label,
        std::string("\n40 @"), std::string("\n36 @"), label,
        std::string("\n10 @"), std::string("\n9 @"), label}) {
    at = ("\n" + text).find(part, at);
    ASSERT_NE(at, std::string::npos) << part << "\n" << text;
  }
  EXPECT_THAT(text, StartsWith("goroutine profile: total 189\n"));
  std::map<int64_t, std::string> names;
  for (const ReadSample& s : Proto("goroutine").samples) {
    const auto name = s.labels.find("name");
    names[s.values[0]] = name == s.labels.end() ? "" : name->second;
  }
  const std::map<int64_t, std::string> expected = {
      {50, ""}, {44, "value"}, {40, ""}, {36, "value"}, {10, ""}, {9, "value"}};
  EXPECT_EQ(names, expected);
  EXPECT_EQ(Lookup("goroutine")->Count(), NumGoroutine());
  c.Close();
  EXPECT_TRUE(GoroutinesBackTo(0));
}

// Overlapping requests, while goroutines come and go: profiles are valid, and
// each shows at least those that lived all the time.
TEST(Pprof, TestGoroutineProfileConcurrency) {
  ASSERT_TRUE(GoroutinesBackTo(0));  // nobody of an earlier test is left
  constexpr int kOld = 10;
  const int rounds = Scaled(40) + 1;
  const Chan<int> c = MakeChan<int>();
  for (int i = 0; i < kOld; ++i) go(Func1, c);
  ASSERT_TRUE(AwaitBlocked("chan receive", "Func1", kOld));
  base::Atomic<bool> stop{false};
  base::Atomic<int> bad{0};
  sync::WaitGroup churn, readers;
  for (int i = 0; i < 2; ++i) {
    churn.Go([&] {
      while (!stop.load()) {
        const Chan<int> d = MakeChan<int>();
        go([d] { d.Send(1); });
        d.Recv();
      }
    });
    readers.Go([&] {
      for (int round = 0; round < rounds; ++round) {
        std::string data;
        Lookup("goroutine")->WriteTo(&data, 0);
        const ReadProfile profile = pprof::Read(data);
        int64_t old = 0;
        for (const ReadSample& s : profile.samples) {
          if (s.Mentions("Func1")) old += s.values[0];
        }
        if (!profile.error.empty() || old != kOld) bad.fetch_add(1);
      }
    });
  }
  readers.Wait();
  stop.store(true);
  churn.Wait();
  EXPECT_EQ(bad.load(), 0);
  c.Close();
  EXPECT_TRUE(GoroutinesBackTo(0));
}

// New goroutines show up in order: who appears has all older ones beside it.
TEST(Pprof, GoroutineLaunches) {
  ASSERT_TRUE(GoroutinesBackTo(0));  // nobody of an earlier test is left
  const Chan<int> c = MakeChan<int>();
  base::Atomic<bool> stop{false};
  base::Atomic<int> launched{0};
  sync::WaitGroup launcher;
  launcher.Go([&] {
    for (int i = 0; !stop.load() && i < 10000; ++i) {
      go({.name = "n" + std::to_string(i)}, Func2, c);
      launched.store(i + 1);
      for (int j = 0; j < i; ++j) runtime::Gosched();
    }
  });
  while (launched.load() == 0) runtime::Gosched();
  for (int i = 0; i < 3; ++i) {
    const int at_least = launched.load();
    std::set<std::string> names;
    for (const ReadSample& s : Proto("goroutine").samples) {
      const auto name = s.labels.find("name");
      if (name != s.labels.end()) names.insert(name->second);
    }
    EXPECT_GE(names.size(), static_cast<size_t>(at_least));
    for (size_t n = 0; n < names.size(); ++n) {
      EXPECT_TRUE(names.contains("n" + std::to_string(n))) << n;
    }
  }
  stop.store(true);
  launcher.Wait();
  c.Close();
  EXPECT_TRUE(GoroutinesBackTo(0));
}

}  // namespace
}  // namespace parkour::tests
