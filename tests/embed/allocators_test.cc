// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The host's allocator: jemalloc and tcmalloc keep caches per thread, which is
// what a goroutine that wakes on another thread could upset.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>

#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

constexpr std::chrono::seconds kPatience(60);
// The dynamic loader says which definition of malloc a program gets.
constexpr char kBinding[] = "LD_DEBUG=bindings";

struct Allocator {
  const char* package;
  const char* path;
};

constexpr Allocator kAllocators[] = {
    {"libjemalloc2", "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"},
    {"libtcmalloc-minimal4",
     "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4"},
};

using Program = std::pair<const char*, const char*>;  // and its argument

constexpr Program kPrograms[] = {
    {"tests/acceptance/fan_out", nullptr},
    {"tests/acceptance/pipeline", nullptr},
    {"tests/acceptance/select_timeout", nullptr},
    {"tests/acceptance/threads", nullptr},
    {"tests/embed/host", "work"},
    {"tests/embed/host", "fork_exec"},
    {"tests/embed/host", "return_from_main"},
    {"tests/embed/host", "handlers_use_runtime_in_goroutine"},
};

int StatusOf(const Program& program) {
  const std::string arg = program.second != nullptr ? program.second : "";
  if (arg == "return_from_main") return 5;
  return arg == "handlers_use_runtime_in_goroutine" ? 4 : 0;
}

class AllocatorTest : public testing::TestWithParam<Allocator> {};

TEST_P(AllocatorTest, IsTheOneThatIsUsed) {
  ASSERT_EQ(access(GetParam().path, R_OK), 0)
      << "tools/setup installs " << GetParam().package;
  Child child({Runfile("tests/acceptance/fan_out")},
              {std::string("LD_PRELOAD=") + GetParam().path, kBinding});
  const Outcome outcome = child.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_NE(outcome.err.find(std::string("to ") + GetParam().path +
                             " [0]: normal symbol `malloc'"),
            std::string::npos);
}

TEST_P(AllocatorTest, Programs) {
  for (const Program& program : kPrograms) {
    std::vector<std::string> argv = {Runfile(program.first)};
    if (program.second != nullptr) argv.push_back(program.second);
    for (int i = 0; i < 3; ++i) {
      Child child(argv, {std::string("LD_PRELOAD=") + GetParam().path});
      const Outcome outcome = child.Finish(kPatience);
      EXPECT_FALSE(outcome.timed_out) << outcome.hang;
      EXPECT_EQ(outcome.exit_status, StatusOf(program))
          << program.first << ": " << outcome.err;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, AllocatorTest, testing::ValuesIn(kAllocators),
                         [](const testing::TestParamInfo<Allocator>& info) {
                           return std::string(info.param.package).substr(3, 8);
                         });

}  // namespace
}  // namespace parkour::tests
