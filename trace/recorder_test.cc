// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/trace/recorder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "parkour/base/clock.h"

namespace parkour::trace {
namespace {

// The n-th event of a stream, recognizable.
Record Nth(uint64_t n) {
  return {
      base::cputicks(), n, static_cast<uint32_t>(n), 0, 0, 0, Event::kGoStop,
      Reason::kNone};
}

// A fresh recorder for each test; there is one in a process.
class RecorderTest : public testing::Test {
 protected:
  RecorderTest() {
    NextPeriod(1 << 20);  // no bound worth mentioning
    SetCapacity(0);
  }
  ~RecorderTest() override {
    if (InSession()) EndSession();
    SetCapacity(0);
  }
};

std::vector<Record> StreamOf(const Recording& r, uint32_t tid) {
  const auto it = r.streams.find(tid);
  return it == r.streams.end() ? std::vector<Record>() : it->second;
}

TEST_F(RecorderTest, OffUntilItHasRoom) {
  EXPECT_FALSE(On());
  SetCapacity(1 << 20);
  EXPECT_TRUE(On());
  SetCapacity(0);
  EXPECT_FALSE(On());
}

TEST_F(RecorderTest, KeepsTheOrderOfAThread) {
  SetCapacity(1 << 20);
  Stream stream;
  stream.SetThread(7001);
  constexpr uint64_t kN = 3 * kBlockRecords + 5;
  for (uint64_t i = 1; i <= kN; ++i) stream.Append(Nth(i));
  const std::vector<Record> records = StreamOf(Collection().Copy(), 7001);
  ASSERT_EQ(records.size(), kN);
  for (uint64_t i = 0; i < kN; ++i) ASSERT_EQ(records[i].g, i + 1);
  stream.Close();
}

TEST_F(RecorderTest, ForgetsTheOldestAndSaysSo) {
  constexpr size_t kBlocks = 4;
  SetCapacity(kBlocks * sizeof(Block));
  const uint64_t begin = base::cputicks();
  Stream stream;
  stream.SetThread(7002);
  constexpr uint64_t kN = 100 * kBlockRecords;
  for (uint64_t i = 1; i <= kN; ++i) stream.Append(Nth(i));
  const Recording r = Collection().Copy();
  const std::vector<Record> records = StreamOf(r, 7002);
  ASSERT_FALSE(records.empty());
  EXPECT_LE(records.size(), kBlocks * kBlockRecords);
  EXPECT_EQ(records.back().g, kN);
  // The horizon lies between what is gone and what is there.
  EXPECT_LE(r.horizon, records.front().ticks);
  EXPECT_GT(r.horizon, begin);
  stream.Close();
}

TEST_F(RecorderTest, ACollectionIsNotDisturbed) {
  SetCapacity(2 * sizeof(Block));
  Stream stream;
  stream.SetThread(7003);
  for (uint64_t i = 1; i <= kBlockRecords + 1; ++i) stream.Append(Nth(i));
  const Collection collection;
  for (uint64_t i = 0; i < 50 * kBlockRecords; ++i) stream.Append(Nth(9999));
  const std::vector<Record> records = StreamOf(collection.Copy(), 7003);
  ASSERT_EQ(records.size(), kBlockRecords + 1);
  for (uint64_t i = 0; i < records.size(); ++i) ASSERT_EQ(records[i].g, i + 1);
  stream.Close();
}

TEST_F(RecorderTest, TextStaysWithItsRecord) {
  SetCapacity(1 << 20);
  Stream stream;
  stream.SetThread(7004);
  const std::string text(300, 'x');
  for (uint64_t i = 1; i <= 40; ++i) stream.AppendWithText(Nth(i), text);
  const std::vector<Record> records = StreamOf(Collection().Copy(), 7004);
  const size_t pieces = (text.size() + kTextBytes - 1) / kTextBytes;
  ASSERT_EQ(records.size(), 40 * (1 + pieces));
  for (size_t i = 0; i < records.size(); ++i) {
    ASSERT_EQ(records[i].type == Event::kText, i % (1 + pieces) != 0) << i;
  }
  stream.Close();
}

// What text looks like as a time does not matter.
TEST_F(RecorderTest, ForgettingTextKeepsTheHorizon) {
  SetCapacity(4 * sizeof(Block));
  Stream stream;
  stream.SetThread(7006);
  const std::string text(kTextBytes * 5, '\x7f');
  for (uint64_t i = 1; i <= 2000; ++i) stream.AppendWithText(Nth(i), text);
  const Recording r = Collection().Copy();
  EXPECT_LE(r.horizon, base::cputicks());
  EXPECT_FALSE(StreamOf(r, 7006).empty());
  stream.Close();
}

TEST_F(RecorderTest, ASessionThatIsNotReadLosesEvents) {
  SetCapacity(4 * sizeof(Block));
  BeginSession();
  Stream stream;
  stream.SetThread(7007);
  const uint64_t records = (kMaxSessionBytes / sizeof(Block) + 8) * 126;
  for (uint64_t i = 1; i <= records; ++i) stream.Append(Nth(i));
  EXPECT_TRUE(Take().lost);
  EXPECT_FALSE(Take().lost);
  EndSession();
  stream.Close();
}

TEST_F(RecorderTest, ASessionGetsEverythingOnce) {
  SetCapacity(2 * sizeof(Block));
  Stream stream;
  stream.SetThread(7005);
  for (uint64_t i = 0; i < 10; ++i) stream.Append(Nth(9999));  // before it
  BeginSession();
  std::vector<Record> all;
  uint64_t next = 1;
  for (int round = 0; round < 20; ++round) {
    for (uint64_t i = 0; i < 77; ++i) stream.Append(Nth(next++));
    const std::vector<Record> taken = StreamOf(Take(), 7005);
    all.insert(all.end(), taken.begin(), taken.end());
  }
  ASSERT_EQ(all.size(), next - 1);
  for (uint64_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i].g, i + 1);
  EndSession();
  stream.Close();
}

// Writers that never wait, and a session that takes all the while.
// As the scheduler does: nothing is recorded while it is off.
uint64_t AppendWhileOn(Stream* stream, uint64_t first, uint64_t n) {
  uint64_t made = 0;
  for (; made < n && On(); ++made) stream->Append(Nth(first + made));
  return made;
}

TEST_F(RecorderTest, APeriodsShareEndsAWindow) {
  static_assert(2 * kSampleBlocks <= kPeriodBlocks);
  constexpr uint64_t kMany = 2 * kPeriodBlocks * kBlockRecords;
  SetCapacity(4 * kPeriodBlocks * sizeof(Block));
  Stream stream;
  stream.SetThread(7010);
  NextPeriod(1);
  const uint64_t first = AppendWhileOn(&stream, 1, kMany);
  EXPECT_GE(first, kPeriodBlocks * kBlockRecords);
  EXPECT_LT(first, kMany);
  EXPECT_FALSE(On());
  // One who saw it on and is late: after the end of what can be known.
  stream.Append(Nth(first + 1));
  EXPECT_EQ(StreamOf(Collection().Copy(), 7010).size(), first);

  // The next window is shorter, and begins with nothing before it.
  NextPeriod(1);
  ASSERT_TRUE(On());
  const uint64_t begin = base::cputicks();
  const uint64_t second = AppendWhileOn(&stream, 100000, kMany);
  EXPECT_FALSE(On());
  EXPECT_LT(second, first);
  EXPECT_GE(second, (kSampleBlocks - 1) * kBlockRecords);
  const uint64_t third = base::cputicks();
  NextPeriod(1);
  NextPeriod(1);  // now nothing has happened for a period: the large share
  EXPECT_TRUE(On());
  EXPECT_EQ(AppendWhileOn(&stream, 200000, kSampleBlocks * 2 * kBlockRecords),
            kSampleBlocks * 2 * kBlockRecords);
  // Of two windows the longer one is shown.
  while (base::cputicks() - third <= third - begin) {
  }
  const Recording r = Collection().Copy();
  EXPECT_GT(r.horizon, begin);
  const std::vector<Record> records = StreamOf(r, 7010);
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.back().g, 200000 + kSampleBlocks * 2 * kBlockRecords - 1);
  stream.Close();
}

