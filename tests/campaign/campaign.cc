// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tests/campaign/campaign.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "gtest/gtest.h"

namespace parkour::tests {
namespace {

struct Flags {
  int64_t runs = 0;  // 0: the test's own number
  double minutes = 0;
  uint64_t seed = 1;
  bool same = false;
};
Flags flags;

// Not base::nanotime: simulated programs have a clock of their own.
int64_t Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool ParseFlag(std::string_view arg) {
  const size_t eq = arg.find('=');
  const std::string_view name = arg.substr(0, eq);
  const std::string value(eq == std::string_view::npos ? ""
                                                       : arg.substr(eq + 1));
  if (name == "--runs") {
    flags.runs = std::atoll(value.c_str());
  } else if (name == "--minutes") {
    flags.minutes = std::atof(value.c_str());
  } else if (name == "--seed") {
    flags.seed = std::strtoull(value.c_str(), nullptr, 10);
  } else if (name == "--same") {
    flags.same = true;
  } else {
    return false;
  }
  return true;
}

}  // namespace

Campaign::Campaign(int64_t runs) : last_(flags.runs > 0 ? flags.runs : runs) {
  if (flags.minutes > 0) {
    last_ = INT64_MAX;
    end_ns_ = Now() + static_cast<int64_t>(flags.minutes * 60e9);
  }
}

bool Campaign::Next() {
  if (run_ + 1 >= last_ || (end_ns_ != 0 && Now() > end_ns_)) return false;
  ++run_;
  seed_ = flags.seed + (flags.same ? 0 : static_cast<uint64_t>(run_));
  return true;
}

std::string Campaign::Again() const {
  return "--runs=1 --seed=" + std::to_string(seed_);
}

}  // namespace parkour::tests

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (parkour::tests::ParseFlag(argv[i])) continue;
    std::fprintf(stderr, "unknown flag %s\n", argv[i]);
    return 2;
  }
  return RUN_ALL_TESTS();
}
