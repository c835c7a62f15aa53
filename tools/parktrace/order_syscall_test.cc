// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// Rules of syscalls, of processors stolen from them, and of coroutines.

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

// ---- Syscalls and steals ----

TEST(Order, ASyscallThatKeepsItsProcessor) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoSyscallBegin, 1, {1, 0}).Ev(E::kGoSyscallEnd, 1);
  trace.Ev(E::kGoSyscallBegin, 1, {2, 0}).Ev(E::kGoSyscallEnd, 1);
  EXPECT_EQ(ErrorOf(trace), "");
}

TEST(Order, ASyscallsNumberIsItsProcessors) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoSyscallBegin, 1, {2, 0});
  EXPECT_THAT(ErrorOf(trace),
              HasSubstr("generation 1: byte 50: M 1, with P 0 and G 1: "
                        "GoSyscallBegin(p_seq=2, stack=0): P 0 is running, "
                        "but the last sequence number was 0"));
}

// M 1's P 0 is stolen while G 1 is in a syscall, and G 1 goes on elsewhere.
TraceBuilder Stolen(uint64_t victim, bool is_stolen) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoSyscallBegin, 1, {1, 0}).Ev(E::kGoSyscallEndBlocked, 50);
  trace.On(2, 120);
  if (is_stolen) trace.Ev(E::kProcSteal, 0, {0, 2, victim});
  trace.Ev(E::kProcStart, 1, {0, 3}).Ev(E::kGoStart, 50, {1, 1});
  return trace;
}

TEST(Order, AProcessorIsStolenFromASyscall) {
  TraceBuilder trace = Stolen(1, true);
  Result result = Read(trace.File());
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(TypesOf(result.events),
              ElementsAre(E::kProcStatus, E::kGoStatus, E::kGoSyscallBegin,
                          E::kProcSteal, E::kProcStart, E::kGoSyscallEndBlocked,
                          E::kGoStart));
}

TEST(Order, ABlockedSyscallWaitsForItsSteal) {
  TraceBuilder trace = Stolen(1, false);
  std::string error = ErrorOf(trace);
  EXPECT_THAT(error, HasSubstr("GoSyscallEndBlocked(): P 0 was neither "
                               "stopped nor stolen from M 1"));
  EXPECT_THAT(error, HasSubstr("P 0 is in a syscall, not idle"));
}

TEST(Order, AStealNamesTheThreadThatHasTheProcessor) {
  TraceBuilder none = Stolen(9, true), self = Stolen(2, true);
  EXPECT_THAT(ErrorOf(none), HasSubstr("M 9 does not exist"));
  EXPECT_THAT(ErrorOf(self), HasSubstr("M 2 has no P"));
}

TEST(Order, ARunningProcessorIsNotStolen) {
  TraceBuilder trace = Running();
  trace.On(2, 200).Ev(E::kProcSteal, 1, {0, 1, 1});
  EXPECT_THAT(ErrorOf(trace), HasSubstr("P 0 is running, not in a syscall"));
}

TEST(Order, AThreadGivesItsProcessorUpInASyscall) {
  for (bool by_stop : {true, false}) {
    TraceBuilder trace = Running();
    trace.Ev(E::kGoSyscallBegin, 1, {1, 0});
    if (by_stop) {
      trace.Ev(E::kProcStop, 1);
    } else {
      trace.Ev(E::kProcSteal, 1, {0, 2, 1});
    }
    trace.Ev(E::kGoSyscallEndBlocked, 1);
    trace.Ev(E::kProcStart, 1, {0, by_stop ? 2u : 3u});
    trace.Ev(E::kGoStart, 1, {1, 1});
    EXPECT_EQ(ErrorOf(trace), "") << by_stop;
  }
}

// The simulator's bug that such a replay found: a thread leaves its syscall and
// takes a processor that was stolen, run elsewhere, and is in another syscall.
TEST(Order, AProcessorInAnothersSyscallIsNotTaken) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoSyscallBegin, 1, {1, 0}).Ev(E::kGoSyscallEnd, 50);
  trace.On(2, 110).Ev(E::kProcSteal, 0, {0, 2, 1});
  trace.Ev(E::kProcStart, 1, {0, 3});
  trace.Ev(E::kGoStatus, 1, {2, kNone, kGRunnable}).Ev(E::kGoStart, 1, {2, 1});
  trace.Ev(E::kGoSyscallBegin, 1, {4, 0});
  EXPECT_THAT(ErrorOf(trace), HasSubstr("M 1, with no P and G 1: "
                                        "GoSyscallEnd(): needs a P"));
}

