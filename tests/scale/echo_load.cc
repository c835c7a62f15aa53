// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tests/scale/echo_load.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "parkour/base/sanitizer.h"

namespace parkour::tests {
namespace {

constexpr int kConnections = PARKOUR_ASAN || PARKOUR_TSAN ? 1000 : 10000;
// Of descriptors, besides the connections: standard ones, epoll, libraries'.
constexpr int kOtherFiles = 100;
constexpr std::string_view kWords = "listening on ";

}  // namespace

int Connections() {
  const int fit = static_cast<int>(
      std::min<size_t>(RaiseFileLimit() - kOtherFiles, kConnections));
  if (fit < kConnections) {
    std::printf("the hard limit of open files allows %d connections only\n",
                fit);
  }
  return fit;
}

std::optional<std::string> ListeningOn(Child* server) {
  const std::optional<std::string> line = server->ReadLine(kPatience);
  if (!line || line->compare(0, kWords.size(), kWords) != 0) {
    return std::nullopt;
  }
  return line->substr(kWords.size());
}

}  // namespace parkour::tests
