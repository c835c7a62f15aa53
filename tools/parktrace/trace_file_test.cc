// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/trace_file.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "parkour/tools/parktrace/trace_builder.h"

namespace parkour {
namespace parktrace {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using E = EventType;

// A trace with one event.
TraceBuilder Small(std::string_view version = "23") {
  TraceBuilder trace(version);
  trace.Frequency().On(1).Ev(E::kGoCreateSyscall, 0, {1});
  return trace;
}

std::string ErrorOf(const std::string& file) {
  absl::StatusOr<TraceFile> result = ReadTraceFile(file);
  return std::string(result.ok() ? result->rest.message()
                                 : result.status().message());
}

TEST(TraceFile, ReadsBothVersionsOfTheHeader) {
  for (const char* version : {"22", "23"}) {
    absl::StatusOr<TraceFile> file = ReadTraceFile(Small(version).File());
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->version, std::stoi(version));
    EXPECT_TRUE(file->rest.ok());
  }
}

TEST(TraceFile, RejectsOtherHeaders) {
  EXPECT_THAT(ErrorOf(""), StartsWith("byte 0: not an execution trace"));
  EXPECT_THAT(ErrorOf("go 1"), StartsWith("byte 0: not an execution trace"));
  EXPECT_THAT(ErrorOf("ELF and so on, long enough"), HasSubstr("no header"));
  for (const char* version : {"21", "24", "25", "26"}) {
    EXPECT_THAT(ErrorOf(Small(version).File()),
                HasSubstr("unknown or unsupported trace version go 1."));
  }
}

TEST(TraceFile, AnEmptyTraceIsNone) {
  EXPECT_EQ(ErrorOf(TraceBuilder().File()),
            "byte 16: no events: the file ends with its header");
}

TEST(TraceFile, OneFrequencyPerGeneration) {
  TraceBuilder none;
  none.On(1).Ev(E::kGoCreateSyscall, 0, {1});
  EXPECT_EQ(ErrorOf(none.File()), "byte 24: generation 1 has no frequency");
  EXPECT_THAT(ErrorOf(Small().Frequency().File()),
              HasSubstr("generation 1 has two frequencies"));
  EXPECT_THAT(ErrorOf(TraceBuilder().Frequency(0).File()),
              HasSubstr("a frequency of 0"));
  EXPECT_THAT(ErrorOf(TraceBuilder().Raw(kNone, 1, "\x08\x01\x01").File()),
              HasSubstr("more than a frequency"));
}

TEST(TraceFile, GenerationsAreContiguousAndCountFromAnywhere) {
  EXPECT_THAT(ErrorOf(TraceBuilder().Generation(0).Frequency().File()),
              HasSubstr("byte 16: a batch of generation 0"));
  EXPECT_THAT(ErrorOf(Small().Generation(3).Frequency().File()),
              HasSubstr("a batch of generation 3 among those of 1"));
  TraceBuilder late;
  late.Generation(7).Frequency().Generation(8).Frequency();
  std::string bytes = late.File();
  absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(file->generations.size(), 2u);
  EXPECT_EQ(file->generations[1].number, 8u);
}

TEST(TraceFile, StringsHaveLimits) {
  EXPECT_EQ(ErrorOf(Small().String(1, std::string(1024, 'x')).File()), "");
  EXPECT_THAT(ErrorOf(Small().String(1, std::string(1025, 'x')).File()),
              HasSubstr("string 1 has 1025 bytes; at most 1024 are allowed"));
  EXPECT_THAT(ErrorOf(Small().String(3, "a").String(3, "b").File()),
              HasSubstr("string 3 is defined twice"));
  EXPECT_THAT(ErrorOf(Small().String(0, "a").File()),
              HasSubstr("string 0 is the empty one"));
  EXPECT_THAT(ErrorOf(Small().Raw(kNone, 1, "\x04\x05\x01\x09short").File()),
              HasSubstr("string 1 of 9 bytes does not fit"));
  EXPECT_THAT(ErrorOf(Small().Raw(kNone, 1, "\x04\x06").File()),
              HasSubstr("expected a string, found type 6"));
}

TEST(TraceFile, StacksHaveLimits) {
  TraceBuilder::Frame frame{0x1000, 1, 1, 7};
  auto with = [&](int frames) {
    return Small().String(1, "f").Stack(1, {size_t(frames), frame}).File();
  };
  EXPECT_EQ(ErrorOf(with(128)), "");
  EXPECT_THAT(ErrorOf(with(129)),
              HasSubstr("stack 1 has 129 frames; at most 128 are allowed"));
  EXPECT_THAT(ErrorOf(Small().Stack(1, {frame}).File()),
              HasSubstr("stack 1 names string 1, which does not exist"));
  EXPECT_THAT(ErrorOf(Small().Stack(2, {}).Stack(2, {}).File()),
              HasSubstr("stack 2 is defined twice"));
  EXPECT_THAT(ErrorOf(Small().Stack(0, {}).File()),
              HasSubstr("stack 0 is the empty one"));
}

TEST(TraceFile, OfFramesWithOnePcTheFirstWins) {
  TraceBuilder trace = Small();
  trace.String(1, "f").String(2, "g").String(3, "f.cc");
  trace.Stack(1, {{0x1000, 1, 3, 7}}).Stack(2, {{0x1000, 2, 3, 9}});
  std::string bytes = trace.File();
  absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
  ASSERT_TRUE(file.ok());
  const std::vector<Frame>& stack =
      file->symbols.Stack(file->generations[0].stacks.at(2));
  ASSERT_EQ(stack.size(), 1u);
  EXPECT_EQ(file->symbols.String(stack[0].function), "f");
  EXPECT_EQ(stack[0].line, 7u);
}

TEST(TraceFile, BatchesHaveALimit) {
  std::string data(65537, '\0');
  EXPECT_THAT(ErrorOf(Small().Raw(1, 1, data).File()),
              HasSubstr("a batch of 65537 bytes; at most 65536 are allowed"));
}

TEST(TraceFile, PaddedNumbersAreFineAndTooLongOnesAreNot) {
  // Go reserves ten bytes for the length of a batch.
  std::string head("go 1.23 trace\0\0\0\1\1\0\0", 20);
  std::string padded = head + std::string(
                                  "\x82\x80\x80\x80\x80\x80\x80\x80"
                                  "\x80\x00\x08\x01",
                                  12);
  EXPECT_EQ(ErrorOf(padded), "");
  std::string too_long = head + std::string(10, '\x82') + "\x08\x01";
  EXPECT_THAT(ErrorOf(too_long), HasSubstr("bad number in the header"));
}

TEST(TraceFile, ATruncatedBatchLeavesTheRest) {
  std::string bytes = Small().On(2).Ev(E::kGoCreateSyscall, 0, {2}).File();
  bytes.pop_back();
  absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->generations[0].streams.size(), 1u);
  EXPECT_EQ(std::string(file->rest.message()),
            "byte 44: the file ends in a batch: 2 of 3 bytes are there");
}

