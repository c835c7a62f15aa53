// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/chrome.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "parkour/tools/parktrace/text.h"

namespace parkour {
namespace parktrace {
namespace {

constexpr int kProcs = 1, kGoroutines = 2, kCounters = 3, kRuntime = 4;

class Writer {
 public:
  Writer(const Symbols& symbols, const Timeline& timeline)
      : symbols_(symbols), t_(timeline) {}

  std::string Write() {
    out_ = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
    Names();
    Slices();
    Spans();
    Wakes();
    Counters();
    out_ += "],\n\"stackFrames\":{";
    Stacks();
    return out_ + "}}\n";
  }

 private:
  // Begins an event; the caller adds to it and closes the brace.
  void Event(const char* phase, int pid, uint64_t tid) {
    absl::StrAppend(&out_, is_first_ ? "\n" : ",\n", "{\"ph\":\"", phase,
                    "\",\"pid\":", pid, ",\"tid\":", tid);
    is_first_ = false;
  }
  // Microseconds since the begin: small numbers, so that doubles are exact.
  std::string Micros(int64_t ns) {
    return absl::StrFormat("%d.%03d", ns / 1000, ns % 1000);
  }
  void At(int64_t time) {
    absl::StrAppend(&out_, ",\"ts\":", Micros(time - t_.begin));
  }
  void Complete(int pid, uint64_t tid, int64_t begin, int64_t end,
                const std::string& name, uint32_t stack) {
    Event("X", pid, tid);
    At(begin);
    absl::StrAppend(&out_, ",\"dur\":", Micros(end - begin),
                    ",\"name\":", JsonString(name));
    if (!symbols_.Stack(stack).empty()) {
      stacks_.insert(stack);
      absl::StrAppend(&out_, ",\"sf\":\"", stack, ".0\"");
    }
    out_ += "}";
  }
  void Name(const char* what, int pid, uint64_t tid, const std::string& name) {
    Event("M", pid, tid);
    absl::StrAppend(&out_, ",\"name\":\"", what,
                    "\",\"args\":{\"name\":", JsonString(name), "}}");
  }
  void SortIndex(int pid, uint64_t tid, uint64_t index) {
    Event("M", pid, tid);
    absl::StrAppend(&out_,
                    ",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":",
                    index, "}}");
  }

  void Names();
  void Slices();
  void Spans();
  void Wakes();
  void Counters();
  void Stacks();

  const Symbols& symbols_;
  const Timeline& t_;
  bool is_first_ = true;
  std::set<uint32_t> stacks_;
  std::string out_;
};

// Row 0 is left out: some viewers take it for no row.
void Writer::Names() {
  Name("process_name", kProcs, 0, "Processors");
  Name("process_name", kGoroutines, 0, "Goroutines");
  Name("process_name", kCounters, 0, "Counters");
  Name("process_name", kRuntime, 0, "Runtime");
  Name("thread_name", kRuntime, 1, "netpoller and timers");
  for (uint32_t p = 0; p < t_.procs.size(); ++p) {
    Name("thread_name", kProcs, p + 1, absl::StrCat("P ", t_.procs[p]));
    SortIndex(kProcs, p + 1, p);
  }
  for (uint32_t g = 0; g < t_.goroutines.size(); ++g) {
    Name("thread_name", kGoroutines, g + 1, Title(symbols_, t_.goroutines[g]));
    SortIndex(kGoroutines, g + 1, g);
  }
}

void Writer::Slices() {
  for (const Slice& slice : t_.slices) {
    const Span& span = t_.spans[slice.span];
    std::string name = Title(symbols_, t_.goroutines[span.goroutine]);
    if (span.state == State::kSyscall) name += " (syscall)";
    Complete(kProcs, slice.proc + 1, slice.begin, slice.end, name,
             span.next == kNobody ? 0 : t_.spans[span.next].stack);
  }
}

void Writer::Spans() {
  for (const Span& span : t_.spans) {
    std::string name = NameOf(span.state);
    if (span.state == State::kWaiting) name = ReasonOf(symbols_, span);
    Complete(kGoroutines, span.goroutine + 1, span.begin, span.end, name,
             span.stack);
  }
}

// An arrow hangs on the slices around its ends: who did it on a processor has
// one there; for all others a slice on the runtime's row is made.
void Writer::Wakes() {
  for (uint32_t i = 0; i < t_.wakes.size(); ++i) {
    const Wake& wake = t_.wakes[i];
    uint32_t next = t_.spans[wake.span].next;
    if (next == kNobody || t_.spans[next].proc == kNobody) continue;
    const char* name = wake.is_creation ? "go" : "unblock";
    bool has_slice = wake.goroutine != kNobody && wake.proc != kNobody;
    if (!has_slice) {
      Complete(kRuntime, 1, wake.time, wake.time + 1, name, wake.stack);
    }
    for (bool is_end : {false, true}) {
      int pid = has_slice || is_end ? kProcs : kRuntime;
      uint64_t tid = is_end      ? t_.spans[next].proc + 1
                     : has_slice ? wake.proc + 1
                                 : 1;
      Event(is_end ? "f" : "s", pid, tid);
      At(is_end ? t_.spans[next].begin : wake.time);
      absl::StrAppend(&out_, is_end ? ",\"bp\":\"e\"" : "", ",\"id\":", i + 1,
                      ",\"cat\":\"sched\",\"name\":\"", name, "\"}");
    }
  }
}

void Writer::Counters() {
  for (const Point& point : t_.points) {
    Event("C", kCounters, 1);
    At(point.time);
    out_ += ",\"name\":\"goroutines\",\"args\":{";
    for (int i = 0; i < kNumStates; ++i) {
      absl::StrAppend(&out_, i == 0 ? "" : ",", "\"",
                      NameOf(static_cast<State>(i)),
                      "\":", point.goroutines[i]);
    }
    out_ += "}}";
  }
}

// Frame n of stack s is "s.n"; its caller is "s.n+1".
void Writer::Stacks() {
  const char* comma = "\n";
  for (uint32_t stack : stacks_) {
    const std::vector<Frame>& frames = symbols_.Stack(stack);
    for (size_t i = 0; i < frames.size(); ++i) {
      absl::StrAppend(
          &out_, comma, "\"", stack, ".", i, "\":{\"name\":",
          JsonString(absl::StrCat(symbols_.String(frames[i].function), ":",
                                  frames[i].line)));
      if (i + 1 < frames.size()) {
        absl::StrAppend(&out_, ",\"parent\":\"", stack, ".", i + 1, "\"");
      }
      out_ += "}";
      comma = ",\n";
    }
  }
}

}  // namespace

std::string Chrome(const Symbols& symbols, const Timeline& timeline) {
  return Writer(symbols, timeline).Write();
}

}  // namespace parktrace
}  // namespace parkour
