// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// One test per rule: what is accepted and what is rejected, as Go 1.24's reader
// was seen to do. Rules of syscalls are in order_syscall_test.cc, those of
// users and the stricter ones in order_user_test.cc.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "parkour/tools/parktrace/order_testing.h"

namespace parkour {
namespace parktrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using E = EventType;

// ---- Worked examples ----

TEST(Order, TheSmallestTrace) {
  constexpr char kBytes[] =
      "go 1.23 trace\0\0\0"
      "\x01\x01\x00\x00\x02\x08\x01"
      "\x01\x01\x01\x01\x03\x0f\x00\x01";
  Result result = Read(std::string(kBytes, 31));
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(TypesOf(result.events), ElementsAre(E::kGoCreateSyscall));
}

std::string ExampleOfTwoGoroutines() {
  const std::string no_thread = std::string(9, '\xff') + '\x01';
  constexpr char kEvents[] =
      "\x01\x01\x01\xe8\x07\x2d"
      "\x0d\x00\x00\x02\x0a\x01\x00\x01\x19\x01\x01\x01\x01\x10\x01\x01\x01"
      "\x0e\x0a\x02\x01\x03\x14\x05\x04\x03\x10\x02\x02\x01\x15\x14\x01\x02\x02"
      "\x11\x03\x10\x02\x01\x03\x11\x09\x0b\x01";
  constexpr char kStacks[] =
      "\x02\x03\x01\x01\x80\xa0\x80\x02\x01\x02\x0a\x03\x02\x01\x90\xa0\x80\x02"
      "\x01\x02\x0c\x03\x03\x01\x80\xc0\x80\x02\x03\x02\x1e";
  constexpr char kStrings[] =
      "\x04\x05\x01\x0bmain.worker\x05\x02\x06srv.cc\x05\x03\x09main.main"
      "\x05\x04\x0c"
      "chan receive";
  const std::string table = "\x01\x01" + no_thread;
  return std::string("go 1.23 trace\0\0\0", 16) + std::string(kEvents, 51) +
         table + std::string("\x00\x06\x08\x80\x94\xeb\xdc\x03", 8) + table +
         std::string("\x00\x1f", 2) + kStacks + table +
         std::string("\x00\x33", 2) + kStrings;
}

TEST(Order, TwoGoroutinesOnOneProcessor) {
  absl::StatusOr<TraceFile> file = absl::InternalError("");
  std::string bytes = ExampleOfTwoGoroutines();
  EXPECT_EQ(bytes.size(), 197u);
  file = ReadTraceFile(bytes);
  ASSERT_TRUE(file.ok()) << file.status();
  Ordered ordered = Order(*file, {});
  ASSERT_TRUE(ordered.status.ok()) << ordered.status;
  EXPECT_THAT(
      TypesOf(ordered.events),
      ElementsAre(E::kProcStatus, E::kProcStart, E::kGoStatus, E::kGoStart,
                  E::kGoCreate, E::kGoBlock, E::kGoStart, E::kGoUnblock,
                  E::kGoDestroy, E::kGoStart, E::kGoDestroy, E::kProcStop));
  const Event& unblock = ordered.events[7];
  EXPECT_EQ(unblock.time, 1040);
  EXPECT_EQ(unblock.m, 1u);
  EXPECT_EQ(unblock.p, 0u);
  EXPECT_EQ(unblock.g, 2u);
  EXPECT_EQ(unblock.args[0], 1u);
  const std::vector<Frame>& stack = file->symbols.Stack(unblock.args[2]);
  ASSERT_EQ(stack.size(), 1u);
  EXPECT_EQ(file->symbols.String(stack[0].function), "main.worker");
  EXPECT_EQ(stack[0].line, 12u);
  EXPECT_EQ(file->symbols.String(ordered.events[5].args[0]), "chan receive");
}

// ---- Sequence numbers ----

TEST(Order, GoroutinesCountStartsAndUnblocks) {
  TraceBuilder trace = Proc();
  trace.Ev(E::kGoCreate, 1, {7, 0, 0}).Ev(E::kGoStart, 1, {7, 1});
  trace.Ev(E::kGoBlock, 1, {0, 0}).Ev(E::kGoUnblock, 1, {7, 2, 0});
  trace.Ev(E::kGoStart, 1, {7, 3}).Ev(E::kGoStop, 1, {0, 0});
  trace.Ev(E::kGoStart, 1, {7, 4});
  EXPECT_EQ(ErrorOf(trace), "");
}

TEST(Order, ASkippedNumberOfAGoroutineIsExplained) {
  TraceBuilder trace = Proc();
  trace.Ev(E::kGoCreate, 1, {7, 0, 0}).Ev(E::kGoStart, 1, {7, 2});
  EXPECT_EQ(ErrorOf(trace),
            "generation 1: failed to advance: no thread's next event can come "
            "now\n  M 1: byte 50, 103 ns: GoStart(g=7, g_seq=2): G 7 is "
            "runnable, but the last sequence number was 0, so 1 comes next, "
            "not 2");
}

TEST(Order, ASkippedNumberOfAProcessorIsExplained) {
  TraceBuilder trace;
  trace.Frequency().On(1).Ev(E::kProcStatus, 0, {0, kPIdle});
  trace.Ev(E::kProcStart, 0, {0, 2});
  EXPECT_THAT(ErrorOf(trace),
              HasSubstr("P 0 is idle, but the last sequence number was 0"));
}

TEST(Order, ANumberBelongsToItsGeneration) {
  TraceBuilder trace = Proc();
  trace.Ev(E::kGoCreate, 1, {7, 0, 0});
  trace.Generation(2).Frequency().On(1, 200);
  trace.Ev(E::kProcStatus, 1, {0, kPRunning}).Ev(E::kGoStart, 1, {7, 1});
  EXPECT_THAT(ErrorOf(trace),
              HasSubstr("G 7 has no status in this generation"));
}

TEST(Order, AStatusInEachGenerationBeginsAnew) {
  TraceBuilder trace = Proc();
  trace.Ev(E::kGoCreate, 1, {7, 0, 0});
  trace.Generation(2).Frequency().On(1, 200);
  trace.Ev(E::kProcStatus, 1, {0, kPRunning});
  trace.Ev(E::kGoStatus, 1, {7, kNone, kGRunnable});
  trace.Ev(E::kGoStart, 1, {7, 1});
  EXPECT_EQ(ErrorOf(trace), "");
}

TEST(Order, WhatHasNoNumberNeedsNoStatusInALaterGeneration) {
  TraceBuilder trace = Running();
  trace.Generation(2).Frequency().On(1, 200).Ev(E::kGoBlock, 1, {0, 0});
  EXPECT_EQ(ErrorOf(trace), "");
}

TEST(Order, AnUnknownGoroutineInALaterGenerationIsRejected) {
  TraceBuilder trace = Running();
  trace.Generation(2).Frequency().On(1, 200);
  trace.Ev(E::kGoStatus, 1, {9, kNone, kGWaiting});
  EXPECT_THAT(ErrorOf(trace), HasSubstr("G 9 comes from nowhere"));
}

TEST(Order, AStatusThatIsNotSoIsRejected) {
  TraceBuilder trace = Running();
  trace.Generation(2).Frequency().On(1, 200);
  trace.Ev(E::kGoStatus, 1, {1, kNone, kGWaiting});
  EXPECT_THAT(ErrorOf(trace), HasSubstr("G 1 is running, not waiting"));
  TraceBuilder proc = Running();
  proc.Generation(2).Frequency().On(1, 200);
  proc.Ev(E::kProcStatus, 1, {0, kPIdle});
  EXPECT_THAT(ErrorOf(proc), HasSubstr("P 0 is running, not idle"));
}

TEST(Order, StatusesThatDoNotExistAreRejected) {
  for (uint64_t status : {uint64_t{0}, uint64_t{5}, kNone}) {
    TraceBuilder g, p;
    g.Frequency().On(1).Ev(E::kGoStatus, 0, {1, kNone, status});
    EXPECT_THAT(ErrorOf(g, false), HasSubstr("no such status"));
    p.Frequency().On(1).Ev(E::kProcStatus, 0, {1, status});
    EXPECT_THAT(ErrorOf(p, false), HasSubstr("no such status"));
  }
}

TEST(Order, ABrokenGenerationLeavesTheOnesBefore) {
  TraceBuilder trace = Running();
  trace.Generation(2).Frequency().On(1, 200).Ev(E::kGoStart, 1, {1, 1});
  Result result = Read(trace.File());
  EXPECT_THAT(result.error, HasSubstr("generation 2: failed to advance"));
  EXPECT_EQ(result.events.size(), 2u);
}

TEST(Order, ALostBatchIsNamedWhereTheRestNeedsIt) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoBlock, 1, {0, 0});
  trace.On(2, 200).Ev(E::kGoUnblock, 1, {1, 1, 0});
  trace.On(3, 300).Ev(E::kGoStatus, 1, {2, kNone, kGWaiting});
  std::string bytes = trace.File();
  // Nothing depends on the last one.
  EXPECT_EQ(Read(bytes.substr(0, bytes.size() - 1)).events.size(), 4u);
  TraceBuilder needed = Running();
  needed.Ev(E::kGoBlock, 1, {0, 0});
  needed.On(2, 200).Ev(E::kGoStart, 1, {1, 2});
  needed.On(3, 200).Ev(E::kGoUnblock, 1, {1, 1, 0});
  bytes = needed.File();
  std::string error = Read(bytes.substr(0, bytes.size() - 1)).error;
  EXPECT_THAT(error, HasSubstr("the file ends in a batch: 4 of 5 bytes are "
                               "there; without the rest, generation 1: failed "
                               "to advance"));
}

