// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What counts_test.py counts the instructions of: n of a small workload
// (small.h), or of "read", messages over a socket pair, each of which wakes the
// goroutine that waits for it.
//
// With GOMAXPROCS=1 and a clock that stands still the same is done every time:
// sysmon, once asleep, sleeps on, nobody has been computing for too long, and
// chance begins with the same seed.

#include <sys/socket.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "parkour/base/atomic.h"
#include "parkour/bench/flags.h"
#include "parkour/bench/small.h"
#include "parkour/parkour.h"

// Instead of the C library's. It moves on a little, for who waits for that.
extern "C" int clock_gettime(clockid_t, timespec* now) noexcept {
  static parkour::base::Atomic<int64_t> ns{1};
  *now = {1, ns.fetch_add(1, parkour::base::kRelaxed)};
  return 0;
}

namespace parkour::bench {
namespace {

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

net::Conn ConnOf(int fd) {
  const net::File file(fd, "pair");
  absl::StatusOr<net::Conn> conn = net::FileConn(file);
  if (!conn.ok() || !file.Close().ok()) Die("FileConn");
  return *std::move(conn);
}

void Send(const net::Conn& conn) {
  if (!conn.Write("x").ok()) Die("Write");
}

void Receive(const net::Conn& conn) {
  char buffer[16];
  if (conn.Read(buffer).n != 1) Die("Read");
}

void Read(int64_t n) {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
    Die("socketpair");
  }
  const net::Conn here = ConnOf(fds[0]), there = ConnOf(fds[1]);
  sync::WaitGroup other;
  other.Go([&] {
    for (int64_t i = 0; i < n / 2; ++i) {
      Receive(there);
      Send(there);
    }
  });
  for (int64_t i = 0; i < n / 2; ++i) {
    Send(here);
    Receive(here);
  }
  other.Wait();
}

int Run(const std::string& workload, int64_t n) {
  if (workload == "read") {
    Read(n);
    return 0;
  }
  for (const Small& small : AllSmall()) {
    if (workload != small.name) continue;
    small.run(n);
    return 0;
  }
  std::fprintf(stderr, "-workload: read, or of small.h\n");
  return 2;
}

// Nobody else's instructions can be compared with the table's.
constexpr const char* kBuild =
#if defined(__clang__) || !defined(__OPTIMIZE__) || !defined(NDEBUG)
    "other";
#else
    "gcc";
#endif

}  // namespace
}  // namespace parkour::bench

int main(int argc, char** argv) {
  using namespace parkour;
  bench::Flags flags(argc, argv);
  const std::string workload = flags.String("workload", "", "see above");
  const int64_t n = flags.Int("n", 1000, "how many");
  flags.Finish();
  std::printf("build=%s %s\n", bench::kBuild, __VERSION__);
  std::fflush(stdout);
  return parkour::Main(argc, argv, [&] {
    runtime::GOMAXPROCS(1);
    return bench::Run(workload, n);
  });
}
