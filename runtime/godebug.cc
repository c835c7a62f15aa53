// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/godebug.h"

#include <charconv>
#include <cstdlib>

namespace parkour::runtime {

int32_t godebugIn(std::string_view list, std::string_view key) {
  int32_t result = 0;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const std::string_view field = list.substr(0, comma);
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
    const size_t equals = field.find('=');
    if (equals == field.npos || field.substr(0, equals) != key) continue;
    const std::string_view value = field.substr(equals + 1);
    const char* const end = value.data() + value.size();
    int32_t n;
    const auto [rest, error] = std::from_chars(value.data(), end, n);
    if (error == std::errc() && rest == end) result = n;
  }
  return result;
}

int32_t godebug(std::string_view key) {
  const char* const list = std::getenv("GODEBUG");
  return list == nullptr ? 0 : godebugIn(list, key);
}

}  // namespace parkour::runtime
