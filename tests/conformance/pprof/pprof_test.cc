// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/pprof/pprof_test.go, by meaning.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "parkour/chan/chan.h"
#include "parkour/chan/select.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/mprof.h"
#include "parkour/sync/cond.h"
#include "parkour/sync/mutex.h"
#include "parkour/sync/waitgroup.h"
#include "parkour/tests/conformance/pprof/profiles.h"
#include "parkour/time/sleep.h"

namespace parkour::tests {
namespace {

using pprof::ReadProfile;
using pprof::ReadSample;
using runtime::testing::GoroutinesBackTo;
using runtime::testing::RunInGoroutine;
using runtime::testing::Scaled;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Everything that happens to a goroutine stands on these, so that all stacks
// end the same way.
__attribute__((noinline)) void RunTheTest(const std::function<void()>& f) {
  f();
  NO_TAIL_CALL;
}

__attribute__((noinline)) void BlockChanRecv() {
  const Chan<bool> c = MakeChan<bool>();
  go([c] {
    EXPECT_TRUE(AwaitBlocked("chan receive", "BlockChanRecv", 1));
    c.Send(true);
  });
  c.Recv();
  NO_TAIL_CALL;
}

__attribute__((noinline)) void BlockChanSend() {
  const Chan<bool> c = MakeChan<bool>();
  go([c] {
    EXPECT_TRUE(AwaitBlocked("chan send", "BlockChanSend", 1));
    c.Recv();
  });
  c.Send(true);
  NO_TAIL_CALL;
}

__attribute__((noinline)) void BlockChanClose() {
  const Chan<bool> c = MakeChan<bool>();
  go([c] {
    EXPECT_TRUE(AwaitBlocked("chan receive", "BlockChanClose", 1));
    c.Close();
  });
  c.Recv();
  NO_TAIL_CALL;
}

__attribute__((noinline)) void BlockSelectRecvAsync() {
  constexpr int kTries = 3;
  const Chan<bool> c = MakeChan<bool>(1);
  const Chan<bool> c2 = MakeChan<bool>(1);
  go([c] {
    for (int i = 0; i < kTries; ++i) {
      EXPECT_TRUE(AwaitBlocked("select", "BlockSelectRecvAsync", 1));
      c.Send(true);
    }
  });
  for (int i = 0; i < kTries; ++i) {
    Select(c.OnRecv([] {}), c2.OnRecv([] {}));
  }
}

__attribute__((noinline)) void BlockSelectSendSync() {
  const Chan<bool> c = MakeChan<bool>();
  const Chan<bool> c2 = MakeChan<bool>();
  go([c] {
    EXPECT_TRUE(AwaitBlocked("select", "BlockSelectSendSync", 1));
    c.Recv();
  });
  Select(c.OnSend(true), c2.OnSend(true));
  NO_TAIL_CALL;
}

__attribute__((noinline)) void UnlockWhenBlocked(sync::Mutex* mu,
                                                 int64_t waiters) {
  EXPECT_TRUE(AwaitBlocked("sync.Mutex.Lock", "BlockMutex", waiters));
  mu->Unlock();
  NO_TAIL_CALL;
}

__attribute__((noinline)) void BlockMutex() {
  sync::Mutex mu;
  mu.Lock();
  sync::WaitGroup wg;
  wg.Go([&mu] { UnlockWhenBlocked(&mu, 1); });
  mu.Lock();
  mu.Unlock();
  wg.Wait();
}

__attribute__((noinline)) void BlockCond() {
  sync::Mutex mu;
  sync::Cond c(&mu);
  mu.Lock();
  sync::WaitGroup wg;
  wg.Go([&mu, &c] {
    EXPECT_TRUE(AwaitBlocked("sync.Cond.Wait", "BlockCond", 1));
    mu.Lock();
    c.Signal();
    mu.Unlock();
  });
  c.Wait();
  mu.Unlock();
  wg.Wait();
}

TEST(Pprof, TestBlockProfile) {
  struct Case {
    void (*f)();
    const char* function;
    const char* innermost;  // of the stack that waited
  };
  const Case cases[] = {
      {BlockChanRecv, "BlockChanRecv", "chanrecv"},
      {BlockChanSend, "BlockChanSend", "chansend"},
      {BlockChanClose, "BlockChanClose", "chanrecv"},
      {BlockSelectRecvAsync, "BlockSelectRecvAsync", "selectgo"},
      {BlockSelectSendSync, "BlockSelectSendSync", "selectgo"},
      {BlockMutex, "BlockMutex", "Mutex::Lock"},
      {BlockCond, "BlockCond", "Cond::Wait"},
  };
  runtime::SetBlockProfileRate(1);
  for (const Case& c : cases) {
    RunInGoroutine([&c] { RunTheTest(c.f); });
  }
  runtime::SetBlockProfileRate(0);
  const std::string text = Text("block");
  EXPECT_THAT(text, StartsWith("--- contention:\ncycles/second="));
  const ReadProfile profile = Proto("block");
  for (const Case& c : cases) {
    // The three frames, in lines that follow each other, others in between.
    const std::regex form(
        std::string(R"(\n\d+ \d+ @( 0x[0-9a-f]+)+\n)") +
        R"((#\t0x[0-9a-f]+\t[^\t\n]+\+0x[0-9a-f]+\t[^\t\n]+:\d+\n)*?)" +
        R"(#\t0x[0-9a-f]+\t[^\t\n]*)" + c.innermost +
        R"([^\t\n]*\t[^\t\n]*\n)" +
        R"((#\t[^\n]*\n)*?#\t0x[0-9a-f]+\t[^\t\n]*)" + c.function +
        R"([^\t\n]*\+0x[0-9a-f]+\t[^\t\n]*pprof_test\.cc:\d+\n)" +
        R"((#\t[^\n]*\n)*?#\t[^\n]*RunTheTest[^\n]*\n)");
    EXPECT_TRUE(std::regex_search(text, form)) << c.function << "\n" << text;
    bool found = false;
    for (const ReadSample& s : profile.samples) {
      found = found ||
              (s.Mentions(c.innermost) && s.Mentions(c.function) &&
               s.Mentions("RunTheTest") && s.values[0] > 0 && s.values[1] > 0);
    }
    EXPECT_TRUE(found) << c.function;
  }
}

__attribute__((noinline)) void BlockFrequentShort(int64_t rate) {
  const runtime::RuntimeScope in;
  for (int i = 0; i < 100000; ++i) runtime::blockevent(rate / 10);
}

__attribute__((noinline)) void BlockInfrequentLong(int64_t rate) {
  const runtime::RuntimeScope in;
  for (int i = 0; i < 10000; ++i) runtime::blockevent(rate);
}

// Of a tenth of the rate a tenth is kept, with ten times its weight.
TEST(Pprof, TestBlockProfileBias) {
  constexpr int64_t kRate = 1000;
  runtime::SetBlockProfileRate(kRate);
  RunInGoroutine([] {
    BlockFrequentShort(kRate);
    BlockInfrequentLong(kRate);
  });
  runtime::SetBlockProfileRate(0);
  double many = 0, few = 0, events = 0;
  for (const ReadSample& s : Proto("block").samples) {
    if (s.Mentions("BlockFrequentShort")) {
      many += static_cast<double>(s.values[1]);
      events += static_cast<double>(s.values[0]);
    }
    if (s.Mentions("BlockInfrequentLong")) {
      few += static_cast<double>(s.values[1]);
    }
  }
  ASSERT_GT(few, 0);
  EXPECT_LE(std::abs((few - many) / few), 0.2);
  EXPECT_LE(std::abs(events - 100000) / 100000, 0.2);
}

// Functions, not lambdas: what is inlined has no full name.
__attribute__((noinline)) void BlockMutexOnce(sync::Mutex* mu) {
  mu->Lock();
  mu->Unlock();
  NO_TAIL_CALL;
}

__attribute__((noinline)) void UnlockAfter(sync::Mutex* mu, int64_t waiters,
                                           int64_t ns) {
  EXPECT_TRUE(AwaitBlocked("sync.Mutex.Lock", "BlockMutexOnce", waiters));
  time::Sleep(absl::Nanoseconds(ns));
  mu->Unlock();
  NO_TAIL_CALL;
}

TEST(Pprof, TestMutexProfile) {
  const int kWaiters = Scaled(100) + 5;
  constexpr int64_t kWait = 100 * runtime::testing::kMs;
  ASSERT_EQ(runtime::SetMutexProfileFraction(1), 0);
  const int64_t start = base::nanotime();
  RunInGoroutine([&] {
    sync::Mutex mu;
    sync::WaitGroup waiters, unlocker;
    mu.Lock();
    unlocker.Go([&] { UnlockAfter(&mu, kWaiters, kWait); });
    for (int i = 0; i < kWaiters; ++i) {
      waiters.Go([&] { BlockMutexOnce(&mu); });
    }
    waiters.Wait();
    unlocker.Wait();
  });
  const auto elapsed = static_cast<double>(base::nanotime() - start);
  runtime::SetMutexProfileFraction(0);
  const std::string text = Text("mutex");
  EXPECT_THAT(text, StartsWith("--- mutex:\ncycles/second=1000000000\n"
                               "sampling period=0\n"));
  EXPECT_TRUE(std::regex_search(
      text, std::regex(R"(\n\d+ \d+ @( 0x[0-9a-f]+)+\n#\t0x)")))
      << text;
  // All waiters together have waited so long because of one Unlock.
  double total = 0;
  for (const ReadSample& s : Proto("mutex").samples) {
    if (s.Mentions("UnlockAfter")) {
      total += static_cast<double>(s.values[1]);
    }
  }
  EXPECT_GE(total, 0.9 * kWaiters * kWait);
  EXPECT_LE(total, 1.1 * kWaiters * elapsed);
}

TEST(Pprof, TestMutexProfileRateAdjust) {
  const auto read = [] {
    std::pair<int64_t, int64_t> sum;
    for (const ReadSample& s : Proto("mutex").samples) {
      if (!s.Mentions("UnlockWhenBlocked")) continue;
      sum.first += s.values[0];
      sum.second += s.values[1];
    }
    return sum;
  };
  ASSERT_EQ(runtime::SetMutexProfileFraction(1), 0);
  RunInGoroutine(BlockMutex);
  const auto before = read();
  EXPECT_GT(before.first, 0);
  EXPECT_GT(before.second, 0);
  // What was gathered is not scaled by a rate that is set later.
  runtime::SetMutexProfileFraction(0);
  EXPECT_EQ(read(), before);
}

TEST(Pprof, TestMutexBlockFullAggregation) {
  const int rounds = Scaled(100) + 5;
  runtime::SetMutexProfileFraction(1);
  runtime::SetBlockProfileRate(1);
  RunInGoroutine([&] {
    sync::Mutex mu;
    sync::WaitGroup wg;
    for (int w = 0; w < 2; ++w) {
      wg.Go([&] {
        for (int i = 0; i < rounds; ++i) {
          mu.Lock();
          // Longer than what makes the mutex starve.
          time::Sleep(absl::Milliseconds(1));
          mu.Unlock();
        }
      });
    }
    wg.Wait();
  });
  runtime::SetMutexProfileFraction(0);
  runtime::SetBlockProfileRate(0);
  for (const auto& records :
       {runtime::mutexProfile(), runtime::blockProfile()}) {
    std::set<std::vector<uintptr_t>> seen;
    for (const runtime::WaitRecord& r : records) {
      EXPECT_TRUE(seen.insert(r.pcs).second) << "a stack occurs twice";
    }
    EXPECT_FALSE(seen.empty());
  }
}

constexpr int kDepth = 100;

__attribute__((noinline)) void Deep(int depth, void (*f)()) {
  depth > 1 ? Deep(depth - 1, f) : f();
  NO_TAIL_CALL;
}

TEST(Pprof, TestProfilerStackDepth) {
  ASSERT_TRUE(GoroutinesBackTo(0));  // nobody of an earlier test is left
  runtime::SetMutexProfileFraction(1);
  runtime::SetBlockProfileRate(1);
  RunInGoroutine([] { Deep(kDepth, BlockChanRecv); });
  RunInGoroutine([] {
    sync::WaitGroup wg;
    sync::Mutex mu;
    mu.Lock();
    static sync::Mutex* shared;
    shared = &mu;
    wg.Go([] { Deep(kDepth, [] { UnlockWhenBlocked(shared, 1); }); });
    BlockMutexOnce(&mu);
    wg.Wait();
  });
  runtime::SetMutexProfileFraction(0);
  runtime::SetBlockProfileRate(0);
  static Chan<bool> never;
  never = MakeChan<bool>();
  go([] { Deep(kDepth, [] { never.Recv(); }); });
  EXPECT_TRUE(AwaitBlocked("chan receive", "Deep", 1));
  for (const char* name : {"block", "mutex", "goroutine"}) {
    int64_t deepest = 0;
    for (const ReadSample& s : Proto(name).samples) {
      int64_t n = 0;
      for (const auto& f : s.stack) {
        n += f.function.find("::Deep(") != std::string::npos;
      }
      deepest = std::max(deepest, n);
    }
    EXPECT_EQ(deepest, kDepth) << name;
  }
  never.Close();
  EXPECT_TRUE(GoroutinesBackTo(0));
  never = Chan<bool>();
}

// There is no profile of one's own to add an empty stack to; a stack that is
// not known says so.
TEST(Pprof, TestEmptyCallStack) {
  EXPECT_THAT(Text("threadcreate"), HasSubstr(" @\n#\tnot recorded\n\n"));
  const ReadProfile profile = Proto("threadcreate");
  ASSERT_EQ(profile.samples.size(), 1u);
  EXPECT_TRUE(profile.samples[0].Mentions("(not recorded)"));
}

}  // namespace
}  // namespace parkour::tests
