// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/order.h"

#include <algorithm>
#include <deque>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "parkour/tools/parktrace/replay.h"

namespace parkour {
namespace parktrace {
namespace {

// How many threads a message about a broken trace tells of.
constexpr size_t kMaxTold = 16;

// Merges the streams of one generation.
class Merge {
 public:
  Merge(const Generation& generation, Replay* replay, std::vector<Event>* out)
      : generation_(generation), replay_(replay), out_(out) {}

  absl::Status Run(int64_t* last_time);

 private:
  // A heap: the earliest event first; of equals, the thread that came first.
  struct Entry {
    int64_t time;
    size_t cursor;
    bool operator<(const Entry& other) const {
      return std::tie(time, cursor) > std::tie(other.time, other.cursor);
    }
  };

  absl::Status Fill();
  // Moves one event of the frontier to the output; Stuck if none can be.
  absl::Status AdvanceOne();
  // After the event of the entry at `index` was taken.
  absl::Status Refresh(size_t index);
  absl::Status Stuck();
  absl::Status Annotate(const absl::Status& status) const;

  const Generation& generation_;
  Replay* replay_;
  std::vector<Event>* out_;
  std::deque<Cursor> cursors_;
  std::vector<Entry> frontier_;
};

absl::Status Merge::Annotate(const absl::Status& status) const {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat("generation ", generation_.number, ": ",
                                   std::string(status.message())));
}

absl::Status Merge::Fill() {
  for (const Stream& stream : generation_.streams) {
    cursors_.emplace_back(&stream, generation_.ns_per_tick);
    absl::Status status = cursors_.back().Next();
    if (!status.ok()) return status;
    if (cursors_.back().done()) continue;
    frontier_.push_back({cursors_.back().event().time, cursors_.size() - 1});
  }
  std::make_heap(frontier_.begin(), frontier_.end());
  return absl::OkStatus();
}

absl::Status Merge::Refresh(size_t index) {
  Cursor& cursor = cursors_[frontier_[index].cursor];
  absl::Status status = cursor.Next();
  if (!status.ok()) return status;
  if (index == 0) {
    std::pop_heap(frontier_.begin(), frontier_.end());
    if (cursor.done()) {
      frontier_.pop_back();
    } else {
      frontier_.back().time = cursor.event().time;
      std::push_heap(frontier_.begin(), frontier_.end());
    }
    return absl::OkStatus();
  }
  if (cursor.done()) {
    frontier_.erase(frontier_.begin() + static_cast<std::ptrdiff_t>(index));
  } else {
    frontier_[index].time = cursor.event().time;
  }
  std::make_heap(frontier_.begin(), frontier_.end());
  return absl::OkStatus();
}

absl::Status Merge::AdvanceOne() {
  auto attempt = [this](size_t index) {
    const Cursor& cursor = cursors_[frontier_[index].cursor];
    return replay_->Try(cursor.event(), cursor.m(), out_);
  };
  Replay::Verdict verdict = attempt(0);
  size_t index = 0;
  if (verdict == Replay::Verdict::kNotYet) {
    // In the order of time, which is backwards in a heap's comparison. A
    // sorted heap is a heap.
    std::sort(frontier_.rbegin(), frontier_.rend());
    while (verdict == Replay::Verdict::kNotYet && ++index < frontier_.size()) {
      verdict = attempt(index);
    }
  }
  switch (verdict) {
    case Replay::Verdict::kAdvanced:
      return Refresh(index);
    case Replay::Verdict::kNotYet:
      return Stuck();
    case Replay::Verdict::kBroken:
      break;
  }
  return absl::InvalidArgumentError(replay_->why());
}

absl::Status Merge::Stuck() {
  std::string text = "failed to advance: no thread's next event can come now";
  for (size_t i = 0; i < frontier_.size(); ++i) {
    if (i == kMaxTold) {
      absl::StrAppend(&text, "\n  and ", frontier_.size() - i, " more");
      break;
    }
    const Cursor& cursor = cursors_[frontier_[i].cursor];
    const RawEvent& event = cursor.event();
    absl::StrAppend(
        &text, "\n  ",
        cursor.m() == kNone ? "no M" : absl::StrCat("M ", cursor.m()),
        ": byte ", event.offset, ", ", event.time, " ns: ", Describe(event),
        ": ", replay_->WhyNotYet(event, cursor.m()));
  }
  return absl::InvalidArgumentError(text);
}

absl::Status Merge::Run(int64_t* last_time) {
  absl::Status status = Fill();
  if (!status.ok()) return Annotate(status);
  if (frontier_.empty() && generation_.samples.empty()) {
    return Annotate(absl::InvalidArgumentError("no events"));
  }
  size_t sample = 0;
  const std::vector<CPUSample>& samples = generation_.samples;
  while (!frontier_.empty() || sample < samples.size()) {
    size_t begin = out_->size();
    if (sample < samples.size() &&
        (frontier_.empty() || samples[sample].time < frontier_[0].time)) {
      if (replay_->Sample(samples[sample++], out_) ==
          Replay::Verdict::kBroken) {
        return Annotate(absl::InvalidArgumentError(replay_->why()));
      }
    } else {
      status = AdvanceOne();
      if (!status.ok()) return Annotate(status);
    }
    // A thread whose clock is behind is moved to where its events can be.
    for (size_t i = begin; i < out_->size(); ++i) {
      Event& event = (*out_)[i];
      if (event.time <= *last_time) event.time = *last_time + 1;
      *last_time = event.time;
    }
  }
  return absl::OkStatus();
}

}  // namespace

Ordered Order(const TraceFile& file, const OrderOptions& options) {
  Ordered result;
  Replay replay(&file.symbols, options.strict);
  int64_t last_time = -1;
  for (size_t i = 0; i < file.generations.size(); ++i) {
    size_t begin = result.events.size();
    replay.Begin(&file.generations[i], static_cast<uint32_t>(i));
    result.status =
        Merge(file.generations[i], &replay, &result.events).Run(&last_time);
    if (!result.status.ok()) {
      result.events.resize(begin);
      bool is_last = i + 1 == file.generations.size();
      if (is_last && !file.rest.ok()) {
        // What is missing is the likely reason.
        result.status = absl::InvalidArgumentError(absl::StrCat(
            std::string(file.rest.message()), "; without the rest, ",
            std::string(result.status.message())));
      }
      return result;
    }
    ++result.num_generations;
  }
  result.status = file.rest;
  return result;
}

}  // namespace parktrace
}  // namespace parkour
