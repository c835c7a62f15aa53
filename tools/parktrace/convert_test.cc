// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// What Perfetto is given is decoded again, and held to the rules of slices and
// flows. That Chrome's JSON is JSON, and what is in it, command_test.py checks.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "parkour/tools/parktrace/html.h"
#include "parkour/tools/parktrace/perfetto.h"
#include "parkour/tools/parktrace/simulation.h"
#include "parkour/tools/parktrace/text.h"
#include "parkour/tools/parktrace/timeline.h"
#include "protozero/pbf_reader.hpp"

namespace parkour {
namespace parktrace {
namespace {

using protozero::pbf_reader;
using ::testing::HasSubstr;

std::string Text(protozero::data_view view) {
  return std::string(view.data(), view.size());
}

// Reads all packets and notes what is wrong with them.
class Decoder {
 public:
  void Read(const std::string& bytes) {
    pbf_reader trace(bytes);
    while (trace.next(1)) Packet(trace.get_message());
    EXPECT_FALSE(trace.next()) << "a field that is no packet";
    for (const auto& [track, depth] : open_) {
      EXPECT_EQ(depth, 0) << "open slices on track " << track;
    }
    for (const auto& [id, ends] : flows_) {
      EXPECT_EQ(ends.first, 1) << "begins of flow " << id;
      EXPECT_EQ(ends.second, 1) << "ends of flow " << id;
    }
  }

  size_t flows() const { return flows_.size(); }
  size_t begins() const { return begins_; }
  const std::map<uint64_t, std::string>& tracks() const { return tracks_; }
  const std::set<std::string>& names_used() const { return names_used_; }

 private:
  void Packet(pbf_reader packet) {
    uint64_t time = 0;
    uint32_t sequence = 0, flags = 0;
    std::vector<pbf_reader> events;
    while (packet.next()) {
      switch (packet.tag()) {
        case 8:
          time = packet.get_uint64();
          break;
        case 10:
          sequence = packet.get_uint32();
          break;
        case 11:
          events.push_back(packet.get_message());
          break;
        case 12:
          Interned(packet.get_message());
          break;
        case 13:
          flags = packet.get_uint32();
          break;
        case 60:
          Track(packet.get_message());
          break;
        default:
          ADD_FAILURE() << "unknown field " << packet.tag();
          packet.skip();
      }
    }
    EXPECT_EQ(sequence, 1u);
    EXPECT_EQ(flags, is_first_ ? 3u : 2u);
    is_first_ = false;
    for (pbf_reader& event : events) {
      EXPECT_GE(time, last_time_);
      last_time_ = time;
      Event(event);
    }
  }

  void Interned(pbf_reader data) {
    while (data.next(2)) {
      pbf_reader name = data.get_message();
      uint64_t iid = 0;
      std::string text;
      while (name.next()) {
        if (name.tag() == 1) {
          iid = name.get_uint64();
        } else {
          text = Text(name.get_view());
        }
      }
      EXPECT_GT(iid, 0u);
      EXPECT_TRUE(names_.emplace(iid, text).second);
    }
  }

  void Track(pbf_reader track) {
    uint64_t uuid = 0, parent = 0, merge = 0;
    std::string name;
    while (track.next()) {
      switch (track.tag()) {
        case 1:
          uuid = track.get_uint64();
          break;
        case 2:
          name = Text(track.get_view());
          break;
        case 5:
          parent = track.get_uint64();
          break;
        case 15:
          merge = track.get_uint64();
          break;
        default:
          track.skip();
      }
    }
    EXPECT_TRUE(parent == 0 || tracks_.count(parent)) << name;
    EXPECT_EQ(merge, 2u) << "tracks of one name would be one";
    EXPECT_TRUE(tracks_.emplace(uuid, name).second) << name;
  }

