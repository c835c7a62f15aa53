// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/trace/annotation.h"

#include <algorithm>
#include <cstring>

namespace parkour::trace {
namespace {

// Longer ones the file format does not take.
constexpr size_t kMaxString = 1024;

uint64_t TakeNumber(std::string_view* text) {
  uint64_t n = 0;
  const size_t size = std::min(sizeof(n), text->size());
  std::memcpy(&n, text->data(), size);
  text->remove_prefix(size);
  return n;
}

}  // namespace

std::string EncodeAnnotation(uint64_t task, uint64_t parent,
                             std::string_view name, std::string_view value) {
  name = name.substr(0, kMaxString);
  value = value.substr(0, kMaxString);
  std::string text(2 * sizeof(uint64_t), '\0');
  std::memcpy(text.data(), &task, sizeof(task));
  std::memcpy(text.data() + sizeof(task), &parent, sizeof(parent));
  const auto size = static_cast<uint16_t>(name.size());
  text.append(reinterpret_cast<const char*>(&size), sizeof(size));
  text.append(name);
  text.append(value);
  return text;
}

Annotation DecodeAnnotation(std::string_view text) {
  Annotation a;
  a.task = TakeNumber(&text);
  a.parent = TakeNumber(&text);
  uint16_t size = 0;
  if (text.size() < sizeof(size)) return a;
  std::memcpy(&size, text.data(), sizeof(size));
  text.remove_prefix(sizeof(size));
  a.name = std::string(text.substr(0, size));
  text.remove_prefix(std::min<size_t>(size, text.size()));
  a.value = std::string(text);
  return a;
}

}  // namespace parkour::trace
