// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sample.h: what the collectors give to the writers: a stack, numbers, labels.

#ifndef PARKOUR_PPROF_SAMPLE_H_
#define PARKOUR_PPROF_SAMPLE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace parkour::runtime::pprof {

struct Sample {
  std::vector<uintptr_t> pcs;  // return addresses, innermost first
  std::string note;            // says why, in the place of a missing stack
  int64_t count = 0;
  int64_t ns = 0;  // waits only
  // By key.
  std::vector<std::pair<std::string, std::string>> labels;
};

// What a profile measures. The names are those of Go's profiles.
struct Measure {
  const char* type;         // "goroutine"
  const char* unit;         // "count"
  const char* second = "";  // "" or "delay"
  const char* second_unit = "";
};

}  // namespace parkour::runtime::pprof

#endif  // PARKOUR_PPROF_SAMPLE_H_