TEST(Order, AGenerationHasEvents) {
  TraceBuilder trace;
  trace.Frequency();
  EXPECT_EQ(ErrorOf(trace), "generation 1: no events");
}

// ---- Order between threads ----

TEST(Order, ClocksMayDifferIfNumbersAgree) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoBlock, 1, {0, 0});
  // Ahead of everything by its clock.
  trace.On(2, 1).Ev(E::kGoUnblock, 0, {1, 1, 0});
  Result result = Read(trace.File());
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(TypesOf(result.events), ElementsAre(E::kProcStatus, E::kGoStatus,
                                                  E::kGoBlock, E::kGoUnblock));
  for (size_t i = 1; i < result.events.size(); ++i) {
    EXPECT_GT(result.events[i].time, result.events[i - 1].time);
  }
  EXPECT_EQ(result.events.back().time, 104);
}

TEST(Order, WhoCannotAdvanceIsNamedThreadByThread) {
  TraceBuilder trace;
  trace.Frequency();
  trace.On(1).Ev(E::kGoStart, 0, {5, 1});
  trace.On(2).Ev(E::kGoUnblock, 0, {6, 1, 0});
  trace.On(kNone).Ev(E::kProcSteal, 0, {3, 1, 1});
  std::string error = ErrorOf(trace);
  EXPECT_THAT(error, HasSubstr("M 1: byte 41, 1 ns: GoStart(g=5, g_seq=1): "
                               "G 5 does not exist"));
  EXPECT_THAT(error, HasSubstr("M 2: "));
  EXPECT_THAT(error, HasSubstr("G 6 does not exist"));
  EXPECT_THAT(error, HasSubstr("no M: "));
  EXPECT_THAT(error, HasSubstr("P 3 does not exist"));
}

