// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tools/parktrace/text.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace parkour {
namespace parktrace {
namespace {

// The length of the UTF-8 character at `at`, 0 if there is none.
size_t CharacterAt(std::string_view text, size_t at) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(at);
  size_t size = first < 0x80                    ? 1
                : first >= 0xc2 && first < 0xe0 ? 2
                : first >= 0xe0 && first < 0xf0 ? 3
                : first >= 0xf0 && first < 0xf5 ? 4
                                                : 0;
  if (size == 0 || at + size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and beyond the last code point.
  if (size == 3 && first == 0xe0 && byte(at + 1) < 0xa0) return 0;
  if (size == 3 && first == 0xed && byte(at + 1) >= 0xa0) return 0;
  if (size == 4 && first == 0xf0 && byte(at + 1) < 0x90) return 0;
  if (size == 4 && first == 0xf4 && byte(at + 1) >= 0x90) return 0;
  return size;
}

}  // namespace

std::string Duration(int64_t ns) {
  double n = static_cast<double>(ns);
  if (ns < 1000) return absl::StrCat(ns, "ns");
  if (ns < 1000000) return absl::StrFormat("%.4gus", n / 1e3);
  if (ns < 1000000000) return absl::StrFormat("%.4gms", n / 1e6);
  if (ns < 10000000000000) return absl::StrFormat("%.4gs", n / 1e9);
  return absl::StrFormat("%.0fs", n / 1e9);
}

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size();) {
    unsigned char c = static_cast<unsigned char>(text[i]);
    size_t size = CharacterAt(text, i);
    if (size == 0) {
      out += '?';
      size = 1;
    } else if (c == '"' || c == '\\') {
      out += {'\\', static_cast<char>(c)};
    } else if (c < 0x20 || c == 0x7f || c == '<') {
      // '<': the text may stand in a script element.
      absl::StrAppend(&out, "\\u", absl::Hex(c, absl::kZeroPad4));
    } else {
      out += text.substr(i, size);
    }
    i += size;
  }
  return out + "\"";
}

const std::string& FunctionOf(const Symbols& symbols, const Goroutine& g) {
  static const std::string* const unknown = new std::string("?");
  return g.name == 0 ? *unknown : symbols.String(g.name);
}

std::string Title(const Symbols& symbols, const Goroutine& g) {
  return absl::StrCat("G ", g.id, " ", FunctionOf(symbols, g));
}

const std::string& ReasonOf(const Symbols& symbols, const Span& span) {
  static const std::string* const unknown = new std::string("not said");
  return span.reason == 0 ? *unknown : symbols.String(span.reason);
}

std::string Place(const Symbols& symbols, uint32_t stack) {
  const std::vector<Frame>& frames = symbols.Stack(stack);
  if (frames.empty()) return "";
  const std::string& file = symbols.String(frames[0].file);
  return absl::StrCat(symbols.String(frames[0].function), " ",
                      file.substr(file.rfind('/') + 1), ":", frames[0].line);
}

}  // namespace parktrace
}  // namespace parkour
