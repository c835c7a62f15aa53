// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// text.h: profiles as text, Go's "debug=1".
//
// See: Go: src/runtime/pprof/pprof.go (printCountProfile, printStackRecord,
//      writeProfileInternal)

#ifndef PARKOUR_PPROF_TEXT_H_
#define PARKOUR_PPROF_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

#include "parkour/pprof/frames.h"
#include "parkour/pprof/sample.h"

namespace parkour::runtime::pprof {

// "goroutine profile: total 3" and one paragraph for each stack.
void AppendCounts(std::string_view name, const std::vector<Sample>& samples,
                  Symbols* symbols, std::string* out);

// "--- contention:" or "--- mutex:"; a cycle is a nanosecond.
// sampling_period < 0: the profile has none.
void AppendWaits(std::string_view name, int64_t sampling_period,
                 const std::vector<Sample>& samples, Symbols* symbols,
                 std::string* out);

}  // namespace parkour::runtime::pprof

#endif  // PARKOUR_PPROF_TEXT_H_
