// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The server from outside: it gets a signal while it has connections.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include "parkour/tests/child/child.h"

namespace parkour::tests {
namespace {

constexpr std::chrono::seconds kPatience(30);

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in addr = {};
  addr.sin_family = AF_INET;
  addr.sin_port = htons(static_cast<uint16_t>(port));
  addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&addr), sizeof(addr)) == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

std::string Echoed(int fd, const std::string& text) {
  EXPECT_EQ(send(fd, text.data(), text.size(), 0),
            static_cast<ssize_t>(text.size()));
  char buf[64];
  const ssize_t n = recv(fd, buf, sizeof(buf), 0);
  return std::string(buf, n > 0 ? static_cast<size_t>(n) : 0);
}

class ShutdownTest : public ::testing::TestWithParam<int> {};

TEST_P(ShutdownTest, EndsGracefully) {
  Child server({Runfile("examples/shutdown/shutdown"), "127.0.0.1:0"});
  const std::optional<std::string> line = server.ReadLine(kPatience);
  ASSERT_TRUE(line);
  const int port = std::atoi(line->substr(line->rfind(':') + 1).c_str());
  const int idle = Connect(port);
  const int busy = Connect(port);
  ASSERT_GE(idle, 0);
  ASSERT_GE(busy, 0);
  EXPECT_EQ(Echoed(idle, "one"), "one");
  EXPECT_EQ(Echoed(busy, "two"), "two");

  server.Signal(GetParam());

  // Both end without an answer missing, and so does the server.
  char c;
  EXPECT_EQ(recv(idle, &c, 1, 0), 0);
  EXPECT_EQ(recv(busy, &c, 1, 0), 0);
  const Outcome outcome = server.Finish(kPatience);
  EXPECT_FALSE(outcome.timed_out) << outcome.hang;
  EXPECT_EQ(outcome.exit_status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "bye\n");
  EXPECT_EQ(Connect(port), -1);
  close(idle);
  close(busy);
}

INSTANTIATE_TEST_SUITE_P(Signals, ShutdownTest,
                         ::testing::Values(SIGTERM, SIGINT));

}  // namespace
}  // namespace parkour::tests
