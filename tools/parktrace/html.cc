// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/html.h"

#include <zlib.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "parkour/tools/parktrace/text.h"
#include "parkour/tools/parktrace/viewer_page.h"

namespace parkour {
namespace parktrace {
namespace {

class Encoder {
 public:
  Encoder(const Symbols& symbols, const Timeline& timeline)
      : symbols_(symbols), t_(timeline) {}

  // The head's size, the head, the numbers.
  std::string Encode(std::string_view name) {
    Goroutines();
    Slices();
    Holds();
    Wakes();
    Points();
    User();
    std::string head = Head(name), bytes;
    for (int i = 0; i < 4; ++i) {
      bytes += static_cast<char>(head.size() >> (8 * i));
    }
    return bytes + head + out_;
  }

 private:
  std::string Head(std::string_view name) const;
  void Goroutines();
  void Slices();
  void Holds();
  void Wakes();
  void Points();
  void User();

  void U(uint64_t n) {
    for (; n >= 0x80; n >>= 7) out_ += static_cast<char>(n | 0x80);
    out_ += static_cast<char>(n);
  }
  void S(int64_t n) {
    U(n >= 0 ? static_cast<uint64_t>(n) * 2
             : (static_cast<uint64_t>(-(n + 1)) * 2) + 1);
  }
  void Length(int64_t n) { U(n > 0 ? static_cast<uint64_t>(n) : 0); }
  void Time(int64_t time) { Length(time - t_.begin); }
  // An id or a number for which the page has 53 bits.
  void Id(uint64_t id) { U(std::min(id, uint64_t{1} << 53)); }
  void Optional(uint32_t n) { U(n == kNobody ? 0 : uint64_t{n} + 1); }

  // By `group` and then by begin: numbers of `items`, and where groups begin.
  template <typename Item, typename GroupOf>
  static std::vector<std::vector<uint32_t>> Grouped(
      const std::vector<Item>& items, size_t groups, const GroupOf& group_of) {
    std::vector<std::vector<uint32_t>> result(groups);
    for (uint32_t i = 0; i < items.size(); ++i) {
      result[group_of(items[i])].push_back(i);
    }
    for (std::vector<uint32_t>& group : result) {
      std::stable_sort(group.begin(), group.end(), [&](uint32_t a, uint32_t b) {
        return items[a].begin < items[b].begin;
      });
    }
    return result;
  }

