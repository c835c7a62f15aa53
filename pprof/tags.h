// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// tags.h: the field numbers of profile.proto.
//
// See: github.com/google/pprof/proto/profile.proto

#ifndef PARKOUR_PPROF_TAGS_H_
#define PARKOUR_PPROF_TAGS_H_

#include <cstdint>

namespace parkour::runtime::pprof {

namespace profile_tag {
inline constexpr uint32_t kSampleType = 1;
inline constexpr uint32_t kSample = 2;
inline constexpr uint32_t kMapping = 3;
inline constexpr uint32_t kLocation = 4;
inline constexpr uint32_t kFunction = 5;
inline constexpr uint32_t kStringTable = 6;
inline constexpr uint32_t kTimeNanos = 9;
inline constexpr uint32_t kPeriodType = 11;
inline constexpr uint32_t kPeriod = 12;
}  // namespace profile_tag

namespace value_type_tag {
inline constexpr uint32_t kType = 1;
inline constexpr uint32_t kUnit = 2;
}  // namespace value_type_tag

namespace sample_tag {
inline constexpr uint32_t kLocationId = 1;
inline constexpr uint32_t kValue = 2;
inline constexpr uint32_t kLabel = 3;
}  // namespace sample_tag

namespace label_tag {
inline constexpr uint32_t kKey = 1;
inline constexpr uint32_t kStr = 2;
}  // namespace label_tag

namespace mapping_tag {
inline constexpr uint32_t kId = 1;
inline constexpr uint32_t kStart = 2;
inline constexpr uint32_t kLimit = 3;
inline constexpr uint32_t kOffset = 4;
inline constexpr uint32_t kFilename = 5;
inline constexpr uint32_t kHasFunctions = 7;
inline constexpr uint32_t kHasFilenames = 8;
inline constexpr uint32_t kHasLineNumbers = 9;
inline constexpr uint32_t kHasInlineFrames = 10;
}  // namespace mapping_tag

namespace location_tag {
inline constexpr uint32_t kId = 1;
inline constexpr uint32_t kMappingId = 2;
inline constexpr uint32_t kAddress = 3;
inline constexpr uint32_t kLine = 4;
}  // namespace location_tag

namespace line_tag {
inline constexpr uint32_t kFunctionId = 1;
inline constexpr uint32_t kLine = 2;
}  // namespace line_tag

namespace function_tag {
inline constexpr uint32_t kId = 1;
inline constexpr uint32_t kName = 2;
inline constexpr uint32_t kSystemName = 3;
inline constexpr uint32_t kFilename = 4;
}  // namespace function_tag

}  // namespace parkour::runtime::pprof

#endif  // PARKOUR_PPROF_TAGS_H_
