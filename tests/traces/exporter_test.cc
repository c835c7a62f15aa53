// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What the exporter writes is read by tools/parktrace, which knows nothing of
// it but the format.

#include "parkour/trace/exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "parkour/tests/traces/check_trace.h"
#include "parkour/trace/annotation.h"

namespace parkour::trace {
namespace {

using parktrace::EventType;

// Two threads, two Ps, three goroutines that wake each other, a system call
// whose P is stolen, a yield: a history that could have happened.
class History {
 public:
  History() {
    ProcStart(1, 0);
    ProcStart(2, 1);
    Create(1, 10, 0);
    Start(1, 10, 0);
    for (int round = 0; round < 20; ++round) Round();
    Own(1, Event::kGoDestroy, 10, 0);
    ProcStop(1, 0);
  }

  const Recording& recording() const { return recording_; }

 private:
  void Round() {
    const uint64_t worker = 100 + round_++;
    Create(1, worker, 0);
    Start(2, worker, 1);
    Own(2, Event::kGoBlock, worker, 1);
    Unblock(1, worker, 0);
    Start(2, worker, 1);
    // In a system call it loses its P to the other thread, and comes back
    // without.
    Add(2, {0, worker, gs_[worker], 0, ++ps_[1], 1, Event::kSyscallBegin,
            Reason::kNone});
    Add(1, {0, 0, ++ps_[1], 0, 2, 1, Event::kProcSteal, Reason::kNone});
    Add(2, {0, worker, gs_[worker], 0, 0, kNoProc, Event::kSyscallEndBlocked,
            Reason::kNone});
    ProcStart(2, 1);
    Start(2, worker, 1);
    Own(1, Event::kGoStop, 10, 0);
    Start(1, 10, 0);
    Own(2, Event::kGoDestroy, worker, 1);
  }

  void Add(uint32_t tid, Record r) {
    r.ticks = ++now_ * 1000;
    recording_.streams[tid].push_back(r);
  }
  void Create(uint32_t tid, uint64_t g, uint16_t p) {
    gs_[g] = 0;
    Add(tid, {0, g, 0, 0, 0, p, Event::kGoCreate, Reason::kNone});
  }
  void Start(uint32_t tid, uint64_t g, uint16_t p) {
    Add(tid, {0, g, ++gs_[g], 0, 0, p, Event::kGoStart, Reason::kNone});
  }
  void Unblock(uint32_t tid, uint64_t g, uint16_t p) {
    Add(tid, {0, g, ++gs_[g], 0, 0, p, Event::kGoUnblock, Reason::kNone});
  }
  void Own(uint32_t tid, Event e, uint64_t g, uint16_t p) {
    Add(tid, {0, g, gs_[g], 0, 0, p, e, Reason::kSync});
  }
  void ProcStart(uint32_t tid, uint16_t p) {
    Add(tid, {0, 0, ++ps_[p], 0, 0, p, Event::kProcStart, Reason::kNone});
  }
  void ProcStop(uint32_t tid, uint16_t p) {
    Add(tid, {0, 0, ps_[p], 0, 0, p, Event::kProcStop, Reason::kNone});
  }

