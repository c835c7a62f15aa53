// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// summary.h: the facts of a timeline in a terminal, or as JSON for programs.

#ifndef PARKOUR_TOOLS_PARKTRACE_SUMMARY_H_
#define PARKOUR_TOOLS_PARKTRACE_SUMMARY_H_

#include <string>

#include "parkour/tools/parktrace/timeline.h"

namespace parkour {
namespace parktrace {

struct SummaryOptions {
  int rows = 10;  // of each table
};

std::string Summary(const Symbols& symbols, const Timeline& timeline,
                    const SummaryOptions& options);

// One object: "counts" has what window.__trace.counts of the viewer's page
// has, "duration_ns" and so on the rest.
std::string SummaryJson(const Symbols& symbols, const Timeline& timeline);

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_SUMMARY_H_