// A window that has only just begun is no answer. Whoever is kept from running
// meanwhile makes it a longer one, and tries again.
TEST_F(RecorderTest, TheLongerOfTwoWindows) {
  SetCapacity(4 * kPeriodBlocks * sizeof(Block));
  Stream stream;
  stream.SetThread(7011);
  bool tried = false;
  for (int i = 0; i < 1000 && !tried; ++i) {
    NextPeriod(1);
    const uint64_t begin = base::cputicks();
    const uint64_t first =
        AppendWhileOn(&stream, 1, 2 * kPeriodBlocks * kBlockRecords);
    const uint64_t end = base::cputicks();
    ASSERT_FALSE(On());
    NextPeriod(1);
    stream.Append(Nth(500000));
    const Collection collection;
    tried = base::cputicks() - end < end - begin;
    const std::vector<Record> records = StreamOf(collection.Copy(), 7011);
    if (!tried) continue;
    ASSERT_FALSE(records.empty());
    EXPECT_EQ(records.back().g, first);
  }
  EXPECT_TRUE(tried);
  stream.Close();
}

TEST_F(RecorderTest, ASessionHasNoPeriods) {
  constexpr uint64_t kMany = 4 * kPeriodBlocks * kBlockRecords;
  SetCapacity(4 * sizeof(Block));
  Stream stream;
  stream.SetThread(7012);
  NextPeriod(1);
  AppendWhileOn(&stream, 1, kMany);
  ASSERT_FALSE(On());
  BeginSession();
  EXPECT_EQ(AppendWhileOn(&stream, 1, kMany), kMany);
  EXPECT_EQ(StreamOf(Take(), 7012).size(), kMany);
  EndSession();
  stream.Close();
}

TEST_F(RecorderTest, StressSessionAndCollections) {
  SetCapacity(8 * sizeof(Block));
  BeginSession();
  constexpr int kWriters = 3;
  constexpr uint64_t kEach = 60000;
  std::atomic<int> running = kWriters;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([w, &running] {
      Stream stream;
      stream.SetThread(8000 + w);
      for (uint64_t i = 1; i <= kEach; ++i) stream.Append(Nth(i));
      stream.Close();
      --running;
    });
  }
  std::vector<uint64_t> last(kWriters, 0);
  const auto check = [&last](const Recording& r) {
    for (int w = 0; w < kWriters; ++w) {
      for (const Record& record :
           StreamOf(r, static_cast<uint32_t>(8000 + w))) {
        ASSERT_EQ(record.g, ++last[static_cast<size_t>(w)]);
      }
    }
  };
  while (running > 0) {
    check(Take());
    const Recording window = Collection().Copy();
    for (const auto& [tid, records] : window.streams) {
      for (size_t i = 1; i < records.size(); ++i) {
        ASSERT_EQ(records[i].g, records[i - 1].g + 1);
      }
    }
  }
  for (std::thread& t : writers) t.join();
  check(Take());
  for (const uint64_t n : last) EXPECT_EQ(n, kEach);
  EndSession();
}

}  // namespace
}  // namespace parkour::trace