  const Symbols& symbols_;
  const Timeline& t_;
  std::vector<uint32_t> span_number_;  // in the page, by number in t_
  std::string out_;
};

std::string Encoder::Head(std::string_view name) const {
  std::string head = absl::StrCat(
      "{\"name\":", JsonString(name), ",\"events\":", t_.num_events,
      ",\"duration\":", t_.duration(), ",\"procs\":[");
  const char* comma = "";
  auto ids = [&](const std::vector<uint64_t>& list) {
    comma = "";
    for (uint64_t id : list) {
      absl::StrAppend(&head, comma, "\"", id, "\"");
      comma = ",";
    }
  };
  ids(t_.procs);
  head += "],\"threads\":[";
  ids(t_.threads);
  head += "],\"strings\":[";
  for (size_t i = 0; i < symbols_.num_strings(); ++i) {
    absl::StrAppend(&head, i == 0 ? "" : ",",
                    JsonString(symbols_.String(static_cast<uint32_t>(i))));
  }
  head += "],\"stacks\":[";
  for (size_t i = 0; i < symbols_.num_stacks(); ++i) {
    absl::StrAppend(&head, i == 0 ? "[" : ",[");
    comma = "";
    for (const Frame& frame : symbols_.Stack(static_cast<uint32_t>(i))) {
      absl::StrAppend(&head, comma, frame.function, ",", frame.file, ",",
                      frame.line);
      comma = ",";
    }
    head += "]";
  }
  return head + "]}";
}

// Spans by goroutine, so that only their lengths need be written.
void Encoder::Goroutines() {
  U(t_.goroutines.size());
  U(t_.spans.size());
  span_number_.assign(t_.spans.size(), 0);
  uint32_t number = 0;
  for (const Goroutine& g : t_.goroutines) {
    Id(g.id);
    U(g.name);
    U(g.start_stack);
    Optional(g.creator);
    U(g.has_ended ? 1 : 0);
    Time(g.begin);
    uint64_t count = 0;
    for (uint32_t i = g.first_span; i != kNobody; i = t_.spans[i].next) ++count;
    U(count);
    for (uint32_t i = g.first_span; i != kNobody; i = t_.spans[i].next) {
      const Span& span = t_.spans[i];
      span_number_[i] = number++;
      Length(span.end - span.begin);
      U(static_cast<uint64_t>(span.state));
      U(span.reason);
      U(span.stack);
      Optional(span.proc);
      Optional(span.thread);
      Optional(span.wake);
    }
  }
}

void Encoder::Slices() {
  U(t_.slices.size());
  auto groups = Grouped(t_.slices, t_.procs.size(),
                        [](const Slice& slice) { return slice.proc; });
  for (const std::vector<uint32_t>& group : groups) {
    U(group.size());
    int64_t time = t_.begin, last = 0;
    for (uint32_t i : group) {
      const Slice& slice = t_.slices[i];
      Length(slice.begin - time);
      Length(slice.end - slice.begin);
      time = std::max(time, slice.end);
      S(int64_t{span_number_[slice.span]} - last);
      last = span_number_[slice.span];
    }
  }
}

void Encoder::Holds() {
  U(t_.holds.size());
  auto groups = Grouped(t_.holds, t_.threads.size(),
                        [](const Hold& hold) { return hold.thread; });
  for (const std::vector<uint32_t>& group : groups) {
    U(group.size());
    int64_t time = t_.begin;
    for (uint32_t i : group) {
      const Hold& hold = t_.holds[i];
      Length(hold.begin - time);
      Length(hold.end - hold.begin);
      time = std::max(time, hold.end);
      U(hold.proc);
    }
  }
}

void Encoder::Wakes() {
  U(t_.wakes.size());
  int64_t time = t_.begin;
  for (const Wake& wake : t_.wakes) {
    Length(wake.time - time);
    time = wake.time;
    Optional(wake.goroutine);
    Optional(wake.proc);
    Optional(wake.thread);
    U(span_number_[wake.span]);
    U(wake.stack);
    U(wake.is_creation ? 1 : 0);
  }
}

void Encoder::Points() {
  U(t_.points.size());
  Point last;
  last.time = t_.begin;
  for (const Point& point : t_.points) {
    Length(point.time - last.time);
    for (int i = 0; i < kNumStates; ++i) {
      S(point.goroutines[i] - last.goroutines[i]);
    }
    S(point.threads - last.threads);
    last = point;
  }
}

void Encoder::User() {
  U(t_.tasks.size());
  for (const Task& task : t_.tasks) {
    Id(task.id);
    Id(task.parent);
    U(task.name);
    Time(task.begin);
    Time(task.end);
    Optional(task.goroutine);
  }
  U(t_.regions.size());
  for (const Region& region : t_.regions) {
    U(region.goroutine);
    Time(region.begin);
    Time(region.end);
    Id(region.task);
    U(region.name);
    U(region.depth);
  }
  U(t_.logs.size());
  for (const Log& log : t_.logs) {
    Time(log.time);
    U(log.goroutine);
    Id(log.task);
    U(log.key);
    U(log.value);
  }
}

std::string EscapeHtml(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

absl::StatusOr<std::string> Html(const Symbols& symbols,
                                 const Timeline& timeline,
                                 std::string_view name) {
  std::string bytes = Encoder(symbols, timeline).Encode(name);
  uLongf size = compressBound(bytes.size());
  std::string deflated(size, '\0');
  // Level 6 is a tenth of 9's time for a hundredth more bytes.
  int result =
      compress2(reinterpret_cast<Bytef*>(deflated.data()), &size,
                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), 6);
  if (result != Z_OK) return absl::InternalError("zlib cannot compress");
  deflated.resize(size);
  return absl::StrCat(kPageBeforeTitle, EscapeHtml(name), kPageBeforeData,
                      absl::Base64Escape(deflated), kPageAfterData);
}

}  // namespace parktrace
}  // namespace parkour
