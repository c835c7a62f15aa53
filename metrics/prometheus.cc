// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Prometheus' text exposition format. Of a histogram's buckets every fourth
// boundary is shown, the powers of two: 41 lines instead of 162.
//
// See: prometheus.io/docs/instrumenting/exposition_formats; the names:
//      github.com/prometheus/client_golang (RuntimeMetricsToProm)

#include <charconv>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "parkour/metrics/metrics.h"
#include "parkour/metrics/table.h"

namespace parkour::runtime::metrics {
namespace {

// "/sync/mutex/wait/total:seconds" as "go_sync_mutex_wait_total_seconds_total".
std::string NameOf(const Description& d) {
  std::string name(d.name);
  const bool ours = name.starts_with("/parkour/");
  for (char& c : name) {
    if (c == '/' || c == ':' || c == '-') c = '_';
  }
  name = ours ? name.substr(1) : absl::StrCat("go", name);
  const bool counter = d.cumulative && d.kind != ValueKind::kFloat64Histogram;
  return counter ? absl::StrCat(name, "_total") : name;
}

// The shortest digits that are read as the same number again.
std::string Digits(double x) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), x).ptr;
  return std::string(text, end);
}

void AppendHistogram(const std::string& name, const Float64Histogram& h,
                     double sum, std::string* out) {
  uint64_t n = 0;
  for (size_t i = 0; i < h.counts.size(); ++i) {
    n += h.counts[i];
    // What was counted so far lies below the next boundary.
    const bool shown = i % TimeHistogram::kSubBuckets == 0;
    if (!shown || i + 1 == h.counts.size()) continue;
    absl::StrAppend(out, name, "_bucket{le=\"", Digits(h.buckets[i + 1]),
                    "\"} ", n, "\n");
  }
  absl::StrAppend(out, name, "_bucket{le=\"+Inf\"} ", n, "\n");
  absl::StrAppend(out, name, "_sum ", Digits(sum), "\n");
  absl::StrAppend(out, name, "_count ", n, "\n");
}

void AppendMetric(const Metric& m, const Value& value, std::string* out) {
  const Description& d = m.description;
  const std::string name = NameOf(d);
  const bool histogram = d.kind == ValueKind::kFloat64Histogram;
  const char* const type = histogram      ? "histogram"
                           : d.cumulative ? "counter"
                                          : "gauge";
  absl::StrAppend(out, "# HELP ", name, " ",
                  absl::StrReplaceAll(std::string(d.description),
                                      {{"\\", "\\\\"}, {"\n", "\\n"}}),
                  "\n# TYPE ", name, " ");
  absl::StrAppend(out, type, "\n");
  switch (d.kind) {
    case ValueKind::kUint64:
      absl::StrAppend(out, name, " ", value.Uint64(), "\n");
      break;
    case ValueKind::kFloat64:
      absl::StrAppend(out, name, " ", Digits(value.Float64()), "\n");
      break;
    case ValueKind::kFloat64Histogram:
      AppendHistogram(name, value.Histogram(), m.sum(), out);
      break;
    case ValueKind::kBad:
      break;
  }
}

}  // namespace

void WritePrometheus(std::string* out) {
  std::vector<Sample> samples;
  for (const Metric& m : Table()) {
    samples.push_back({std::string(m.description.name), Value()});
  }
  Read(samples);
  for (size_t i = 0; i < samples.size(); ++i) {
    AppendMetric(Table()[i], samples[i].value, out);
  }
}

absl::Status WritePrometheus(io::WriterRef w) {
  std::string text;
  WritePrometheus(&text);
  return w.Write(text).err;
}

}  // namespace parkour::runtime::metrics
