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
  RecorderTest() { SetCapacity(0); }
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
