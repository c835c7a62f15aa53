// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// log.h: the runtime's own log, through spdlog: the logger named "parkour",
// on stderr, warnings and worse. A program that registers a logger of that
// name with spdlog before the first message gets the messages instead.
//
// Blocking: may block the thread in write(2); never parks. Needs several KiB of
//           stack. Not for crash reports (check.h).

#ifndef PARKOUR_RUNTIME_LOG_H_
#define PARKOUR_RUNTIME_LOG_H_

#include <string_view>

namespace parkour::runtime {

void LogWarning(std::string_view message);

}  // namespace parkour::runtime

#endif  // PARKOUR_RUNTIME_LOG_H_
