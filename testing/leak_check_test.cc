// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/testing/leak_check.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "parkour/parkour.h"
#include "parkour/testing/test.h"

namespace parkour::test {

// Of the goroutine that leaks, to be found in its stack.
[[gnu::noinline]] void WaitForNobody(const Chan<int>& ch) {
  ch.Recv();
  asm volatile("");
}

namespace {

// Long enough for nothing: what is looked for does not go away.
constexpr absl::Duration kSoon = absl::Milliseconds(50);

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

TEST(LeakCheck, FindsAGoroutine) {
  const Chan<int> ch = MakeChan<int>();
  const LeakCheck hasty(kSoon);
  const LeakCheck patient;  // its end comes first
  EXPECT_EQ(hasty.Find(), "");
  sync::WaitGroup begun;
  begun.Add(2);
  for (int i = 0; i < 2; ++i) {
    go([&begun, ch] {
      begun.Done();
      WaitForNobody(ch);
    });
  }
  begun.Wait();
  const std::string found = hasty.Find();
  EXPECT_TRUE(Has(found, "2 goroutines are left")) << found;
  EXPECT_TRUE(Has(found, "WaitForNobody(")) << found;
  EXPECT_TRUE(Has(found, "created by ")) << found;
  EXPECT_FALSE(Has(found, "descriptors")) << found;
  ch.Close();
}

TEST(LeakCheck, WhatWasThereBeforeIsNoLeak) {
  const Chan<int> ch = MakeChan<int>();
  sync::WaitGroup end;
  end.Go([ch] { ch.Recv(); });
  {
    const LeakCheck hasty(kSoon);
    const LeakCheck patient;
    // One ends, another one begins: the number is the same.
    ch.Close();
    end.Wait();
    EXPECT_EQ(patient.Find(), "");
    const Chan<int> other = MakeChan<int>();
    end.Go([other] { other.Recv(); });
    EXPECT_TRUE(Has(hasty.Find(), "1 goroutines are left"));
    other.Close();
    end.Wait();
  }
}

TEST(LeakCheck, FindsADescriptor) {
  const LeakCheck leaks(kSoon);
  absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  ASSERT_TRUE(ln.ok()) << ln.status();
  const std::string found = leaks.Find();
  EXPECT_TRUE(Has(found, "1 descriptors are left")) << found;
  EXPECT_TRUE(Has(found, "socket:[")) << found;
  ASSERT_TRUE(ln->Close().ok());
  EXPECT_EQ(leaks.Find(), "");
}

TEST(LeakCheck, FailsTheTest) {
  const Chan<int> ch = MakeChan<int>();
  EXPECT_NONFATAL_FAILURE(
      {
        const LeakCheck leaks(kSoon);
        go(WaitForNobody, ch);
      },
      "WaitForNobody(");
  ch.Close();
}

TEST(LeakCheck, WaitsForWhatIsOnItsWay) {
  const LeakCheck leaks;
  go([] { time::Sleep(absl::Milliseconds(20)); });
}

TEST(LeakCheck, PipesForReuseAreNone) {
  const LeakCheck leaks;
  const auto connect = [](net::Conn* a, net::Conn* b) {
    absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
    ASSERT_TRUE(ln.ok()) << ln.status();
    *a = *net::Dial("tcp", ln->Addr().String());
    *b = *ln->Accept();
  };
  net::Conn in, from, to, out;
  connect(&in, &from);
  connect(&to, &out);
  ASSERT_TRUE(in.Write(std::string(100000, 'x')).ok());
  ASSERT_TRUE(in.CloseWrite().ok());
  sync::WaitGroup reader;
  reader.Go([&] { EXPECT_EQ(io::Copy(io::Discard, out).n, 100000u); });
  EXPECT_TRUE(io::Copy(to, from).ok());
  EXPECT_TRUE(to.Close().ok());
  reader.Wait();
}

PARKOUR_TEST(Test, RunsInAGoroutine) {
  // In a plain thread it would be a fatal error.
  struct Says {
    bool* ended;
    ~Says() { *ended = true; }
  };
  static bool ended = false;
  sync::WaitGroup other;
  other.Go([] {
    Says says{&ended};
    runtime::Goexit();
  });
  other.Wait();
  EXPECT_TRUE(ended);
  EXPECT_GE(runtime::NumGoroutine(), 1);
  runtime::Goexit();  // an end like any other
}

}  // namespace
}  // namespace parkour::test
