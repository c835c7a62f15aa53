// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/pprof/text.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "parkour/base/frame_names.h"

namespace parkour::runtime::pprof {
namespace {

void AppendPcs(const std::vector<uintptr_t>& pcs, std::string* out) {
  absl::StrAppend(out, "@");
  for (const uintptr_t pc : pcs) absl::StrAppend(out, " 0x", absl::Hex(pc));
  absl::StrAppend(out, "\n");
}

// Returns whether anything was shown.
bool AppendFrames(const std::vector<uintptr_t>& pcs, bool show,
                  Symbols* symbols, std::string* out) {
  for (const uintptr_t pc : pcs) {
    for (const Frame& f : symbols->At(pc)) {
      // Go hides its runtime's at the beginning of a stack.
      show = show || !base::IsInternalFrame(f.function, f.file, f.inlined);
      if (!show) continue;
      absl::StrAppend(out, "#\t0x", absl::Hex(pc), "\t", f.function, "+0x",
                      absl::Hex(f.offset), "\t", f.file, ":", f.line, "\n");
    }
  }
  return show;
}

void AppendStack(const Sample& sample, bool all_frames, Symbols* symbols,
                 std::string* out) {
  if (!sample.note.empty()) absl::StrAppend(out, "#\t", sample.note, "\n");
  if (!AppendFrames(sample.pcs, all_frames, symbols, out)) {
    AppendFrames(sample.pcs, /*show=*/true, symbols, out);
  }
  absl::StrAppend(out, "\n");
}

void AppendLabels(const Sample& sample, std::string* out) {
  if (sample.labels.empty()) return;
  absl::StrAppend(out, "# labels: ");
  const char* before = "{";
  for (const auto& [key, value] : sample.labels) {
    absl::StrAppend(out, before, "\"", absl::CEscape(key), "\":\"",
                    absl::CEscape(value), "\"");
    before = ", ";
  }
  absl::StrAppend(out, "}\n");
}

}  // namespace

void AppendCounts(std::string_view name, const std::vector<Sample>& samples,
                  Symbols* symbols, std::string* out) {
  int64_t total = 0;
  for (const Sample& s : samples) total += s.count;
  absl::StrAppend(out, std::string(name), " profile: total ", total, "\n");
  for (const Sample& s : samples) {
    absl::StrAppend(out, s.count, " ");
    AppendPcs(s.pcs, out);
    AppendLabels(s, out);
    AppendStack(s, /*all_frames=*/false, symbols, out);
  }
}

void AppendWaits(std::string_view name, int64_t sampling_period,
                 const std::vector<Sample>& samples, Symbols* symbols,
                 std::string* out) {
  absl::StrAppend(out, "--- ", std::string(name), ":\n",
                  "cycles/second=1000000000\n");
  if (sampling_period >= 0) {
    absl::StrAppend(out, "sampling period=", sampling_period, "\n");
  }
  for (const Sample& s : samples) {
    absl::StrAppend(out, s.ns, " ", s.count, " ");
    AppendPcs(s.pcs, out);
    AppendStack(s, /*all_frames=*/true, symbols, out);
  }
}

}  // namespace parkour::runtime::pprof