  Recording recording_;
  uint64_t now_ = 0;
  uint64_t round_ = 0;
  std::map<uint64_t, uint32_t> gs_;
  std::map<uint16_t, uint32_t> ps_;
};

// How many events there are of each type; fails if a reader would refuse.
std::map<EventType, int> Read(const std::string& file) {
  return tests::Check(file).counts;
}

TEST(Exporter, WritesWhatHappened) {
  const History history;
  Exporter exporter({});
  const std::string file = ExportAll(&exporter, history.recording());
  EXPECT_EQ(file.substr(0, 16), std::string("go 1.23 trace\0\0\0", 16));
  std::map<EventType, int> counts = Read(file);
  EXPECT_EQ(counts[EventType::kGoCreate], 21);
  EXPECT_EQ(counts[EventType::kGoDestroy], 21);
  EXPECT_EQ(counts[EventType::kGoBlock], 20);
  EXPECT_EQ(counts[EventType::kGoUnblock], 20);
  EXPECT_EQ(counts[EventType::kGoSyscallBegin], 20);
  EXPECT_EQ(counts[EventType::kGoSyscallEndBlocked], 20);
  EXPECT_EQ(counts[EventType::kProcSteal], 20);
  EXPECT_EQ(counts[EventType::kGoStart], 21 + 20 + 20 + 20);
}

// As a flight recorder leaves it: everything before some moment is gone.
TEST(Exporter, FromAnyMomentOn) {
  const History history;
  uint64_t end = 0;
  for (const auto& [tid, records] : history.recording().streams) {
    end = std::max(end, records.back().ticks);
  }
  for (uint64_t horizon = 0; horizon < end; horizon += 1000) {
    SCOPED_TRACE(horizon);
    Recording recording = history.recording();
    recording.horizon = horizon;
    Exporter exporter({});
    Read(ExportAll(&exporter, std::move(recording)));
    EXPECT_EQ(exporter.events(), (end - horizon) / 1000);
  }
}

// A session's cut may fall anywhere, and a thread's records may come late; what
// does not fit into one generation comes in the next.
TEST(Exporter, InGenerations) {
  const History history;
  const Recording all = history.recording();
  for (uint64_t step = 1; step < 60; step += 7) {
    SCOPED_TRACE(step);
    Exporter exporter({});
    std::string file(exporter.Begin());
    Recording left;
    std::map<uint32_t, size_t> at;
    uint64_t now = 0;
    for (bool more = true; more;) {
      more = false;
      const uint64_t last = now;
      now += step * 1000;
      for (const auto& [tid, records] : all.streams) {
        const uint64_t until = tid == 1 && last != 0 ? last : now;
        size_t& i = at[tid];
        while (i < records.size() && records[i].ticks <= until) {
          left.streams[tid].push_back(records[i++]);
        }
        more = more || i < records.size();
      }
      file += exporter.Generation(&left);
    }
    EXPECT_EQ(Read(file)[EventType::kGoDestroy], 21);
    EXPECT_TRUE(left.streams.empty());
  }
}

// Threads whose clocks disagree: sequence numbers decide.
TEST(Exporter, ClocksMayDisagree) {
  const History history;
  Recording recording = history.recording();
  for (Record& r : recording.streams[2]) r.ticks += 3500;
  Exporter exporter({});
  Read(ExportAll(&exporter, std::move(recording)));
  EXPECT_EQ(exporter.events(), history.recording().streams.at(1).size() +
                                   history.recording().streams.at(2).size());
}

// Something is missing in the middle, which should not be: what can be told is,
// and the file is good.
TEST(Exporter, AGapCostsItsFollowersOnly) {
  const History history;
  Recording recording = history.recording();
  std::vector<Record>& records = recording.streams[1];
  records.erase(records.begin() + static_cast<ptrdiff_t>(records.size() / 2));
  Exporter exporter({});
  Read(ExportAll(&exporter, std::move(recording)));
  EXPECT_GT(exporter.events(), 50u);
}

TEST(Exporter, AThreadWithoutAProcessorMakesGoroutines) {
  Recording recording;
  recording.streams[5] = {
      {1000, 42, 0, 0, 0, kNoProc, Event::kGoCreate, Reason::kNone}};
  recording.streams[6] = {
      {2000, 0, 1, 0, 0, 0, Event::kProcStart, Reason::kNone},
      {3000, 42, 1, 0, 0, 0, Event::kGoStart, Reason::kNone},
      {4000, 42, 1, 0, 0, 0, Event::kGoDestroy, Reason::kNone}};
  Exporter exporter({});
  std::map<EventType, int> counts =
      Read(ExportAll(&exporter, std::move(recording)));
  EXPECT_EQ(counts[EventType::kGoCreateSyscall], 1);
  EXPECT_EQ(counts[EventType::kGoDestroy], 1);
}

TEST(Exporter, GoroutinesWithoutRecords) {
  Exporter exporter({});
  for (uint64_t goid = 1000; goid < 21000; ++goid) {
    exporter.AddGoroutine(goid, {});
  }
  std::map<EventType, int> counts =
      Read(ExportAll(&exporter, History().recording()));
  EXPECT_EQ(counts[EventType::kGoStatusStack], 20000);
}

TEST(Annotation, RoundTrip) {
  const Annotation a = DecodeAnnotation(
      EncodeAnnotation(7, 3, "category", std::string("a\0b", 3)));
  EXPECT_EQ(a.task, 7u);
  EXPECT_EQ(a.parent, 3u);
  EXPECT_EQ(a.name, "category");
  EXPECT_EQ(a.value, std::string("a\0b", 3));
  const std::string text = EncodeAnnotation(1, 2, "name", "value");
  for (size_t n = 0; n <= text.size(); ++n) {
    EXPECT_LE(DecodeAnnotation(text.substr(0, n)).name.size(), 4u);
  }
}

}  // namespace
}  // namespace parkour::trace
