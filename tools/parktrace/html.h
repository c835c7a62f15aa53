// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// html.h: a timeline as one page that needs nothing else.
//
// The page is the one of the folder viewer/ with the trace inside: numbers as
// uvarints, deflated, in base64. viewer/decode.js reads what is written here.

#ifndef PARKOUR_TOOLS_PARKTRACE_HTML_H_
#define PARKOUR_TOOLS_PARKTRACE_HTML_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "parkour/tools/parktrace/timeline.h"

namespace parkour {
namespace parktrace {

// `name` is the page's title.
absl::StatusOr<std::string> Html(const Symbols& symbols,
                                 const Timeline& timeline,
                                 std::string_view name);

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_HTML_H_
