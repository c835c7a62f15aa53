// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/perfetto.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "parkour/tools/parktrace/text.h"
#include "protozero/pbf_writer.hpp"

namespace parkour {
namespace parktrace {
namespace {

using protozero::pbf_writer;

// Numbers of fields and values, by message.
enum Trace { kPacket = 1 };
enum TracePacket {
  kTimestamp = 8,
  kSequenceId = 10,
  kTrackEvent = 11,
  kInternedData = 12,
  kSequenceFlags = 13,
  kTrackDescriptor = 60,
};
enum TrackDescriptor {
  kUuid = 1,
  kName = 2,
  kProcess = 3,
  kParentUuid = 5,
  kCounter = 8,
  kChildOrdering = 11,
  kSiblingOrderRank = 12,
  kSiblingMergeBehavior = 15,
};
enum TrackEvent {
  kType = 9,
  kNameIid = 10,
  kTrackUuid = 11,
  kCounterValue = 30,
  kFlowIds = 47,
  kTerminatingFlowIds = 48,
};
enum Type { kBegin = 1, kEnd = 2, kInstant = 3, kCounterType = 4 };
constexpr uint32_t kStateCleared = 1, kNeedsState = 2;
constexpr uint32_t kExplicitOrder = 3, kMergeNothing = 2, kUnitCount = 2;

// Tracks' ids; rows count up from these.
constexpr uint64_t kProcessTrack = 1, kProcsTrack = 2, kGoroutinesTrack = 3,
                   kRuntimeTrack = 4, kCounterTracks = 10;
constexpr uint64_t kProcTracks = uint64_t{1} << 32,
                   kGoroutineTracks = uint64_t{2} << 32;

class Writer {
 public:
  Writer(const Symbols& symbols, const Timeline& timeline)
      : symbols_(symbols), t_(timeline), trace_(out_) {}

  std::string Write() {
    ChooseGoroutines();
    Tracks();
    Slices();
    Spans();
    Wakes();
    Counters();
    Flush();
    return std::move(out_);
  }

 private:
  // What happens on a track. Packets are written by time, and at one time
  // ends before begins, so that slices nest.
  struct Mark {
    int64_t time;
    Type type;
    uint64_t track;
    uint32_t name = 0;  // iid
    uint64_t flow = 0;
    bool ends_flow = false;
    int64_t value = 0;
  };

  void ChooseGoroutines();
  void Tracks();
  void Track(uint64_t uuid, uint64_t parent, const std::string& name,
             uint32_t rank);
  void Slices();
  void Spans();
  void Wakes();
  void Counters();
  void Flush();
  void WriteMark(const Mark& mark);
  void BeginPacket(pbf_writer* packet) {
    packet->add_uint32(kSequenceId, 1);
    packet->add_uint32(kSequenceFlags,
                       is_first_ ? kStateCleared | kNeedsState : kNeedsState);
    is_first_ = false;
  }
  // The number of an event's name; the first time, the packet defines it.
  uint32_t Iid(const std::string& name) {
    auto [it, is_new] = iids_.try_emplace(name, names_.size() + 1);
    if (is_new) names_.push_back(name);
    return it->second;
  }
  void AddSlice(uint64_t track, int64_t begin, int64_t end, uint32_t name) {
    // What takes no time would end before it begins, by the marks' order.
    end = std::max(end, begin + 1);
    marks_.push_back({begin, kBegin, track, name});
    marks_.push_back({end, kEnd, track});
  }

