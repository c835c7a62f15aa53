// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// pipe.h: what stands in for Go's os.Pipe: there are no files here, so a pair
// of connected unix sockets, each end a poll::FD, of which one direction is
// used.
//
//   Pipe p;
//   p.w.Write("x");            // bytes written and error, as io::Result
//   p.r.Read(buf);

#ifndef PARKOUR_TESTS_CONFORMANCE_OS_PIPE_H_
#define PARKOUR_TESTS_CONFORMANCE_OS_PIPE_H_

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gtest/gtest.h"
#include "parkour/base/clock.h"
#include "parkour/poll/fd.h"
#include "parkour/runtime/netpoller.h"
#include "parkour/runtime/test_util.h"

namespace parkour::tests {

// A count and one of 0, -errno and poll's errors.
struct Transfer {
  size_t n;
  int err;
};

class PipeEnd {
 public:
  enum Side : int { kRead = 1, kWrite = 2, kBoth = 3 };

  void Init(int sysfd) {
    fd_.Init(sysfd, poll::FD::kStream | poll::FD::kZeroIsEOF);
  }

  Transfer Read(std::span<char> p) {
    const ssize_t n = fd_.Read(p.data(), p.size());
    if (n < 0) return {0, static_cast<int>(n)};
    return {static_cast<size_t>(n), 0};
  }

  Transfer Write(std::string_view p) {
    Transfer t = {0, 0};
    t.err = fd_.Write(p.data(), p.size(), &t.n);
    return t;
  }

  // Writes until that fails, which some other goroutine has to see to.
  Transfer WriteForEver(std::string_view p) {
    size_t total = 0;
    for (;;) {
      const auto [n, err] = Write(p);
      total += n;
      if (err != 0) return {total, err};
    }
  }

  // The same, reading.
  Transfer ReadForEver(std::span<char> p) {
    size_t total = 0;
    for (;;) {
      const auto [n, err] = Read(p);
      total += n;
      if (err != 0) return {total, err};
    }
  }

  // `when` of the clock of nanotime; 0 for none, negative for the past.
  int SetDeadline(int64_t when, Side side = kBoth) {
    return fd_.SetDeadline(when, side);
  }

  int Close() { return fd_.Close(); }
  int Number() const { return fd_.sysfd(); }

 private:
  poll::FD fd_;
};

struct Pipe {
  Pipe() {
    int fds[2];
    constexpr int kType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    EXPECT_EQ(socketpair(AF_UNIX, kType, 0, fds), 0);
    r.Init(fds[0]);
    w.Init(fds[1]);
  }

  PipeEnd r;
  PipeEnd w;
};

// Waits until a goroutine is parked for I/O, which may be one of a moment ago;
// so only to make it likely that the race in question takes place.
inline void AwaitParked() {
  EXPECT_TRUE(runtime::testing::Eventually(
      [] { return runtime::netpollWaiters.load() > 0; }));
}

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_CONFORMANCE_OS_PIPE_H_