  void Event(pbf_reader event) {
    uint64_t type = 0, track = 0, name = 0;
    while (event.next()) {
      switch (event.tag()) {
        case 9:
          type = event.get_uint64();
          break;
        case 10:
          name = event.get_uint64();
          break;
        case 11:
          track = event.get_uint64();
          break;
        case 30:
          EXPECT_GE(event.get_int64(), 0);
          break;
        case 47:
          ++flows_[event.get_fixed64()].first;
          break;
        case 48:
          ++flows_[event.get_fixed64()].second;
          break;
        default:
          ADD_FAILURE() << "unknown field " << event.tag();
          event.skip();
      }
    }
    EXPECT_TRUE(tracks_.count(track));
    if (type == 1) {
      ++open_[track];
      ++begins_;
      // Nothing here is inside another: two states at once are a mistake.
      EXPECT_EQ(open_[track], 1) << tracks_[track];
    }
    if (type == 2) {
      EXPECT_GE(--open_[track], 0) << tracks_[track];
    }
    if (type == 1 || type == 3) {
      EXPECT_TRUE(names_.count(name));
      names_used_.insert(names_[name]);
    }
  }

  bool is_first_ = true;
  uint64_t last_time_ = 0;
  size_t begins_ = 0;
  std::map<uint64_t, std::string> tracks_;
  std::map<uint64_t, std::string> names_;
  std::set<std::string> names_used_;
  std::map<uint64_t, int> open_;
  std::map<uint64_t, std::pair<int, int>> flows_;
};

struct Trace {
  explicit Trace(const SimulationOptions& options)
      : bytes(SimulateTrace(options)) {
    file = *ReadTraceFile(bytes);
    Ordered ordered = Order(file, {});
    EXPECT_TRUE(ordered.status.ok()) << ordered.status;
    timeline = MakeTimeline(file.symbols, ordered.events);
  }

  std::string bytes;
  TraceFile file;
  Timeline timeline;
};

TEST(Perfetto, SlicesNestAndFlowsHaveTwoEnds) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    Trace trace({4000, 3, 40, seed});
    Decoder decoder;
    decoder.Read(Perfetto(trace.file.symbols, trace.timeline));
    const Timeline& t = trace.timeline;
    EXPECT_EQ(decoder.begins(), t.slices.size() + t.spans.size());
    EXPECT_GT(decoder.flows(), t.wakes.size() / 2);
    EXPECT_EQ(decoder.names_used().count("chan receive"), 1u);
    EXPECT_EQ(decoder.names_used().count("runnable"), 1u);
  }
}

TEST(Perfetto, OfManyGoroutinesTheBusiestHaveTracks) {
  Trace trace({60000, 4, 8000, 7});
  ASSERT_GT(trace.timeline.goroutines.size(), kMaxGoroutineTracks);
  Decoder decoder;
  decoder.Read(Perfetto(trace.file.symbols, trace.timeline));
  size_t goroutines = 0;
  std::string group;
  for (const auto& [uuid, name] : decoder.tracks()) {
    goroutines += name.rfind("G ", 0) == 0 ? 1 : 0;
    if (name.rfind("Goroutines", 0) == 0) group = name;
  }
  EXPECT_EQ(goroutines, kMaxGoroutineTracks);
  EXPECT_THAT(group, HasSubstr("the 2000 of "));
}

TEST(Html, TitlesAreEscaped) {
  Trace trace({100, 1, 5, 1});
  absl::StatusOr<std::string> page =
      Html(trace.file.symbols, trace.timeline, "<b>&.trace");
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(*page, HasSubstr("<title>&lt;b>&amp;.trace</title>"));
}

TEST(Text, JsonStringsAreUtf8AndSafeInAScript) {
  EXPECT_EQ(JsonString("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\"");
  EXPECT_EQ(JsonString("</script>"), "\"\\u003c/script>\"");
  EXPECT_EQ(JsonString("\u00e4\u20ac"), "\"\u00e4\u20ac\"");
  EXPECT_EQ(JsonString("\xff\xc3"), "\"??\"");
  EXPECT_EQ(JsonString("\xed\xa0\x80"), "\"???\"");
}

TEST(Text, Durations) {
  EXPECT_EQ(Duration(0), "0ns");
  EXPECT_EQ(Duration(999), "999ns");
  EXPECT_EQ(Duration(1500), "1.5us");
  EXPECT_EQ(Duration(12345678), "12.35ms");
  EXPECT_EQ(Duration(2000000000), "2s");
}

}  // namespace
}  // namespace parktrace
}  // namespace parkour
