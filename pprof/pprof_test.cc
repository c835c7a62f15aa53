// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What is not among Go's own tests, which are in tests/conformance/pprof.

#include "parkour/pprof/pprof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "parkour/chan/chan.h"
#include "parkour/pprof/reader.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/syscall.h"
#include "parkour/runtime/test_util.h"
#include "parkour/sync/mutex.h"

namespace parkour::runtime::pprof {
namespace {

using testing::Eventually;
using testing::GoroutinesBackTo;
using ::testing::HasSubstr;
using testing::ProcsScope;
using testing::RunInGoroutine;

ReadProfile Proto(const char* name) {
  std::string data;
  Lookup(name)->WriteTo(&data, 0);
  ReadProfile profile = Read(data);
  EXPECT_EQ(profile.error, "") << name;
  return profile;
}

std::string Text(const char* name) {
  std::string text;
  Lookup(name)->WriteTo(&text, 1);
  return text;
}

int64_t CountWith(const ReadProfile& profile, const std::string& function,
                  const std::string& state) {
  int64_t n = 0;
  for (const ReadSample& s : profile.samples) {
    const auto label = s.labels.find("state");
    if (label == s.labels.end() || label->second != state) continue;
    if (s.Mentions(function)) n += s.values[0];
  }
  return n;
}

TEST(Profiles, ByName) {
  ASSERT_EQ(Profiles().size(), 4u);
  for (const Profile* profile : Profiles()) {
    EXPECT_EQ(Lookup(profile->Name()), profile);
    EXPECT_GE(profile->Count(), 0);
  }
  EXPECT_EQ(Lookup("heap"), nullptr);
  EXPECT_EQ(Lookup(""), nullptr);
}

TEST(Profiles, ThreadsAreCounted) {
  go([] {});
  const ReadProfile profile = Proto("threadcreate");
  ASSERT_EQ(profile.samples.size(), 1u);
  EXPECT_EQ(profile.sample_types,
            std::vector<std::string>{"threadcreate/count"});
  EXPECT_GE(profile.samples[0].values[0], 1);
  EXPECT_THAT(Text("threadcreate"), HasSubstr("threadcreate profile: total "));
}

TEST(Profiles, ToAWriter) {
  struct Full {
    io::Result Write(std::string_view) {
      return {0, absl::ResourceExhaustedError("full")};
    }
  } full;
  EXPECT_EQ(Lookup("goroutine")->WriteTo(full, 1).message(), "full");
}

__attribute__((noinline)) void WaitsHere(const Chan<int>& c) {
  c.Recv();
  asm volatile("");
}

TEST(Goroutines, StatesNamesAndStacks) {
  ASSERT_TRUE(GoroutinesBackTo(0));  // nobody of an earlier test is left
  const Chan<int> c = MakeChan<int>();
  for (int i = 0; i < 3; ++i) {
    go({.name = "waiter"}, [c] { WaitsHere(c); });
  }
  ReadProfile profile;
  ASSERT_TRUE(Eventually([&] {
    profile = Proto("goroutine");
    return CountWith(profile, "WaitsHere", "chan receive") == 3;
  }));
  EXPECT_EQ(profile.sample_types, std::vector<std::string>{"goroutine/count"});
  EXPECT_EQ(profile.period_type, "goroutine/count");
  EXPECT_EQ(profile.period, 1);
  EXPECT_GT(profile.time_nanos, 0);
  EXPECT_GE(profile.mappings, 1u);
  bool found = false;
  for (const ReadSample& s : profile.samples) {
    if (!s.Mentions("WaitsHere")) continue;
    found = true;
    EXPECT_EQ(s.values, std::vector<int64_t>{3}) << "equal stacks are one";
    EXPECT_EQ(s.labels.at("name"), "waiter");
    // What every goroutine has at its ends is left out.
    EXPECT_FALSE(s.Mentions("switchAway"));
    for (const ReadFrame& f : s.stack) {
      EXPECT_EQ(f.function.find("goroutineEntry"), std::string::npos);
      if (f.function.find("WaitsHere") == std::string::npos) continue;
      EXPECT_THAT(f.file, HasSubstr("pprof_test.cc"));
      EXPECT_GT(f.line, 0);
    }
  }
  EXPECT_TRUE(found);
  const std::string text = Text("goroutine");
  EXPECT_THAT(
      text, HasSubstr("# labels: {\"name\":\"waiter\", \"state\":\"chan receive"
                      "\"}\n#\t0x"));
  EXPECT_EQ(text.find("gopark"), std::string::npos) << text;
  c.Close();
  EXPECT_TRUE(GoroutinesBackTo(0));
}

// The caller's own stack, and a goroutine that has not run yet.
TEST(Goroutines, RunningAndRunnable) {
  const ProcsScope procs(1);
  ReadProfile profile;
  RunInGoroutine([&] {
    go({.name = "fresh"}, [] {});
    profile = Proto("goroutine");
  });
  int running = 0;
  bool fresh = false;
  for (const ReadSample& s : profile.samples) {
    const std::string& state = s.labels.at("state");
    if (state == "running") {
      ++running;
      EXPECT_TRUE(s.Mentions("pprof::Profile::WriteTo"));
    }
    const auto name = s.labels.find("name");
    if (name == s.labels.end() || name->second != "fresh") continue;
    fresh = true;
    EXPECT_EQ(state, "runnable");
    EXPECT_FALSE(s.stack.empty());
  }
  EXPECT_EQ(running, 1);
  EXPECT_TRUE(fresh);
}

// What is said of the goroutine of this name.
ReadSample Named(const std::string& name) {
  for (const ReadSample& s : Proto("goroutine").samples) {
    const auto label = s.labels.find("name");
    if (label != s.labels.end() && label->second == name) return s;
  }
  ADD_FAILURE() << name;
  return {};
}

// In the kernel its stack is in motion, and nobody waits for it.
TEST(Goroutines, InASystemCall) {
  ASSERT_TRUE(GoroutinesBackTo(0));  // nobody of an earlier test is left
  base::Note inside, leave;
  go({.name = "blocked"}, [&] {
    Blocking([&] {
      inside.Wakeup();
      leave.Sleep();
    });
  });
  inside.Sleep();
  const ReadSample blocked = Named("blocked");
  EXPECT_EQ(blocked.labels.at("state"), "syscall");
  EXPECT_TRUE(blocked.Mentions("stack unavailable"));
  EXPECT_THAT(Text("goroutine"),
              HasSubstr("#\trunning on other thread; stack unavailable\n"));
  leave.Wakeup();
  EXPECT_TRUE(GoroutinesBackTo(0));
}

// The world stops without it.
TEST(Goroutines, Computing) {
  ASSERT_TRUE(GoroutinesBackTo(0));  // nobody of an earlier test is left
  base::Atomic<bool> began{false}, end{false};
  go({.name = "hog"}, [&] {
    began.store(true);
    while (!end.load()) base::CpuRelax();
  });
  EXPECT_TRUE(Eventually([&] { return began.load(); }));
  const ReadSample hog = Named("hog");
  EXPECT_EQ(hog.labels.at("state"), "running");
  EXPECT_TRUE(hog.Mentions("stack unavailable"));
  end.store(true);
  EXPECT_TRUE(GoroutinesBackTo(0));
}

// A plain thread's stack is not known; its wait counts all the same.
TEST(Waits, OfPlainThreads) {
  SetBlockProfileRate(1);
  const Chan<int> c = MakeChan<int>();
  base::Atomic<bool> received{false};
  std::thread receiver([&] {
    c.Recv();
    received.store(true);
  });
  c.Send(1);
  receiver.join();
  const Chan<int> d = MakeChan<int>();
  go([&] { d.Send(1); });
  d.Recv();
  SetBlockProfileRate(0);
  const ReadProfile profile = Proto("block");
  EXPECT_EQ(
      profile.sample_types,
      (std::vector<std::string>{"contentions/count", "delay/nanoseconds"}));
  for (const ReadSample& s : profile.samples) {
    EXPECT_FALSE(s.stack.empty());
    EXPECT_GT(s.values[0], 0);
    EXPECT_GT(s.values[1], 0);
  }
}

// Nothing is recorded while the rate is 0.
TEST(Waits, OffByDefault) {
  const int64_t blocks = Lookup("block")->Count();
  const int64_t mutexes = Lookup("mutex")->Count();
  EXPECT_EQ(SetMutexProfileFraction(-1), 0);
  RunInGoroutine([] {
    const Chan<int> c = MakeChan<int>();
    go([c] { c.Send(1); });
    c.Recv();
  });
  EXPECT_EQ(Lookup("block")->Count(), blocks);
  EXPECT_EQ(Lookup("mutex")->Count(), mutexes);
}

TEST(Waits, FractionIsReturned) {
  EXPECT_EQ(SetMutexProfileFraction(7), 0);
  EXPECT_THAT(Text("mutex"), HasSubstr("--- mutex:\ncycles/second=1000000000\n"
                                       "sampling period=7\n"));
  EXPECT_EQ(SetMutexProfileFraction(-5), 7);
  EXPECT_EQ(SetMutexProfileFraction(0), 7);
}

}  // namespace
}  // namespace parkour::runtime::pprof