// ---- What events need ----

TEST(Order, WhatNeedsAGoroutineIsRejectedWithoutOne) {
  struct Case {
    E type;
    std::vector<uint64_t> args;
  };
  const Case cases[] = {
      {E::kGoBlock, {0, 0}},
      {E::kGoStop, {0, 0}},
      {E::kGoDestroy, {}},
      {E::kGoSyscallBegin, {1, 0}},
      {E::kGoSyscallEnd, {}},
      {E::kProcsChange, {1, 0}},
      {E::kGoLabel, {0}},
      {E::kUserTaskBegin, {1, 0, 0, 0}},
      {E::kUserTaskEnd, {1, 0}},
      {E::kUserRegionBegin, {0, 0, 0}},
      {E::kUserRegionEnd, {0, 0, 0}},
      {E::kUserLog, {0, 0, 0, 0}},
      {E::kSTWBegin, {0, 0}},
      {E::kSTWEnd, {}},
      {E::kGoSwitch, {1, 1}},
      {E::kGoSwitchDestroy, {1, 1}},
  };
  for (const Case& c : cases) {
    std::string payload(1, static_cast<char>(c.type));
    payload += '\1';
    for (uint64_t arg : c.args) TraceBuilder::Uvarint(arg, &payload);
    TraceBuilder proc = Proc();
    proc.Raw(1, 200, payload);
    EXPECT_THAT(ErrorOf(proc), HasSubstr(": needs a G")) << NameOf(c.type);
    TraceBuilder bare;
    bare.Frequency().Raw(1, 200, payload);
    EXPECT_THAT(ErrorOf(bare), HasSubstr(": needs a P")) << NameOf(c.type);
    TraceBuilder nobody;
    nobody.Frequency().Raw(kNone, 200, payload);
    EXPECT_THAT(ErrorOf(nobody), HasSubstr("needs a thread"));
  }
}