TEST(Order, AGoroutineAsleepInASyscallAllAlong) {
  TraceBuilder trace = Proc();
  trace.Ev(E::kGoStatus, 1, {5, 42, kGSyscall});
  trace.On(42, 300).Ev(E::kGoSyscallEndBlocked, 0);
  trace.On(1, 400).Ev(E::kGoStart, 0, {5, 1});
  Result result = Read(trace.File());
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.events[1].m, 42u);
  TraceBuilder nowhere = Proc();
  nowhere.Ev(E::kGoStatus, 1, {5, kNone, kGSyscall});
  EXPECT_THAT(ErrorOf(nowhere), HasSubstr("in a syscall, but on no thread"));
}

TEST(Order, ACallbackOfAForeignThreadComesAndGoes) {
  TraceBuilder trace;
  trace.Frequency().On(1).Ev(E::kProcStatus, 0, {0, kPIdle});
  trace.Ev(E::kGoCreateSyscall, 1, {4}).Ev(E::kGoSyscallEndBlocked, 1);
  trace.Ev(E::kProcStart, 1, {0, 1}).Ev(E::kGoStart, 1, {4, 1});
  trace.Ev(E::kGoSyscallBegin, 1, {2, 0}).Ev(E::kGoDestroySyscall, 1);
  trace.On(2, 90).Ev(E::kProcSteal, 0, {0, 3, 1});
  EXPECT_EQ(ErrorOf(trace), "");
  TraceBuilder twice = Running();
  twice.Ev(E::kGoCreateSyscall, 1, {9});
  EXPECT_THAT(ErrorOf(twice), HasSubstr("the thread has G 1"));
}

TEST(Order, AnAbandonedProcessorIsPromotedWhereItsThreadIsKnown) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoSyscallBegin, 1, {1, 0});
  trace.Generation(2).Frequency().On(2, 200);
  trace.Ev(E::kProcStatus, 1, {0, kPAbandoned});
  trace.Ev(E::kProcSteal, 1, {0, 1, 1});
  Result result = Read(trace.File());
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.events[3].m, 1u);
  EXPECT_EQ(result.events[3].args[1], kPSyscall);
  TraceBuilder running = Running();
  running.Generation(2).Frequency().On(2, 200);
  running.Ev(E::kProcStatus, 1, {0, kPAbandoned});
  EXPECT_THAT(ErrorOf(running), HasSubstr("P 0 is running"));
}

TEST(Order, ARunningStatusBelongsToItsOwnThread) {
  TraceBuilder trace = Proc();
  trace.On(2, 150).Ev(E::kGoStatus, 0, {1, 1, kGRunning});
  trace.On(1, 200).Ev(E::kGoBlock, 1, {0, 0});
  EXPECT_THAT(ErrorOf(trace, false), HasSubstr("needs a G"));
  TraceBuilder nobody = Proc();
  nobody.On(kNone, 150).Ev(E::kGoStatus, 0, {1, 1, kGRunning});
  EXPECT_THAT(ErrorOf(nobody), HasSubstr("must be on a thread of its own"));
}

// ---- Coroutines ----

TEST(Order, ASwitchOfCoroutinesIsThreeEvents) {
  TraceBuilder trace = Running();
  trace.Ev(E::kGoCreateBlocked, 1, {2, 0, 0}).Ev(E::kGoSwitch, 1, {2, 1});
  trace.Ev(E::kGoSwitchDestroy, 1, {1, 1});
  Result result = Read(trace.File());
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(TypesOf(result.events),
              ElementsAre(E::kProcStatus, E::kGoStatus, E::kGoCreateBlocked,
                          E::kGoUnblock, E::kGoBlock, E::kGoStart,
                          E::kGoUnblock, E::kGoDestroy, E::kGoStart));
  TraceBuilder busy = Running();
  busy.Ev(E::kGoCreate, 1, {2, 0, 0}).Ev(E::kGoSwitch, 1, {2, 1});
  EXPECT_THAT(ErrorOf(busy), HasSubstr("G 2 is runnable, not waiting"));
}

}  // namespace
}  // namespace parktrace
}  // namespace parkour
