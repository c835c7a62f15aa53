// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// chrome.h: a timeline as JSON of Chrome's trace event format.
//
// Rows: "processes" 1 the processors, 2 the goroutines, 3 the counters, 4 the
// runtime, on whose row of instants those wakes begin that no goroutine did.

#ifndef PARKOUR_TOOLS_PARKTRACE_CHROME_H_
#define PARKOUR_TOOLS_PARKTRACE_CHROME_H_

#include <string>

#include "parkour/tools/parktrace/timeline.h"

namespace parkour {
namespace parktrace {

std::string Chrome(const Symbols& symbols, const Timeline& timeline);

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_CHROME_H_
