// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The runtime does its work where the kernel or a sandbox refuses what it would
// like to have.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

constexpr std::chrono::seconds kPatience(120);
constexpr int kCannot = 77;

Outcome Without(const std::string& what) {
  // LeakSanitizer needs files and a thread of its own.
  std::vector<std::string> env;
  if (what == "files" || what == "threads") {
    const char* const options = std::getenv("ASAN_OPTIONS");
    env = {std::string("ASAN_OPTIONS=") + (options ? options : "") +
           ":detect_leaks=0"};
  }
  Child child({Runfile("tests/sandbox/sandbox_child"), what}, env);
  return child.Finish(kPatience);
}

// What it says on standard error is not looked at here.
void ExpectWell(const std::string& what) {
  const Outcome outcome = Without(what);
  if (outcome.exit_status == kCannot) GTEST_SKIP() << "no seccomp";
  EXPECT_EQ(outcome.exit_status, 0)
      << outcome.signal << outcome.out << outcome.err << outcome.hang;
}

TEST(Sandbox, WithoutMembarrier) { ExpectWell("membarrier"); }

TEST(Sandbox, WithoutMadvise) { ExpectWell("madvise"); }

TEST(Sandbox, WithoutProcessMadvise) { ExpectWell("process_madvise"); }

TEST(Sandbox, WithoutMincore) { ExpectWell("mincore"); }

TEST(Sandbox, WithoutFiles) { ExpectWell("files"); }

TEST(Sandbox, WithoutMoreThreads) {
  const Outcome outcome = Without("threads");
  if (outcome.exit_status == kCannot) GTEST_SKIP() << "no seccomp";
  EXPECT_EQ(outcome.exit_status, 0)
      << outcome.signal << outcome.out << outcome.err << outcome.hang;
  EXPECT_EQ(outcome.out, "0 more threads\n");
  // Said once.
  const std::string kWords = "the system refuses another thread (errno 11; see";
  const size_t at = outcome.err.find(kWords);
  EXPECT_NE(at, std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find(kWords, at + 1), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace parkour::tests
