// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/net/dnsname.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"

namespace parkour::net {
namespace {

bool IsAlpha(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c));
}

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

bool IsLabel(std::string_view label) {
  return !label.empty() && label.size() <= 63 && !label.starts_with('-') &&
         !label.ends_with('-') &&
         std::all_of(label.begin(), label.end(), [](char c) {
           return IsAlpha(c) || IsDigit(c) || c == '_' || c == '-';
         });
}

}  // namespace

// RFC 1035, RFC 3696. On the wire each label has a byte for its length, and an
// empty one ends the name: of 255 bytes that leaves 253, and the final '.'.
bool IsDomainName(std::string_view name) {
  if (name == ".") return true;  // the root
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.size() > 253) return false;
  // 127.1 is an address to some programs and a name to none.
  if (std::all_of(name.begin(), name.end(),
                  [](char c) { return IsDigit(c) || c == '.'; })) {
    return false;
  }
  for (;;) {
    const size_t dot = std::min(name.find('.'), name.size());
    if (!IsLabel(name.substr(0, dot))) return false;
    if (dot == name.size()) return true;
    name.remove_prefix(dot + 1);
  }
}

std::string AbsoluteDomainName(std::string_view name) {
  std::string out(name);
  if (out.find('.') != std::string::npos && out.back() != '.') out += '.';
  return out;
}

std::string LowerASCII(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace parkour::net
