// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// annotation.h: what the user's own events say, as text behind their record.
//
//   TaskBegin            task, parent, name
//   TaskEnd              task
//   RegionBegin, -End    task, name
//   Log                  task, name (the category), value (the message)

#ifndef PARKOUR_TRACE_ANNOTATION_H_
#define PARKOUR_TRACE_ANNOTATION_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace parkour::trace {

struct Annotation {
  uint64_t task = 0;  // 0: none
  uint64_t parent = 0;
  std::string name;
  std::string value;
};

std::string EncodeAnnotation(uint64_t task, uint64_t parent,
                             std::string_view name, std::string_view value);
// Text that was cut gives an annotation that is cut.
Annotation DecodeAnnotation(std::string_view text);

}  // namespace parkour::trace

#endif  // PARKOUR_TRACE_ANNOTATION_H_