  const Symbols& symbols_;
  const Timeline& t_;
  std::vector<bool> has_track_;  // by goroutine
  size_t num_tracks_ = 0;
  std::vector<Mark> marks_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, uint32_t> iids_;
  size_t names_written_ = 0;
  bool is_first_ = true;
  std::string out_;
  pbf_writer trace_;
};

void Writer::ChooseGoroutines() {
  std::vector<uint32_t> order(t_.goroutines.size());
  std::iota(order.begin(), order.end(), 0);
  auto running = [&](uint32_t g) {
    return t_.goroutines[g].totals.in_state[static_cast<int>(State::kRunning)];
  };
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return running(a) > running(b);
  });
  has_track_.assign(order.size(), false);
  num_tracks_ = std::min(order.size(), kMaxGoroutineTracks);
  for (size_t i = 0; i < num_tracks_; ++i) has_track_[order[i]] = true;
}

void Writer::Track(uint64_t uuid, uint64_t parent, const std::string& name,
                   uint32_t rank) {
  pbf_writer packet(trace_, kPacket);
  BeginPacket(&packet);
  pbf_writer track(packet, kTrackDescriptor);
  track.add_uint64(kUuid, uuid);
  track.add_string(kName, name);
  if (parent == 0) {
    pbf_writer process(track, kProcess);
    process.add_int32(1, 1);  // pid
    process.add_string(6, "goroutines");
  } else {
    track.add_uint64(kParentUuid, parent);
  }
  if (uuid >= kCounterTracks && uuid < kCounterTracks + kNumStates + 1) {
    pbf_writer counter(track, kCounter);
    counter.add_int32(3, kUnitCount);
    counter.add_string(7, "goroutines");  // with one axis
  }
  track.add_int32(kChildOrdering, kExplicitOrder);
  track.add_int32(kSiblingOrderRank, static_cast<int32_t>(rank));
  // Else tracks of one name, say of goroutines of one function, become one.
  track.add_int32(kSiblingMergeBehavior, kMergeNothing);
}

void Writer::Tracks() {
  Track(kProcessTrack, 0, "trace", 0);
  Track(kProcsTrack, kProcessTrack, "Processors", 1);
  Track(kRuntimeTrack, kProcessTrack, "Runtime: netpoller and timers", 2);
  std::string name = "Goroutines";
  if (num_tracks_ < t_.goroutines.size()) {
    absl::StrAppend(&name, ": the ", num_tracks_, " of ", t_.goroutines.size(),
                    " that ran longest");
  }
  Track(kGoroutinesTrack, kProcessTrack, name, 3);
  for (uint32_t i = 0; i < kNumStates; ++i) {
    Track(kCounterTracks + i, kProcessTrack, NameOf(static_cast<State>(i)),
          10 + i);
  }
  Track(kCounterTracks + kNumStates, kProcessTrack, "threads with a P", 20);
  for (uint32_t p = 0; p < t_.procs.size(); ++p) {
    Track(kProcTracks + p, kProcsTrack, absl::StrCat("P ", t_.procs[p]), p);
  }
  for (uint32_t g = 0; g < t_.goroutines.size(); ++g) {
    if (!has_track_[g]) continue;
    Track(kGoroutineTracks + g, kGoroutinesTrack,
          Title(symbols_, t_.goroutines[g]), g);
  }
}

void Writer::Slices() {
  for (const Slice& slice : t_.slices) {
    const Span& span = t_.spans[slice.span];
    std::string name = Title(symbols_, t_.goroutines[span.goroutine]);
    if (span.state == State::kSyscall) name += " (syscall)";
    AddSlice(kProcTracks + slice.proc, slice.begin, slice.end, Iid(name));
  }
}

void Writer::Spans() {
  for (const Span& span : t_.spans) {
    if (!has_track_[span.goroutine]) continue;
    AddSlice(kGoroutineTracks + span.goroutine, span.begin, span.end,
             Iid(span.state == State::kWaiting ? ReasonOf(symbols_, span)
                                               : NameOf(span.state)));
  }
}

// A flow begins with an instant where the waker is and ends with one where the
// goroutine runs; one that does not run again has none.
void Writer::Wakes() {
  for (uint32_t i = 0; i < t_.wakes.size(); ++i) {
    const Wake& wake = t_.wakes[i];
    uint32_t next = t_.spans[wake.span].next;
    if (next == kNobody || t_.spans[next].proc == kNobody) continue;
    bool by_goroutine = wake.goroutine != kNobody && wake.proc != kNobody;
    uint64_t from = by_goroutine ? kProcTracks + wake.proc : kRuntimeTrack;
    uint32_t name = Iid(wake.is_creation ? "go" : "unblock");
    marks_.push_back({wake.time, kInstant, from, name, i + 1, false});
    marks_.push_back({t_.spans[next].begin, kInstant,
                      kProcTracks + t_.spans[next].proc, Iid("run"), i + 1,
                      true});
  }
}

void Writer::Counters() {
  for (const Point& point : t_.points) {
    for (uint32_t i = 0; i <= kNumStates; ++i) {
      Mark mark{point.time, kCounterType, kCounterTracks + i};
      mark.value = i < kNumStates ? point.goroutines[i] : point.threads;
      marks_.push_back(mark);
    }
  }
}

void Writer::WriteMark(const Mark& mark) {
  pbf_writer packet(trace_, kPacket);
  BeginPacket(&packet);
  packet.add_uint64(kTimestamp, static_cast<uint64_t>(mark.time - t_.begin));
  if (names_written_ < names_.size()) {
    // All of them with the first packet of an event.
    pbf_writer interned(packet, kInternedData);
    for (; names_written_ < names_.size(); ++names_written_) {
      pbf_writer name(interned, 2);
      name.add_uint64(1, names_written_ + 1);
      name.add_string(2, names_[names_written_]);
    }
  }
  pbf_writer event(packet, kTrackEvent);
  event.add_int32(kType, mark.type);
  event.add_uint64(kTrackUuid, mark.track);
  if (mark.name != 0) event.add_uint64(kNameIid, mark.name);
  if (mark.type == kCounterType) event.add_int64(kCounterValue, mark.value);
  if (mark.flow != 0) {
    event.add_fixed64(mark.ends_flow ? kTerminatingFlowIds : kFlowIds,
                      mark.flow);
  }
}

void Writer::Flush() {
  auto rank = [](const Mark& mark) { return mark.type == kEnd ? 0 : 1; };
  std::stable_sort(
      marks_.begin(), marks_.end(), [&](const Mark& a, const Mark& b) {
        return a.time != b.time ? a.time < b.time : rank(a) < rank(b);
      });
  for (const Mark& mark : marks_) WriteMark(mark);
}

}  // namespace

std::string Perfetto(const Symbols& symbols, const Timeline& timeline) {
  return Writer(symbols, timeline).Write();
}

}  // namespace parktrace
}  // namespace parkour
