// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bench/load.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "parkour/bench/socket.h"

namespace parkour::bench {
namespace {

// Blocking echoes, a thread for each connection. `answer` is what is made of
// the bytes read; a connection ends when its peer has closed it.
class EchoServer {
 public:
  using Answer = std::function<std::string(const std::string&)>;

  EchoServer(int connections, Answer answer) : answer_(std::move(answer)) {
    accepting_ = std::thread([this, connections] {
      for (int i = 0; i < connections; ++i) {
        pollfd ready = {listener_, POLLIN, 0};
        if (poll(&ready, 1, -1) != 1) Die("poll");
        const int fd = accept(listener_, nullptr, nullptr);
        if (fd < 0) Die("accept");
        serving_.emplace_back([this, fd] { Serve(fd); });
      }
    });
  }
  ~EchoServer() {
    WaitUntilClosed();
    close(listener_);
  }

  std::string address() const { return AddressOf(listener_); }

  // Bytes sent back so far.
  int64_t echoed() const { return echoed_; }

  void WaitForEchoed(int64_t n) const {
    for (int64_t seen; (seen = echoed_) < n;) echoed_.wait(seen);
  }

  // Returns when the load has closed all connections.
  void WaitUntilClosed() {
    if (!accepting_.joinable()) return;
    accepting_.join();
    for (std::thread& t : serving_) t.join();
  }

 private:
  void Serve(int fd) {
    char buffer[8192];
    for (;;) {
      const ssize_t n = read(fd, buffer, sizeof(buffer));
      if (n <= 0) break;
      const std::string out = answer_({buffer, static_cast<size_t>(n)});
      if (out.empty()) shutdown(fd, SHUT_WR);
      for (size_t done = 0; done < out.size();) {
        const ssize_t sent =
            send(fd, out.data() + done, out.size() - done, MSG_NOSIGNAL);
        if (sent < 0) break;
        done += sent;
      }
      echoed_ += static_cast<int64_t>(out.size());
      echoed_.notify_all();
    }
    close(fd);
  }

  const int listener_ = Listen();
  const Answer answer_;
  std::thread accepting_;
  std::vector<std::thread> serving_;  // accepting_'s until that has ended
  std::atomic<int64_t> echoed_{0};
};

constexpr int kRounds = 8;

void RunLoad(const LoadOptions& options, EchoServer* server) {
  LoadOptions here = options;
  here.address = server->address();
  Load load(here);
  load.Start();
  load.Count();
  // Enough: no thread of the load gets further than one message of each of its
  // connections before it sees that it counts.
  server->WaitForEchoed(server->echoed() +
                        int64_t{kRounds} * options.connections * options.bytes);
  const LoadResult r = load.Stop();
  EXPECT_EQ(r.errors, 0);
  EXPECT_GT(r.latency.count(), 0u);
  EXPECT_GT(r.per_second, 0);
  EXPECT_GT(r.cpu, 0);
  EXPECT_GT(r.latency.Percentile(50), 0u);
}

std::string Same(const std::string& bytes) { return bytes; }

TEST(LoadTest, SmallMessages) {
  EchoServer server(4, Same);
  RunLoad({.connections = 4, .bytes = 64}, &server);
}

TEST(LoadTest, OneByteEach) {
  EchoServer server(1, Same);
  RunLoad({.connections = 1, .bytes = 1}, &server);
}

// More than the sockets hold: written and read in turn.
TEST(LoadTest, LargeMessages) {
  EchoServer server(2, Same);
  RunLoad({.connections = 2, .bytes = 8 << 20}, &server);
}

TEST(LoadTest, ThreadsShareTheConnections) {
  EchoServer server(5, Same);
  RunLoad({.connections = 5, .bytes = 100, .threads = 2}, &server);
}

// The server takes ten connections, each of which must send one message and be
// closed; those that come later are never answered.
TEST(LoadTest, AConnectionEachMessage) {
  EchoServer server(10, Same);
  Load load({.address = server.address(),
             .connections = 2,
             .bytes = 64,
             .churn = true});
  load.Start();
  load.Count();
  server.WaitUntilClosed();
  const LoadResult r = load.Stop();
  EXPECT_EQ(r.errors, 0);
  EXPECT_EQ(server.echoed(), 10 * 64);
  EXPECT_LE(r.latency.count(), 10u);
}

LoadResult RunUntilLost(EchoServer::Answer answer) {
  EchoServer server(3, std::move(answer));
  Load load({.address = server.address(), .connections = 3, .bytes = 64});
  load.Start();
  load.Count();
  server.WaitUntilClosed();
  return load.Stop();
}

TEST(LoadTest, AWrongByteIsAnError) {
  const LoadResult r = RunUntilLost([](std::string bytes) {
    bytes.back() ^= 1;
    return bytes;
  });
  EXPECT_EQ(r.errors, 3);
  EXPECT_EQ(r.latency.count(), 0u);
}

TEST(LoadTest, AConnectionLostIsAnError) {
  const LoadResult r = RunUntilLost([](const std::string&) { return ""; });
  EXPECT_EQ(r.errors, 3);
  EXPECT_EQ(r.latency.count(), 0u);
}

}  // namespace
}  // namespace parkour::bench
