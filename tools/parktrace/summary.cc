// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/summary.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "parkour/tools/parktrace/text.h"

namespace parkour {
namespace parktrace {
namespace {

// Rows of cells, each column as wide as it must be; the first one flush left.
class Table {
 public:
  void Row(std::vector<std::string> cells) {
    rows_.push_back(std::move(cells));
  }

  std::string Text() const {
    std::vector<size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (size_t i = 0; i < row.size(); ++i) {
        widths[i] = std::max(widths[i], row[i].size());
      }
    }
    std::string out;
    for (const auto& row : rows_) {
      std::string line = " ";
      for (size_t i = 0; i < row.size(); ++i) {
        std::string pad(widths[i] - row[i].size(), ' ');
        absl::StrAppend(&line, " ", i == 0 ? row[i] + pad : " " + pad + row[i]);
      }
      while (line.back() == ' ') line.pop_back();
      absl::StrAppend(&out, line, "\n");
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string Percent(int64_t part, int64_t whole) {
  if (whole <= 0) return "-";
  return absl::StrFormat(
      "%.1f%%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

// Long names lose their middle, where templates have their arguments.
std::string Short(const std::string& name) {
  constexpr size_t kMax = 48;
  if (name.size() <= kMax) return name;
  return absl::StrCat(name.substr(0, kMax / 2 - 1), "...",
                      name.substr(name.size() - (kMax / 2 - 2)));
}

std::string Count(size_t n, const char* what) {
  return absl::StrCat(n, " ", what, n == 1 ? "" : "s");
}

class Writer {
 public:
  Writer(const Symbols& symbols, const Timeline& timeline, int rows)
      : symbols_(symbols), t_(timeline), rows_(static_cast<size_t>(rows)) {}

  std::string Write() {
    Head();
    Procs();
    Functions();
    Reasons();
    Latencies();
    return std::move(out_);
  }

 private:
  void Head();
  void Procs();
  void Functions();
  void Reasons();
  void Latencies();
  void Section(const char* title, const Table& table, size_t left_out) {
    absl::StrAppend(&out_, "\n", title, "\n", table.Text());
    if (left_out > 0) absl::StrAppend(&out_, "  and ", left_out, " more\n");
  }

  const Symbols& symbols_;
  const Timeline& t_;
  size_t rows_;
  std::string out_;
};

void Writer::Head() {
  size_t ended = 0;
  for (const Goroutine& g : t_.goroutines) ended += g.has_ended ? 1 : 0;
  absl::StrAppend(&out_, Duration(t_.duration()), ", ",
                  Count(t_.num_events, "event"), "\n",
                  Count(t_.goroutines.size(), "goroutine"), ", of which ",
                  ended, " ended; ", Count(t_.procs.size(), "processor"), ", ",
                  Count(t_.threads.size(), "thread"), "\n");
  absl::StrAppend(&out_, Count(t_.wakes.size(), "wake-up"), ", ",
                  Count(t_.tasks.size(), "task"), ", ",
                  Count(t_.regions.size(), "region"), ", ",
                  Count(t_.logs.size(), "log"), "\n");
}

void Writer::Procs() {
  std::vector<std::array<int64_t, kNumStates>> in(t_.procs.size());
  std::vector<size_t> starts(t_.procs.size());
  for (const Slice& slice : t_.slices) {
    int state = static_cast<int>(t_.spans[slice.span].state);
    in[slice.proc][state] += slice.end - slice.begin;
    starts[slice.proc] += state == static_cast<int>(State::kRunning) ? 1 : 0;
  }
  Table table;
  table.Row({"", "running", "in syscalls", "else", "slices"});
  for (size_t p = 0; p < t_.procs.size(); ++p) {
    int64_t running = in[p][static_cast<int>(State::kRunning)];
    int64_t syscall = in[p][static_cast<int>(State::kSyscall)];
    int64_t whole = t_.duration();
    table.Row({absl::StrCat("P ", t_.procs[p]), Percent(running, whole),
               Percent(syscall, whole),
               Percent(whole - running - syscall, whole),
               absl::StrCat(starts[p])});
  }
  Section("Processors", table, 0);
}

void Writer::Functions() {
  struct Group {
    uint32_t name;
    size_t count = 0;
    Totals totals;
  };
  std::map<uint32_t, Group> groups;
  for (const Goroutine& g : t_.goroutines) {
    Group& group = groups[g.name];
    group.name = g.name;
    ++group.count;
    group.totals.Add(g.totals);
  }
  std::vector<Group> sorted;
  for (auto& [name, group] : groups) sorted.push_back(group);
  auto of = [](const Group& g, State s) {
    return g.totals.in_state[static_cast<int>(s)];
  };
  std::sort(sorted.begin(), sorted.end(), [&](const Group& a, const Group& b) {
    return of(a, State::kRunning) > of(b, State::kRunning);
  });
  Table table;
  table.Row({"start function", "goroutines", "running", "runnable", "sync",
             "network", "sleep", "other", "syscall", "longest runnable"});
  size_t shown = std::min(rows_, sorted.size());
  for (size_t i = 0; i < shown; ++i) {
    const Group& g = sorted[i];
    std::vector<std::string> row = {
        g.name == 0 ? "?" : Short(symbols_.String(g.name)),
        absl::StrCat(g.count), Duration(of(g, State::kRunning)),
        Duration(of(g, State::kRunnable))};
    for (int64_t wait : g.totals.waiting) row.push_back(Duration(wait));
    row.push_back(Duration(of(g, State::kSyscall)));
    row.push_back(Duration(g.totals.longest_runnable));
    table.Row(row);
  }
  Section("Goroutines by what they run", table, sorted.size() - shown);
}

void Writer::Reasons() {
  struct Group {
    size_t count = 0;
    int64_t total = 0;
    int64_t longest = 0;
  };
  std::map<std::string, Group> groups;
  for (const Span& span : t_.spans) {
    if (span.state != State::kWaiting) continue;
    Group& group = groups[ReasonOf(symbols_, span)];
    ++group.count;
    group.total += span.end - span.begin;
    group.longest = std::max(group.longest, span.end - span.begin);
  }
  std::vector<std::pair<std::string, Group>> sorted(groups.begin(),
                                                    groups.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) {
                     return a.second.total > b.second.total;
                   });
  Table table;
  table.Row({"reason", "times", "total", "average", "longest"});
  size_t shown = std::min(rows_, sorted.size());
  for (size_t i = 0; i < shown; ++i) {
    const Group& g = sorted[i].second;
    table.Row({Short(sorted[i].first), absl::StrCat(g.count), Duration(g.total),
               Duration(g.total / static_cast<int64_t>(g.count)),
               Duration(g.longest)});
  }
  Section("Waiting, by reason", table, sorted.size() - shown);
}

void Writer::Latencies() {
  std::vector<uint32_t> spans;
  for (uint32_t i = 0; i < t_.spans.size(); ++i) {
    if (t_.spans[i].state == State::kRunnable) spans.push_back(i);
  }
  auto length = [&](uint32_t i) { return t_.spans[i].end - t_.spans[i].begin; };
  size_t shown = std::min(rows_, spans.size());
  std::partial_sort(
      spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(shown),
      spans.end(), [&](uint32_t a, uint32_t b) {
        return length(a) != length(b) ? length(a) > length(b) : a < b;
      });
  absl::StrAppend(&out_, "\nLongest waits for a processor\n");
  for (size_t i = 0; i < shown; ++i) {
    const Span& span = t_.spans[spans[i]];
    absl::StrAppend(&out_, "  ", Duration(length(spans[i])), " at ",
                    Duration(span.begin - t_.begin), ": ",
                    Title(symbols_, t_.goroutines[span.goroutine]));
    if (span.wake != kNobody) {
      const Wake& wake = t_.wakes[span.wake];
      absl::StrAppend(&out_, wake.is_creation ? ", created by " : ", woken by ",
                      wake.goroutine == kNobody
                          ? std::string("the runtime")
                          : Title(symbols_, t_.goroutines[wake.goroutine]));
      std::string place = Place(symbols_, wake.stack);
      if (!place.empty()) absl::StrAppend(&out_, " in ", place);
    } else if (span.reason != 0) {
      absl::StrAppend(&out_, ", after ", symbols_.String(span.reason));
    }
    if (span.next != kNobody && t_.spans[span.next].proc != kNobody) {
      absl::StrAppend(&out_, "; then on P ",
                      t_.procs[t_.spans[span.next].proc]);
    }
    absl::StrAppend(&out_, "\n");
  }
  if (shown == 0) absl::StrAppend(&out_, "  none\n");
}

}  // namespace

std::string Summary(const Symbols& symbols, const Timeline& timeline,
                    const SummaryOptions& options) {
  return Writer(symbols, timeline, options.rows).Write();
}

std::string SummaryJson(const Symbols& symbols, const Timeline& t) {
  std::array<size_t, kNumStates> spans = {};
  for (const Span& span : t.spans) ++spans[static_cast<int>(span.state)];
  Totals totals;
  for (const Goroutine& g : t.goroutines) totals.Add(g.totals);
  std::string out = absl::StrCat(
      "{\"duration_ns\": ", t.duration(), ", \"events\": ", t.num_events,
      ", \"counts\": {\"goroutines\": ", t.goroutines.size(),
      ", \"procs\": ", t.procs.size(), ", \"threads\": ", t.threads.size(),
      ", \"spans\": ", t.spans.size(), ", \"slices\": ", t.slices.size(),
      ", \"holds\": ", t.holds.size(), ", \"wakes\": ", t.wakes.size());
  absl::StrAppend(
      &out, ", \"points\": ", t.points.size(), ", \"tasks\": ", t.tasks.size(),
      ", \"regions\": ", t.regions.size(), ", \"logs\": ", t.logs.size());
  for (int i = 0; i < kNumStates; ++i) {
    absl::StrAppend(&out, ", \"", NameOf(static_cast<State>(i)),
                    "_spans\": ", spans[i]);
  }
  out += "}, \"nanoseconds\": {";
  for (int i = 0; i < kNumStates; ++i) {
    absl::StrAppend(&out, i == 0 ? "" : ", ", "\"",
                    NameOf(static_cast<State>(i)), "\": ", totals.in_state[i]);
  }
  out += "}, \"functions\": {";
  std::map<std::string, size_t> functions;
  for (const Goroutine& g : t.goroutines) ++functions[FunctionOf(symbols, g)];
  const char* comma = "";
  for (const auto& [name, count] : functions) {
    absl::StrAppend(&out, comma, JsonString(name), ": ", count);
    comma = ", ";
  }
  return out + "}}\n";
}

}  // namespace parktrace
}  // namespace parkour
