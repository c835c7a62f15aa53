// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// testing.h: what the tests of poll and net share: running a body inside a
// goroutine, waiting for others to park, raw sockets to play the peer with, and
// a fixture that fails when a test leaves something behind.
//
//   class FdTest : public poll::testing::LeakTest {};
//   TEST_F(FdTest, Reads) {
//     InGoroutine([] { ... });
//   }
//
// Raw sockets block their thread: use them from std::thread, or where the call
// cannot block (a few bytes into an empty socket).

#ifndef PARKOUR_POLL_TESTING_H_
#define PARKOUR_POLL_TESTING_H_

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "parkour/base/clock.h"
#include "parkour/parkour.h"
#include "parkour/poll/polldesc.h"
#include "parkour/poll/splice_pipe.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/sema.h"

namespace parkour::poll::testing {

inline constexpr int64_t kMs = 1000000;

// Runs f in a goroutine and waits for its end.
template <typename F>
void InGoroutine(F f) {
  sync::WaitGroup wg;
  wg.Go(std::move(f));
  wg.Wait();
}

// Waits until cond() holds; false if it does not within half a minute. It asks
// again and again: first giving others their turn, then, for a condition that
// the poller brings about and so needs an idle P, resting in between.
template <typename F>
bool Eventually(F cond) {
  const int64_t end = base::nanotime() + 30000 * kMs;
  for (int i = 0; !cond(); ++i) {
    if (base::nanotime() > end) return false;
    if (i < 64) {
      runtime::Gosched();
    } else {
      time::Sleep(absl::Microseconds(50));
    }
  }
  return true;
}

// Waits until n goroutines are parked for I/O.
inline bool AwaitParked(int n) {
  return Eventually(
      [n] { return runtime::netpollWaiters.load(base::kAcquire) >= n; });
}

// Waits until n are parked for a semaphore: an FdMutex's, a WaitGroup's ...
inline bool AwaitQueued(int64_t n) {
  return Eventually([n] { return runtime::SemaWaiters() >= n; });
}

// Lets up to `most` iterations of a spin loop pass: shifts two racing parties
// against each other.
inline void Jitter(uint32_t* seed, uint32_t most) {
  *seed = *seed * 1664525u + 1013904223u;
  for (uint32_t n = (*seed >> 8) % (most + 1); n > 0; --n) base::CpuRelax();
}

inline int OpenFds() {
  DIR* const dir = opendir("/proc/self/fd");
  if (dir == nullptr) return -1;
  int n = 0;
  while (readdir(dir) != nullptr) ++n;
  closedir(dir);
  return n - 3;  // ".", "..", and the folder itself
}

// Waits until those who were woken are counted as such: the poller takes them
// off the count only after it has queued them, so that AwaitParked may see them
// once more. For tests that must not take one of them for the next to park.
inline bool AwaitNobodyParked() {
  return Eventually([] { return runtime::netpollWaiters.load() == 0; });
}

// A goroutine counts until its closure is gone, shortly after its last
// statement: what the closure holds may still be open then.
inline bool AwaitNoGoroutines() {
  return Eventually([] { return runtime::NumGoroutine() == 0; });
}

// Goroutines, descriptors and PollDescs are back to where they were.
class LeakTest : public ::testing::Test {
 protected:
  void SetUp() override {
    InGoroutine([] {});  // starts the runtime, which opens descriptors
    ASSERT_TRUE(AwaitNoGoroutines());
    CloseIdleSplicePipes();
    descs_ = PollDescsInUse();
    fds_ = OpenFds();
  }

  void TearDown() override {
    EXPECT_TRUE(AwaitNoGoroutines()) << runtime::NumGoroutine() << " are left";
    EXPECT_TRUE(AwaitNobodyParked());
    CloseIdleSplicePipes();
    EXPECT_EQ(PollDescsInUse(), descs_);
    EXPECT_EQ(OpenFds(), fds_);
  }

 private:
  int64_t descs_ = 0;
  int fds_ = 0;
};

// ---- Raw sockets ----

inline sockaddr_in Loopback(int port) {
  sockaddr_in addr{};
  addr.sin_family = AF_INET;
  addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  addr.sin_port = htons(static_cast<uint16_t>(port));
  return addr;
}

inline int LocalPort(int fd) {
  sockaddr_in addr{};
  socklen_t len = sizeof(addr);
  getsockname(fd, reinterpret_cast<sockaddr*>(&addr), &len);
  return ntohs(addr.sin_port);
}

inline void SetBuffers(int fd, int bytes) {
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

// A listener on 127.0.0.1, blocking; `buffers` > 0 is what it and its
// connections get for each direction.
inline int RawListen(int backlog = 128, int buffers = 0) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (buffers > 0) SetBuffers(fd, buffers);
  sockaddr_in addr = Loopback(0);
  if (bind(fd, reinterpret_cast<sockaddr*>(&addr), sizeof(addr)) != 0 ||
      listen(fd, backlog) != 0) {
    ADD_FAILURE() << "raw listener: errno " << errno;
  }
  return fd;
}

// A connected, blocking socket. Loopback connects as soon as the listener has
// room in its queue, accepted or not.
inline int RawDial(int port, int buffers = 0) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (buffers > 0) SetBuffers(fd, buffers);
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  sockaddr_in addr = Loopback(port);
  if (connect(fd, reinterpret_cast<sockaddr*>(&addr), sizeof(addr)) != 0) {
    ADD_FAILURE() << "raw connect: errno " << errno;
  }
  return fd;
}

inline void Nonblock(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

struct RawPair {
  int ours;  // non-blocking: for an FD
  int peer;  // blocking
};

// Both ends of a connection through `listener`, which nobody else uses.
inline RawPair TcpPairOf(int listener, int buffers = 0) {
  const int peer = RawDial(LocalPort(listener), buffers);
  const int ours = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  const int one = 1;
  setsockopt(ours, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  Nonblock(ours);
  return {ours, peer};
}

inline RawPair TcpPair(int buffers = 0) {
  const int listener = RawListen(1, buffers);
  const RawPair pair = TcpPairOf(listener, buffers);
  close(listener);
  return pair;
}

inline RawPair UnixPair() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
    ADD_FAILURE() << "socketpair: errno " << errno;
  }
  Nonblock(fds[0]);
  return {fds[0], fds[1]};
}

inline bool RawSend(int fd, std::string_view data, int flags = 0) {
  while (!data.empty()) {
    const ssize_t n = send(fd, data.data(), data.size(), flags | MSG_NOSIGNAL);
    if (n <= 0) return false;
    data.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

// Exactly n bytes; fewer if the stream ends before.
inline std::string RawRecv(int fd, size_t n) {
  std::string out(n, '\0');
  size_t got = 0;
  while (got < n) {
    const ssize_t r = recv(fd, out.data() + got, n - got, 0);
    if (r <= 0) break;
    got += static_cast<size_t>(r);
  }
  out.resize(got);
  return out;
}

// The next close sends a reset instead of the end of the stream.
inline void ResetOnClose(int fd) {
  const linger hard = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

inline void RawReset(int fd) {
  ResetOnClose(fd);
  close(fd);
}

}  // namespace parkour::poll::testing

#endif  // PARKOUR_POLL_TESTING_H_
