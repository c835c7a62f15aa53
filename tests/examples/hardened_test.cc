// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// examples/hardened under attack. The attackers come from 127.0.0.1, the honest
// client from 127.0.0.2; whatever the former do, the latter gets its answers,
// and the former are cut off.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "parkour/base/sanitizer.h"
#include "parkour/tests/child/child.h"
#include "parkour/tests/child/proc_status.h"

namespace parkour::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kPatience(60);
constexpr char kGet[] =
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
constexpr char kAttacker[] = "127.0.0.1";
constexpr char kHonest[] = "127.0.0.2";

class Socket {
 public:
  Socket(const char* from, int port) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval limit = {};
    limit.tv_sec = kPatience.count();
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    sockaddr_in addr = Address(from, 0);
    bind(fd_, reinterpret_cast<sockaddr*>(&addr), sizeof(addr));
    addr = Address("127.0.0.1", port);
    connected_ =
        connect(fd_, reinterpret_cast<sockaddr*>(&addr), sizeof(addr)) == 0;
  }
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool connected() const { return connected_; }

  bool Send(const std::string& text, int flags = 0) {
    return send(fd_, text.data(), text.size(), MSG_NOSIGNAL | flags) > 0;
  }

  // Everything until the end.
  std::string ReadAll() {
    std::string all;
    char buf[4096];
    for (ssize_t n; (n = recv(fd_, buf, sizeof(buf), 0)) > 0;) {
      all.append(buf, static_cast<size_t>(n));
    }
    return all;
  }

  // Whether the other side has ended it; what it sent before is dropped.
  bool Ended() {
    char buf[4096];
    ssize_t n;
    while ((n = recv(fd_, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
    }
    return n == 0 || (errno != EAGAIN && errno != EINTR);
  }

  // As Ended, without reading: by a reset, or by an end behind what was sent.
  bool Reset() {
    pollfd p = {fd_, POLLRDHUP, 0};
    return poll(&p, 1, 0) > 0;
  }

 private:
  static sockaddr_in Address(const char* ip, int port) {
    sockaddr_in addr = {};
    addr.sin_family = AF_INET;
    addr.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, ip, &addr.sin_addr);
    return addr;
  }

  int fd_;
  bool connected_ = false;
};

using Crowd = std::vector<std::unique_ptr<Socket>>;

class HardenedTest : public testing::Test {
 protected:
  // A request may take three seconds. `files`: descriptors it may have; 0: as
  // many as this process.
  void Start(int files = 0) {
    std::vector<std::string> argv = {Runfile("examples/hardened/server"),
                                     "127.0.0.1:0", "3"};
    if (files > 0) {
      argv = {"/bin/sh", "-c",
              "ulimit -n " + std::to_string(files) + "; exec " + argv[0] +
                  " 127.0.0.1:0 3"};
    }
    server_ = std::make_unique<Child>(argv);
    const std::optional<std::string> line = server_->ReadLine(kPatience);
    ASSERT_TRUE(line);
    port_ = std::atoi(line->substr(line->rfind(':') + 1).c_str());
    Honest(1);
  }

  void TearDown() override {
    if (server_ == nullptr) return;
    Honest(1);
    if (!PARKOUR_ASAN && !PARKOUR_TSAN) {
      EXPECT_LT(ProcStatus(server_->pid(), "VmHWM"), 300 << 10) << "kB";
    }
    server_->Signal(SIGTERM);
    const Outcome outcome = server_->Finish(kPatience);
    EXPECT_EQ(outcome.exit_status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("served "), std::string::npos) << outcome.out;
    std::printf("%s", outcome.out.c_str());
  }

  // So many requests of a client that means well.
  void Honest(int requests) {
    for (int i = 0; i < requests; ++i) {
      Socket s(kHonest, port_);
      ASSERT_TRUE(s.connected());
      ASSERT_TRUE(s.Send(kGet));
      const std::string answer = s.ReadAll();
      ASSERT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
      ASSERT_TRUE(answer.ends_with("\r\n\r\nHello\n")) << answer;
    }
  }

  Crowd Attackers(int n) {
    Crowd crowd;
    for (int i = 0; i < n; ++i) {
      crowd.push_back(std::make_unique<Socket>(kAttacker, port_));
    }
    return crowd;
  }

  // Keeps on `attack`ing until the server has cut all off, and is honest
  // between.
  template <typename Attack, typename Over>
  void UntilAllAreCut(Crowd crowd, Attack attack, Over over) {
    const auto end = steady_clock::now() + kPatience;
    while (!crowd.empty()) {
      ASSERT_LT(steady_clock::now(), end) << crowd.size() << " are left";
      for (auto& s : crowd) attack(s.get());
      std::erase_if(crowd, [&](auto& s) { return over(s.get()); });
      Honest(1);
      std::this_thread::sleep_for(milliseconds(20));  // not to burn the CPU
    }
  }

  std::unique_ptr<Child> server_;
  int port_ = 0;
};

constexpr auto kEnded = [](Socket* s) { return s->Ended(); };
constexpr auto kNothing = [](Socket*) {};

TEST_F(HardenedTest, SlowClients) {
  Start();
  Crowd crowd = Attackers(80);
  for (auto& s : crowd) s->Send("GET / HTTP/1.1\r\nX: ");
  UntilAllAreCut(
      std::move(crowd), [](Socket* s) { s->Send("a", MSG_DONTWAIT); }, kEnded);
}

TEST_F(HardenedTest, SilentConnections) {
  Start();
  UntilAllAreCut(Attackers(80), kNothing, kEnded);
}

TEST_F(HardenedTest, SilentAfterAnAnswer) {
  Start();
  Crowd crowd = Attackers(40);
  for (auto& s : crowd) s->Send("GET / HTTP/1.1\r\n\r\n");
  UntilAllAreCut(std::move(crowd), kNothing, kEnded);
}

TEST_F(HardenedTest, EndlessHeaders) {
  Start();
  Crowd crowd = Attackers(20);
  for (auto& s : crowd) s->Send("GET / HTTP/1.1\r\n");
  const std::string lines(100, 'x');
  UntilAllAreCut(
      std::move(crowd),
      [&](Socket* s) {
        for (int i = 0; i < 300; ++i) s->Send(lines + ":1\r\n", MSG_DONTWAIT);
      },
      kEnded);
}

TEST_F(HardenedTest, WhoDoesNotRead) {
  Start();
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "GET / HTTP/1.1\r\n\r\n";
  UntilAllAreCut(
      Attackers(10), [&](Socket* s) { s->Send(many, MSG_DONTWAIT); },
      [](Socket* s) { return s->Reset(); });
}

TEST_F(HardenedTest, Garbage) {
  Start();
  Crowd crowd = Attackers(40);
  for (auto& s : crowd) s->Send(std::string(3000, '\0') + "\r\n\r\n");
  UntilAllAreCut(std::move(crowd), kNothing, kEnded);
}

// More connections than it may have descriptors, again and again.
TEST_F(HardenedTest, NoDescriptorsLeft) {
  Start(64);
  for (int round = 0; round < 3; ++round) {
    const Crowd crowd = Attackers(200);
    Honest(20);
    for (const auto& s : crowd) s->Send(kGet);
    Honest(20);
  }
}

// Connections that are reset as soon as they are there.
TEST_F(HardenedTest, FloodOfResets) {
  Start(64);
  for (int round = 0; round < 20; ++round) {
    for (auto& s : Attackers(50)) s->Send("GET");
    Honest(2);
  }
}

}  // namespace
}  // namespace parkour::tests
