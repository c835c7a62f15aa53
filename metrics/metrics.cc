// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/metrics/metrics.h"

#include <algorithm>

#include "parkour/base/check.h"
#include "parkour/metrics/table.h"
#include "parkour/runtime/proc.h"

namespace parkour::runtime::metrics {

uint64_t Value::Uint64() const {
  if (Kind() != ValueKind::kUint64) {
    base::Panic("called Uint64 on non-uint64 metric value");
  }
  return std::get<uint64_t>(value_);
}

double Value::Float64() const {
  if (Kind() != ValueKind::kFloat64) {
    base::Panic("called Float64 on non-float64 metric value");
  }
  return std::get<double>(value_);
}

const Float64Histogram& Value::Histogram() const {
  if (Kind() != ValueKind::kFloat64Histogram) {
    base::Panic("called Float64Histogram on non-Float64Histogram metric value");
  }
  return std::get<Float64Histogram>(value_);
}

std::span<const Description> All() {
  static const auto& all = *[] {
    auto* const v = new std::vector<Description>;
    for (const Metric& m : Table()) v->push_back(m.description);
    return v;
  }();
  return all;
}

void Read(std::span<Sample> samples) {
  ensureStarted();
  Snapshot snapshot;
  for (Sample& sample : samples) {
    const auto& table = Table();
    const auto m =
        std::lower_bound(table.begin(), table.end(), sample.name,
                         [](const Metric& metric, const std::string& name) {
                           return metric.description.name < name;
                         });
    const bool known = m != table.end() && m->description.name == sample.name;
    sample.value = known ? m->read(&snapshot) : Value();
  }
}

}  // namespace parkour::runtime::metrics
