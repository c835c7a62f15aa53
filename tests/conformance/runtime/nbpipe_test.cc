// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Go: src/runtime/nbpipe_test.go, by meaning. What Go's runtime wakes its
// poller with was a pipe; here it is an eventfd, beside the epoll descriptor.

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "parkour/runtime/test_util.h"

namespace parkour::tests {
namespace {

// The runtime's own descriptors do not get into programs that this one starts,
// and nobody waits in a read of the waking one.
TEST(NbpipeTest, TestNonblockingPipe) {
  runtime::testing::RunInGoroutine([] {});
  int events = 0;
  int polls = 0;
  for (int fd = 0; fd < 100; ++fd) {
    std::error_code error;
    const std::string what = std::filesystem::read_symlink(
                                 "/proc/self/fd/" + std::to_string(fd), error)
                                 .string();
    const bool event = what == "anon_inode:[eventfd]";
    const bool poll = what == "anon_inode:[eventpoll]";
    if (!event && !poll) continue;
    EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC) << what;
    if (event) {
      EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK) << what;
    }
    events += event;
    polls += poll;
  }
  EXPECT_EQ(events, 1);
  EXPECT_EQ(polls, 1);
}

}  // namespace
}  // namespace parkour::tests
