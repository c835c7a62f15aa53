// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// text.h: names and numbers of a timeline for people and for JSON.

#ifndef PARKOUR_TOOLS_PARKTRACE_TEXT_H_
#define PARKOUR_TOOLS_PARKTRACE_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "parkour/tools/parktrace/timeline.h"

namespace parkour {
namespace parktrace {

// "1.5ms", "12.345us", "2s": at most four digits that count.
std::string Duration(int64_t nanoseconds);

// With quotes and escapes; what is not UTF-8 becomes a question mark.
std::string JsonString(std::string_view text);

// The goroutine's start function, "?" if that is not known.
const std::string& FunctionOf(const Symbols& symbols, const Goroutine& g);

// "G 7 server.Handle".
std::string Title(const Symbols& symbols, const Goroutine& g);

// What a span of waiting waits for; "not said" if the trace does not tell.
const std::string& ReasonOf(const Symbols& symbols, const Span& span);

// The innermost frame: "server.Read conn.cc:17"; empty for no stack.
std::string Place(const Symbols& symbols, uint32_t stack);

}  // namespace parktrace
}  // namespace parkour

#endif  // PARKOUR_TOOLS_PARKTRACE_TEXT_H_
