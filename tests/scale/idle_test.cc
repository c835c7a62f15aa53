// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// An idle server with 10,000 connections makes no wake-ups: hardly a system
// call in two seconds, in the whole process.

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "parkour/base/sanitizer.h"
#include "parkour/tests/child/proc_status.h"
#include "parkour/tests/scale/echo_load.h"

namespace parkour::tests {
namespace {

constexpr std::chrono::seconds kWatch(2);
constexpr int64_t kFew = 10;

// Plain sockets: nobody but the server is to be watched.
class IdleConnections {
 public:
  ~IdleConnections() {
    for (int fd : fds_) close(fd);
  }

  // Opens one more and has one byte echoed, so that the server's goroutine has
  // met it and parks again.
  void Open(const std::string& address) {
    sockaddr_in peer = {};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(static_cast<uint16_t>(
        std::stoi(address.substr(address.rfind(':') + 1))));
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(fd, 0);
    fds_.push_back(fd);
    ASSERT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)), 0);
    ASSERT_NO_FATAL_FAILURE(RoundTrip(fd));
  }

  // The server is still there, for the first and the last of them.
  void CheckAlive() {
    RoundTrip(fds_.front());
    RoundTrip(fds_.back());
  }

 private:
  static void RoundTrip(int fd) {
    char c = 'x';
    ASSERT_EQ(write(fd, &c, 1), 1);
    c = 0;
    ASSERT_EQ(read(fd, &c, 1), 1);
    ASSERT_EQ(c, 'x');
  }

  std::vector<int> fds_;
};

// The calls in the summary of `strace -c`: its last line is
// "100.00    0.001234          12        99         1 total".
int64_t TotalCalls(const std::string& summary) {
  std::istringstream lines(summary);
  std::string line;
  while (std::getline(lines, line)) {
    const std::string kTotal = " total";
    if (line.size() < kTotal.size() ||
        line.compare(line.size() - kTotal.size(), kTotal.size(), kTotal) != 0) {
      continue;
    }
    std::istringstream fields(line);
    double percent, seconds;
    int64_t usecs_per_call, calls;
    if (fields >> percent >> seconds >> usecs_per_call >> calls) return calls;
  }
  return 0;  // strace prints no table when there was nothing
}

// System calls of all threads during fn(); -1 where strace cannot attach.
template <typename Fn>
int64_t CountSystemCalls(pid_t pid, Fn fn) {
  const std::string strace = "/usr/bin/strace";
  if (access(strace.c_str(), X_OK) != 0) return -1;
  Child tracer({strace, "-f", "-c", "-p", std::to_string(pid)});
  const bool attached = Eventually(
      [&] { return TracedBy(pid, tracer.pid()) || !tracer.Running(); });
  if (!attached || !tracer.Running()) return -1;
  fn();
  tracer.Signal(SIGINT);
  const Outcome outcome = tracer.Finish(kPatience);
  if (outcome.timed_out) return -1;
  std::printf("%s", outcome.err.substr(0, 2000).c_str());
  return TotalCalls(outcome.err);
}

// ThreadSanitizer's own thread, which has main's name, wakes every 100 ms.
int64_t WakeUps(pid_t pid) {
  return VoluntarySwitches(pid, PARKOUR_TSAN ? "parkour-" : "");
}

// Returns once nothing moves in the process any more: its last echo is done,
// the scavenger, which looks every 5 s, has found nothing left to give back,
// and sysmon has gone to sleep for good.
bool ComesToRest(pid_t pid) {
  for (int i = 0; i < 15; ++i) {
    const int64_t before = WakeUps(pid);
    std::this_thread::sleep_for(std::chrono::milliseconds(5500));
    if (WakeUps(pid) == before) return true;
  }
  return false;
}

TEST(IdleTest, NoWakeUps) {
  const int connections = Connections();
  Child server({Runfile("examples/echo/echo_server"), "127.0.0.1:0"});
  const std::optional<std::string> address = ListeningOn(&server);
  ASSERT_TRUE(address.has_value());
  IdleConnections idle;
  for (int i = 0; i < connections; ++i) {
    ASSERT_NO_FATAL_FAILURE(idle.Open(*address)) << "connection " << i;
  }
  EXPECT_GE(OpenFiles(server.pid()), connections);
  ASSERT_TRUE(ComesToRest(server.pid()))
      << WakeUps(server.pid()) << " wake-ups so far, and more come";

  const int64_t wakeups_before = WakeUps(server.pid());
  std::this_thread::sleep_for(kWatch);
  const int64_t wakeups = WakeUps(server.pid()) - wakeups_before;
  std::printf("%d idle connections, %ld wake-ups in 2 s\n", connections,
              wakeups);
  EXPECT_LT(wakeups, kFew);

  if (PARKOUR_TSAN) {
    std::printf("ThreadSanitizer makes system calls of its own: not counted\n");
    idle.CheckAlive();
    return;
  }
  const int64_t calls = CountSystemCalls(
      server.pid(), [] { std::this_thread::sleep_for(kWatch); });
  if (calls < 0) {
    std::printf("strace cannot attach here: system calls not counted\n");
    idle.CheckAlive();
    return;
  }
  std::printf("%ld system calls in 2 s\n", calls);
  EXPECT_LT(calls, kFew);
  // The counter counts: two echoes are a read and a write each at least.
  EXPECT_GE(CountSystemCalls(server.pid(), [&] { idle.CheckAlive(); }), 4);
}

}  // namespace
}  // namespace parkour::tests
