// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// metrics.h: what the runtime counts of itself, by Go's names.
//
//   std::vector<runtime::metrics::Sample> samples(2);
//   samples[0].name = "/sched/goroutines:goroutines";
//   samples[1].name = "/sched/latencies:seconds";
//   runtime::metrics::Read(samples);
//   std::printf("%lu goroutines\n", samples[0].value.Uint64());
//
// All() describes every metric. A name ends with its unit. Those that Go has,
// too, mean what they mean there; those below /parkour/ are our own. There are
// none of Go's memory and of its garbage collector.
//
//   std::string page;
//   runtime::metrics::WritePrometheus(&page);     // all, for /metrics
//
// /sched/latencies and /sync/mutex/wait are estimates from one in 64 stops
// of a goroutine. Of /cpu/classes, user is the CPU time of the process, plain
// threads included, without the scavenger's; idle is what the Ps could have
// used beyond it; total their sum.
//
// Blocking: no goroutine parks. A few microseconds; those of /parkour/stacks
//           that say so, and so WritePrometheus, a microsecond for each stack.
// Thread-safety: all functions, from any thread.
// See:      docs/DEBUGGING.md; Go: runtime/metrics

#ifndef PARKOUR_METRICS_METRICS_H_
#define PARKOUR_METRICS_METRICS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "parkour/io/ref.h"

namespace parkour::runtime::metrics {

enum class ValueKind { kBad, kUint64, kFloat64, kFloat64Histogram };

// counts[i] values lay in [buckets[i], buckets[i + 1]). The outermost
// boundaries may be infinite.
struct Float64Histogram {
  std::vector<uint64_t> counts;
  std::vector<double> buckets;
};

class Value {
 public:
  Value() = default;
  explicit Value(uint64_t n) : value_(n) {}
  explicit Value(double x) : value_(x) {}
  explicit Value(Float64Histogram h) : value_(std::move(h)) {}

  // kBad: there is no metric of this name.
  ValueKind Kind() const { return static_cast<ValueKind>(value_.index()); }

  // A panic if it is of another kind.
  uint64_t Uint64() const;
  double Float64() const;
  const Float64Histogram& Histogram() const;

 private:
  // In the order of ValueKind.
  std::variant<std::monostate, uint64_t, double, Float64Histogram> value_;
};

struct Sample {
  std::string name;
  Value value;
};

struct Description {
  std::string_view name;
  std::string_view description;
  ValueKind kind;
  bool cumulative;  // only grows; a histogram's counts, too
};

// All metrics, by name. Lives as long as the process.
std::span<const Description> All();

// Sets the value of each sample by its name. Go: metrics.Read.
void Read(std::span<Sample> samples);

// Appends all metrics in Prometheus' text format, version 0.0.4. Go's have the
// names that Go's own client gives them (go_sched_goroutines_goroutines), ours
// begin with parkour_.
void WritePrometheus(std::string* out);
// The same; the writer's error, if any.
absl::Status WritePrometheus(io::WriterRef w);

}  // namespace parkour::runtime::metrics

#endif  // PARKOUR_METRICS_METRICS_H_
