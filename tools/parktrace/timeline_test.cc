// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/timeline.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "parkour/tools/parktrace/simulation.h"
#include "parkour/tools/parktrace/summary.h"
#include "parkour/tools/parktrace/trace_builder.h"

namespace parkour {
namespace parktrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using E = EventType;

// A file and what it points into.
struct Trace {
  explicit Trace(std::string b) : bytes(std::move(b)) {
    absl::StatusOr<TraceFile> read = ReadTraceFile(bytes);
    EXPECT_TRUE(read.ok()) << read.status();
    file = *std::move(read);
    Ordered ordered = Order(file, {});
    EXPECT_TRUE(ordered.status.ok()) << ordered.status;
    timeline = MakeTimeline(file.symbols, ordered.events);
  }

  std::string bytes;
  TraceFile file;
  Timeline timeline;
};

// The states of a goroutine and how long each took.
std::vector<std::pair<State, int64_t>> StatesOf(const Timeline& t, uint32_t g) {
  std::vector<std::pair<State, int64_t>> result;
  for (uint32_t i = t.goroutines[g].first_span; i != kNobody;
       i = t.spans[i].next) {
    result.emplace_back(t.spans[i].state, t.spans[i].end - t.spans[i].begin);
  }
  return result;
}

// G 1 on P 0 creates G 2, waits for a channel and is woken by G 2, which then
// loses P 0 in a syscall to M 9.
std::string Story() {
  TraceBuilder trace;
  trace.Frequency();
  const char* strings[] = {"main", "main.cc", "work", "chan receive"};
  for (uint64_t i = 0; i < 4; ++i) trace.String(i + 1, strings[i]);
  trace.Stack(1, {{0x10, 3, 2, 5}});
  trace.Stack(2, {{0x20, 3, 2, 7}, {0x28, 1, 2, 9}});
  trace.On(1, 1000).Ev(E::kProcStatus, 0, {0, 1});
  trace.Ev(E::kGoStatus, 10, {1, 1, 2});
  trace.Ev(E::kGoCreate, 90, {2, 1, 2});
  trace.Ev(E::kGoBlock, 100, {4, 2});
  trace.Ev(E::kGoStart, 50, {2, 1});
  trace.Ev(E::kGoUnblock, 30, {1, 1, 1});
  trace.Ev(E::kGoSyscallBegin, 20, {1, 1});
  trace.Ev(E::kGoSyscallEndBlocked, 400);
  trace.On(9, 1400).Ev(E::kProcSteal, 0, {0, 2, 1});
  trace.Ev(E::kProcStart, 10, {0, 3}).Ev(E::kGoStart, 5, {1, 2});
  trace.Ev(E::kGoDestroy, 85).Ev(E::kProcStop, 300);
  return trace.File();
}

TEST(Timeline, StatesFollowOneAnotherWithoutAGap) {
  Trace trace(Story());
  const Timeline& t = trace.timeline;
  EXPECT_EQ(t.begin, 1000);
  EXPECT_EQ(t.end, 1800);
  ASSERT_EQ(t.goroutines.size(), 2u);
  EXPECT_THAT(StatesOf(t, 0), ElementsAre(std::pair(State::kRunning, 200),
                                          std::pair(State::kWaiting, 80),
                                          std::pair(State::kRunnable, 135),
                                          std::pair(State::kRunning, 85)));
  EXPECT_THAT(StatesOf(t, 1), ElementsAre(std::pair(State::kRunnable, 150),
                                          std::pair(State::kRunning, 50),
                                          std::pair(State::kSyscall, 400),
                                          std::pair(State::kRunnable, 100)));
  EXPECT_TRUE(t.goroutines[0].has_ended);
  EXPECT_FALSE(t.goroutines[1].has_ended);
}

TEST(Timeline, GoroutinesAreNamedAfterWhatTheyBeganWith) {
  Trace trace(Story());
  const Timeline& t = trace.timeline;
  // By its first stack's root, as nobody saw it begin.
  EXPECT_EQ(trace.file.symbols.String(t.goroutines[0].name), "main");
  EXPECT_EQ(trace.file.symbols.String(t.goroutines[1].name), "work");
  EXPECT_EQ(t.goroutines[1].creator, 0u);
  EXPECT_EQ(t.goroutines[0].creator, kNobody);
}

TEST(Timeline, WakesKnowWhoAndWhom) {
  Trace trace(Story());
  const Timeline& t = trace.timeline;
  ASSERT_EQ(t.wakes.size(), 2u);
  EXPECT_TRUE(t.wakes[0].is_creation);
  EXPECT_EQ(t.wakes[0].woken, 1u);
  const Wake& wake = t.wakes[1];
  EXPECT_FALSE(wake.is_creation);
  EXPECT_EQ(wake.time, 1280);
  EXPECT_EQ(wake.goroutine, 1u);
  EXPECT_EQ(wake.woken, 0u);
  EXPECT_EQ(wake.proc, 0u);
  EXPECT_EQ(t.spans[wake.span].state, State::kRunnable);
  EXPECT_EQ(t.spans[wake.span].wake, 1u);
}

TEST(Timeline, AProcessorsSliceEndsWhenItIsStolen) {
  Trace trace(Story());
  const Timeline& t = trace.timeline;
  std::vector<std::pair<int64_t, int64_t>> slices;
  for (const Slice& s : t.slices) slices.emplace_back(s.begin, s.end);
  EXPECT_THAT(slices,
              ElementsAre(std::pair(1000, 1200), std::pair(1250, 1300),
                          std::pair(1300, 1400), std::pair(1415, 1500)));
  ASSERT_EQ(t.holds.size(), 2u);
  EXPECT_EQ(t.holds[0].end, 1400);
  EXPECT_EQ(t.threads[t.holds[1].thread], 9u);
  EXPECT_EQ(t.holds[1].begin, 1410);
}

TEST(Timeline, CountersCountWhatIsSo) {
  Trace trace(Story());
  const Timeline& t = trace.timeline;
  auto at = [&](int64_t time) {
    Point result;
    for (const Point& point : t.points) {
      if (point.time <= time) result = point;
    }
    std::vector<int> values(result.goroutines.begin(), result.goroutines.end());
    values.push_back(result.threads);
    return values;
  };
  // Running, runnable, in a syscall, waiting; threads with a processor.
  EXPECT_THAT(at(1000), ElementsAre(1, 0, 0, 0, 1));
  EXPECT_THAT(at(1150), ElementsAre(1, 1, 0, 0, 1));
  EXPECT_THAT(at(1220), ElementsAre(0, 1, 0, 1, 1));
  EXPECT_THAT(at(1405), ElementsAre(0, 1, 1, 0, 0));
  EXPECT_THAT(at(1799), ElementsAre(0, 1, 0, 0, 1));
}

TEST(Timeline, TotalsAreByStateAndClassOfWaiting) {
  Trace trace(Story());
  const Totals& totals = trace.timeline.goroutines[0].totals;
  EXPECT_THAT(totals.in_state, ElementsAre(285, 135, 0, 80));
  EXPECT_THAT(totals.waiting, ElementsAre(80, 0, 0, 0));
  EXPECT_EQ(totals.longest_runnable, 135);
  EXPECT_EQ(WaitOf("network"), Wait::kNetwork);
  EXPECT_EQ(WaitOf("select"), Wait::kSync);
  EXPECT_EQ(WaitOf("sync.(*Cond).Wait"), Wait::kSync);
  EXPECT_EQ(WaitOf("sleep"), Wait::kSleep);
  EXPECT_EQ(WaitOf("forever"), Wait::kOther);
}

TEST(Timeline, TasksRegionsAndLogs) {
  TraceBuilder trace;
  trace.Frequency().String(1, "one").String(2, "two").On(1, 100);
  trace.Ev(E::kProcStatus, 0, {0, 1}).Ev(E::kGoStatus, 0, {1, 1, 2});
  trace.Ev(E::kUserTaskBegin, 10, {5, 0, 1, 0});
  trace.Ev(E::kUserRegionBegin, 10, {5, 1, 0});
  trace.Ev(E::kUserRegionBegin, 10, {5, 2, 0});
  trace.Ev(E::kUserLog, 10, {5, 1, 2, 0});
  trace.Ev(E::kUserRegionEnd, 10, {5, 2, 0});
  trace.Ev(E::kUserTaskEnd, 10, {5, 0}).Ev(E::kGoBlock, 40, {0, 0});
  Trace t(trace.File());
  ASSERT_EQ(t.timeline.tasks.size(), 1u);
  EXPECT_EQ(t.timeline.tasks[0].end - t.timeline.tasks[0].begin, 50);
  ASSERT_EQ(t.timeline.regions.size(), 2u);
  EXPECT_EQ(t.timeline.regions[1].depth, 1u);
  EXPECT_EQ(t.timeline.regions[1].end - t.timeline.regions[1].begin, 20);
  EXPECT_EQ(t.timeline.regions[0].end, t.timeline.end);
  ASSERT_EQ(t.timeline.logs.size(), 1u);
  EXPECT_EQ(t.file.symbols.String(t.timeline.logs[0].value), "two");
}

// What must hold of any timeline.
TEST(Timeline, AddsUpForAnySimulation) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    Trace trace(
        SimulateTrace({2000, 1 + static_cast<int>(seed) % 5, 20, seed}));
    const Timeline& t = trace.timeline;
    for (uint32_t g = 0; g < t.goroutines.size(); ++g) {
      int64_t time = t.goroutines[g].begin;
      for (uint32_t i = t.goroutines[g].first_span; i != kNobody;
           i = t.spans[i].next) {
        ASSERT_EQ(t.spans[i].begin, time);
        ASSERT_EQ(t.spans[i].goroutine, g);
        time = t.spans[i].end;
      }
      ASSERT_EQ(time, t.goroutines[g].end);
    }
    std::vector<int64_t> busy_until(t.procs.size(), t.begin);
    for (const Slice& slice : t.slices) {
      ASSERT_GE(slice.begin, busy_until[slice.proc]);
      busy_until[slice.proc] = slice.end;
    }
    for (const Point& point : t.points) {
      for (int n : point.goroutines) ASSERT_GE(n, 0);
      ASSERT_LE(point.goroutines[0], static_cast<int>(t.procs.size()));
      ASSERT_LE(point.threads, static_cast<int>(t.procs.size()));
    }
  }
}

TEST(Summary, SaysWhoWokeWhom) {
  Trace trace(Story());
  std::string text = Summary(trace.file.symbols, trace.timeline, {});
  EXPECT_THAT(text, HasSubstr("800ns, 13 events\n2 goroutines, of which 1 "
                              "ended; 1 processor, 2 threads"));
  EXPECT_THAT(text, HasSubstr("135ns at 280ns: G 1 main, woken by G 2 work in "
                              "work main.cc:5; then on P 0"));
  EXPECT_THAT(text,
              HasSubstr("chan receive      1   80ns     80ns     80ns\n"));
}

}  // namespace
}  // namespace parktrace
}  // namespace parkour
