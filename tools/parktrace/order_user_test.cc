// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Rules of tasks, regions, ranges and tables, and the stricter ones.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "parkour/tools/parktrace/order.h"
#include "parkour/tools/parktrace/trace_builder.h"

namespace parkour {
namespace parktrace {
namespace {

using ::testing::HasSubstr;
using E = EventType;

std::string ErrorOf(TraceBuilder& trace, bool strict = true) {
  std::string bytes = trace.File();
  absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
  if (!file.ok()) return std::string(file.status().message());
  return std::string(Order(*file, {strict}).status.message());
}

// M 1 runs G 1 on P 0; strings 1 "one" and 2 "two".
TraceBuilder Running() {
  TraceBuilder trace;
  trace.Frequency().String(1, "one").String(2, "two").On(1, 100);
  trace.Ev(E::kProcStatus, 1, {0, 1}).Ev(E::kGoStatus, 1, {1, 1, 2});
  return trace;
}

TEST(Order, RegionsNest) {
  TraceBuilder good = Running();
  good.Ev(E::kUserRegionBegin, 1, {0, 1, 0});
  good.Ev(E::kUserRegionBegin, 1, {7, 2, 0});
  good.Ev(E::kUserRegionEnd, 1, {7, 2, 0});
  good.Ev(E::kUserRegionEnd, 1, {0, 1, 0});
  EXPECT_EQ(ErrorOf(good), "");
  TraceBuilder bad = Running();
  bad.Ev(E::kUserRegionBegin, 1, {0, 1, 0});
  bad.Ev(E::kUserRegionEnd, 1, {0, 2, 0});
  EXPECT_THAT(ErrorOf(bad),
              HasSubstr("the innermost region of G 1 is \"one\" of task 0"));
}

TEST(Order, ARegionMayHaveBegunBeforeTheTrace) {
  TraceBuilder trace = Running();
  trace.Ev(E::kUserRegionEnd, 1, {0, 1, 0});
  EXPECT_EQ(ErrorOf(trace), "");
}

TEST(Order, ATaskBeginsOnceAtATime) {
  TraceBuilder good = Running();
  good.Ev(E::kUserTaskBegin, 1, {5, 0, 1, 0}).Ev(E::kUserTaskEnd, 1, {5, 0});
  good.Ev(E::kUserTaskBegin, 1, {5, 0, 1, 0}).Ev(E::kUserTaskEnd, 1, {6, 0});
  EXPECT_EQ(ErrorOf(good), "");
  TraceBuilder bad = Running();
  bad.Ev(E::kUserTaskBegin, 1, {5, 0, 1, 0});
  bad.Ev(E::kUserTaskBegin, 1, {5, 0, 2, 0});
  EXPECT_THAT(ErrorOf(bad), HasSubstr("task 5 has begun and not ended"));
}

TEST(Order, TheWorldStopsAndStarts) {
  TraceBuilder good = Running();
  good.Ev(E::kSTWBegin, 1, {1, 0})
      .Ev(E::kSTWEnd, 1)
      .Ev(E::kProcsChange, 1, {4, 0});
  EXPECT_EQ(ErrorOf(good), "");
  TraceBuilder twice = Running();
  twice.Ev(E::kSTWBegin, 1, {1, 0}).Ev(E::kSTWBegin, 1, {1, 0});
  EXPECT_THAT(ErrorOf(twice), HasSubstr("it has begun and not ended"));
  TraceBuilder end = Running();
  end.Ev(E::kSTWEnd, 1);
  EXPECT_THAT(ErrorOf(end), HasSubstr("it has not begun"));
}

TEST(Order, CollectionsComeOneByOne) {
  TraceBuilder good = Running();
  good.Ev(E::kGCBegin, 1, {4, 0}).Ev(E::kGCEnd, 1, {5});
  good.Ev(E::kGCBegin, 1, {6, 0}).Ev(E::kGCEnd, 1, {7});
  EXPECT_EQ(ErrorOf(good), "");
  TraceBuilder twice = Running();
  twice.Ev(E::kGCBegin, 1, {4, 0}).Ev(E::kGCBegin, 1, {5, 0});
  EXPECT_THAT(ErrorOf(twice), HasSubstr("a collection is going on"));
  TraceBuilder skipped = Running();
  skipped.Ev(E::kGCBegin, 1, {4, 0}).Ev(E::kGCEnd, 1, {6});
  EXPECT_THAT(ErrorOf(skipped), HasSubstr("sequence number was 4, not 5"));
  TraceBuilder end = Running();
  end.Ev(E::kGCEnd, 1, {1});
  EXPECT_THAT(ErrorOf(end), HasSubstr("no collection is going on"));
}

TEST(Order, SweepsAndAssistsAreRanges) {
  TraceBuilder good = Running();
  good.Ev(E::kGCSweepBegin, 1, {0}).Ev(E::kGCSweepEnd, 1, {0, 0});
  good.Ev(E::kGCMarkAssistActive, 1, {1}).Ev(E::kGCMarkAssistEnd, 1);
  EXPECT_EQ(ErrorOf(good), "");
  TraceBuilder end = Running();
  end.Ev(E::kGCSweepEnd, 1, {0, 0});
  EXPECT_THAT(ErrorOf(end), HasSubstr("it has not begun"));
  TraceBuilder later = Running();
  later.Generation(2).Frequency().On(1, 200).Ev(E::kGCSweepActive, 1, {0});
  EXPECT_THAT(ErrorOf(later), HasSubstr("it is not active"));
  TraceBuilder unknown = Running();
  unknown.Ev(E::kGCMarkAssistActive, 1, {9});
  EXPECT_THAT(ErrorOf(unknown), HasSubstr("the goroutine does not exist"));
}

// ---- Tables ----

TEST(Order, IdsAreOfTheSameGenerationsTables) {
  TraceBuilder string = Running();
  string.Ev(E::kGoBlock, 1, {3, 0});
  EXPECT_THAT(ErrorOf(string),
              HasSubstr("there is no string 3 in generation 1"));
  TraceBuilder stack = Running();
  stack.Ev(E::kGoBlock, 1, {1, 8});
  EXPECT_THAT(ErrorOf(stack), HasSubstr("there is no stack 8"));
  TraceBuilder later = Running();
  later.Generation(2).Frequency().On(1, 200).Ev(E::kGoBlock, 1, {1, 0});
  EXPECT_THAT(ErrorOf(later),
              HasSubstr("there is no string 1 in generation 2"));
}

TEST(Order, StructuralEventsAreNotTimed) {
  TraceBuilder trace = Running();
  trace.Ev(E::kString, 1, {1});
  EXPECT_THAT(ErrorOf(trace), HasSubstr("type 5 is no timed event"));
}

TEST(Order, SamplesAreSortedIn) {
  TraceBuilder trace = Running();
  trace.Raw(kNone, 1, std::string("\x06\x07\x65\x01\x00\x01\x00", 7));
  EXPECT_EQ(ErrorOf(trace), "");
  TraceBuilder stack = Running();
  stack.Raw(kNone, 1, std::string("\x06\x07\x65\x01\x00\x01\x09", 7));
  EXPECT_THAT(ErrorOf(stack), HasSubstr("there is no stack 9"));
}

// ---- Stricter than Go's reader, each of which the lenient mode accepts ----

void ExpectStrict(TraceBuilder trace, const std::string& why) {
  EXPECT_THAT(ErrorOf(trace, true), HasSubstr(why));
  EXPECT_EQ(ErrorOf(trace, false), "") << why;
}

TEST(Order, StrictTwoGoroutinesOnAThread) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoStatus, 1, {2, 1, 2});
  ExpectStrict(trace, "the thread already has G 1");
}

TEST(Order, StrictAGoroutineOnTwoThreads) {
  TraceBuilder trace = Running();
  trace.Generation(2).Frequency().On(2, 200).Ev(E::kGoStatus, 1, {1, 2, 2});
  ExpectStrict(trace, "G 1 is on M 1");
}

TEST(Order, StrictTwoProcessorsOnAThread) {
  TraceBuilder trace = Running();
  trace.Ev(E::kProcStatus, 1, {1, 1});
  ExpectStrict(trace, "the thread already has P 0");
}

TEST(Order, StrictAProcessorOnTwoThreads) {
  TraceBuilder trace = Running();
  trace.Generation(2).Frequency().On(2, 200).Ev(E::kProcStatus, 1, {0, 1});
  ExpectStrict(trace, "P 0 is on M 1");
}

TEST(Order, StrictOneStatusPerGeneration) {
  TraceBuilder g = Running();
  g.Ev(E::kGoStatus, 1, {1, 1, 2});
  ExpectStrict(g, "G 1 already has a status in generation 1");
  TraceBuilder p = Running();
  p.Ev(E::kProcStatus, 1, {0, 1});
  ExpectStrict(p, "P 0 already has a status in generation 1");
}

TEST(Order, StrictFramesHaveNames) {
  struct {
    TraceBuilder::Frame frame;
    const char* why;
  } cases[] = {{{0, 1, 1, 1}, "lacks a pc"},
               {{8, 0, 1, 1}, "lacks a function"},
               {{8, 1, 0, 1}, "lacks a file"},
               {{8, 1, 1, 0}, "lacks a line"}};
  for (const auto& c : cases) {
    TraceBuilder trace;
    // The leaf may be anything.
    trace.Stack(1, {{0, 0, 0, 0}, c.frame}).Frequency().String(1, "f");
    trace.On(1).Ev(E::kProcStatus, 1, {0, 1}).Ev(E::kGoCreate, 1, {1, 0, 1});
    if (c.frame.pc == 0) {
      // Frames are known by pc; this one is the leaf's.
      EXPECT_THAT(ErrorOf(trace), HasSubstr(c.why));
    } else {
      ExpectStrict(trace, std::string("frame 2 of its stack ") + c.why);
    }
  }
}

TEST(Order, StrictLabelsAndTasksHaveNames) {
  TraceBuilder label = Running();
  label.Ev(E::kGoLabel, 1, {0});
  ExpectStrict(label, "an empty label");
  TraceBuilder task = Running();
  task.Ev(E::kUserTaskBegin, 1, {0, 0, 1, 0});
  ExpectStrict(task, "no task's id");
}

TEST(Order, StrictAGoroutineEndsOutsideOfRanges) {
  TraceBuilder trace = Running();
  trace.Ev(E::kSTWBegin, 1, {1, 0}).Ev(E::kGoDestroy, 1);
  ExpectStrict(trace, "G 1 ends inside a STWBegin");
}

}  // namespace
}  // namespace parktrace
}  // namespace parkour