TEST(Order, AGoroutineStartsOnAProcessor) {
  TraceBuilder trace;
  trace.Frequency().On(1).Ev(E::kGoStatus, 0, {1, kNone, kGRunnable});
  trace.Ev(E::kGoStart, 0, {1, 1});
  EXPECT_EQ(ErrorOf(trace),
            "generation 1: byte 55: M 1, with no P and no G: GoStart(g=1, "
            "g_seq=1): needs a P");
}

TEST(Order, AGoroutineStartsWhereNoneRuns) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoCreate, 1, {2, 0, 0}).Ev(E::kGoStart, 1, {2, 1});
  EXPECT_THAT(ErrorOf(trace, false), HasSubstr("the thread has G 1"));
}

TEST(Order, AWaitingGoroutineDoesNotStart) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoBlock, 1, {0, 0}).Ev(E::kGoStart, 1, {1, 1});
  EXPECT_THAT(ErrorOf(trace), HasSubstr("G 1 is waiting, not runnable"));
}

TEST(Order, OnlyAWaitingGoroutineIsUnblocked) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoUnblock, 1, {1, 1, 0});
  EXPECT_THAT(ErrorOf(trace), HasSubstr("G 1 is running, not waiting"));
}

TEST(Order, AThreadWithoutAProcessorMayUnblock) {
  TraceBuilder trace;
  trace.Frequency().On(9).Ev(E::kGoStatus, 0, {1, kNone, kGWaiting});
  trace.Ev(E::kGoUnblock, 0, {1, 1, 0});
  EXPECT_EQ(ErrorOf(trace), "");
}

TEST(Order, AProcessorWithoutAGoroutineMayCreate) {
  TraceBuilder trace = Proc();
  trace.Ev(E::kGoCreate, 1, {2, 0, 0}).Ev(E::kGoCreateBlocked, 1, {3, 0, 0});
  trace.Ev(E::kGoUnblock, 1, {3, 1, 0});
  EXPECT_EQ(ErrorOf(trace), "");
  TraceBuilder bare;
  bare.Frequency().On(1).Ev(E::kGoCreate, 1, {2, 0, 0});
  EXPECT_THAT(ErrorOf(bare), HasSubstr("needs a P"));
}

TEST(Order, AnIdIsUsedAgainOnlyAfterItsEnd) {
  TraceBuilder again = Proc();
  again.Ev(E::kGoCreate, 1, {2, 0, 0}).Ev(E::kGoStart, 1, {2, 1});
  again.Ev(E::kGoDestroy, 1).Ev(E::kGoCreate, 1, {2, 0, 0});
  EXPECT_EQ(ErrorOf(again), "");
  TraceBuilder twice = Proc();
  twice.Ev(E::kGoCreate, 1, {2, 0, 0}).Ev(E::kGoCreate, 1, {2, 0, 0});
  EXPECT_THAT(ErrorOf(twice), HasSubstr("G 2 exists"));
}

// ---- Processors ----

TEST(Order, AProcessorStartsOnAThreadWithoutOne) {
  TraceBuilder trace = Proc();
  trace.Ev(E::kProcStatus, 1, {1, kPIdle}).Ev(E::kProcStart, 1, {1, 1});
  EXPECT_THAT(ErrorOf(trace), HasSubstr("M 1 still has P 0"));
}

TEST(Order, ARunningProcessorDoesNotStart) {
  TraceBuilder trace = Proc();
  trace.On(2, 200).Ev(E::kProcStart, 1, {0, 1});
  EXPECT_THAT(ErrorOf(trace), HasSubstr("P 0 is running, not idle"));
}

TEST(Order, OnlyAHeldProcessorStops) {
  TraceBuilder trace;
  trace.Frequency().On(1).Ev(E::kProcStop, 0);
  EXPECT_THAT(ErrorOf(trace), HasSubstr("ProcStop(): needs a P"));
}

TEST(Order, AnotherThreadMayBeginWithAProcStart) {
  TraceBuilder trace;
  trace.Frequency().On(1).Ev(E::kProcStatus, 0, {0, kPIdle});
  trace.On(77, 5).Ev(E::kProcStart, 0, {0, 1}).Ev(E::kGoCreate, 0, {1, 0, 0});
  EXPECT_EQ(ErrorOf(trace), "");
}

}  // namespace
}  // namespace parktrace
}  // namespace parkour