TEST(TraceFile, ABrokenSecondGenerationLeavesTheFirst) {
  TraceBuilder trace = Small();
  trace.Generation(2).Frequency().Frequency();
  std::string bytes = trace.File();
  absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->generations.size(), 1u);
  EXPECT_THAT(std::string(file->rest.message()), HasSubstr("two frequencies"));
}

TEST(TraceFile, TablesMayFollowTheEventsThatUseThem) {
  TraceBuilder trace;
  trace.On(1).Ev(E::kGoCreateSyscall, 0, {1});
  trace.Stack(1, {{1, 1, 1, 1}}).String(1, "f").Frequency();
  EXPECT_EQ(ErrorOf(trace.File()), "");
}

TEST(TraceFile, ExperimentalBatchesArePassedOver) {
  std::string bytes = Small().File();
  bytes += std::string("\x31\x01\x01\x01\x01\x02zz", 8);
  EXPECT_EQ(ErrorOf(bytes), "");
  bytes.pop_back();
  EXPECT_THAT(ErrorOf(bytes), HasSubstr("the file ends in a batch"));
}

TEST(Cursor, AddsUpTimesAndNamesTheByteOfAnError) {
  TraceBuilder trace;
  trace.Frequency(500000000);
  trace.On(1, 100).Ev(E::kGoUnblock, 5, {7, kNone, 0}).Ev(E::kProcStop, 2);
  trace.On(1, 200).Ev(E::kProcStop, 1).Ev(E::kString, 0);
  std::string bytes = trace.File();
  absl::StatusOr<TraceFile> file = ReadTraceFile(bytes);
  ASSERT_TRUE(file.ok());
  const Generation& generation = file->generations[0];
  Cursor cursor(&generation.streams[0], generation.ns_per_tick);
  ASSERT_TRUE(cursor.Next().ok());
  EXPECT_EQ(Describe(cursor.event()), "GoUnblock(g=7, g_seq=-1, stack=0)");
  EXPECT_EQ(cursor.event().time, 210);
  ASSERT_TRUE(cursor.Next().ok());
  EXPECT_EQ(cursor.event().time, 214);
  ASSERT_TRUE(cursor.Next().ok());
  EXPECT_EQ(cursor.event().time, 402);
  EXPECT_THAT(std::string(cursor.Next().message()),
              HasSubstr("type 5 is no timed event (in a batch of M 1)"));
}

// Whatever the bytes are, the answer is a value or an error: every truncation,
// and every change of one byte, of a file in which everything occurs.
TEST(TraceFile, AnyBytesAreAnswered) {
  TraceBuilder trace = Small();
  trace.String(1, "f").Stack(1, {{1, 1, 1, 1}}).Raw(kNone, 1, "\x06\x07zzzzz");
  trace.On(1).Ev(E::kGoCreate, 0, {1, 1, 1});
  const std::string bytes = trace.File();
  auto read_all = [](const std::string& file_bytes) {
    absl::StatusOr<TraceFile> file = ReadTraceFile(file_bytes);
    if (!file.ok()) return;
    for (const Generation& generation : file->generations) {
      for (const Stream& stream : generation.streams) {
        Cursor cursor(&stream, generation.ns_per_tick);
        while (cursor.Next().ok() && !cursor.done()) {
          EXPECT_LT(cursor.event().offset, file_bytes.size());
        }
      }
    }
  };
  for (size_t i = 0; i < bytes.size(); ++i) {
    read_all(bytes.substr(0, i));
    for (int c = 0; c < 256; ++c) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(c);
      read_all(changed);
    }
  }
}

}  // namespace
}  // namespace parktrace
}  // namespace parkour
