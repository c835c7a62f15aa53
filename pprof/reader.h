// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// reader.h: reads a compressed profile.proto, and says what is wrong with it;
// for tests.

#ifndef PARKOUR_PPROF_READER_H_
#define PARKOUR_PPROF_READER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace parkour::runtime::pprof {

struct ReadFrame {
  std::string function;
  std::string file;
  int64_t line = 0;
};

struct ReadSample {
  std::vector<ReadFrame> stack;  // innermost first, inlined ones included
  std::vector<int64_t> values;
  std::map<std::string, std::string> labels;

  // Some frame's function contains `text`.
  bool Mentions(std::string_view text) const;
};

struct ReadProfile {
  std::string error;                      // "": it is valid
  std::vector<std::string> sample_types;  // "delay/nanoseconds"
  std::string period_type;
  int64_t period = 0;
  int64_t time_nanos = 0;
  std::vector<ReadSample> samples;
  size_t mappings = 0;
};

ReadProfile Read(const std::string& compressed);

}  // namespace parkour::runtime::pprof

#endif  // PARKOUR_PPROF_READER_H_
