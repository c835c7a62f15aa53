// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The echo server of the benchmarks: one goroutine per connection, and next to
// it, on demand, goroutines that are bad neighbours.
//
//   -hog=burn      computes for 100 ms, sleeps for 100 ms, and so on
//   -hog=usleep    blocks its thread in the kernel instead, unannounced
//   -hogs=10000    at the word "hogs" on the standard input so many goroutines
//                  compute for -hog_ms each; when the last is done it prints
//                  "hogs_s=1.234"
//
// Prints "listening on ADDRESS"; ends with its standard input. The Go twin,
// bench/go/echo.go, does the same.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "parkour/bench/burn.h"
#include "parkour/bench/flags.h"
#include "parkour/parkour.h"

namespace parkour::bench {
namespace {

constexpr int kBurstMs = 100;

struct Options {
  int procs;
  int64_t buffer;
  bool lend;
  std::string hog;
  int64_t hogs, hog_ms, rounds_per_ms;
};

void Echo(net::Conn conn, int64_t size) {
  absl::Cleanup close = [&] { conn.Close().IgnoreError(); };
  const auto buffer = std::make_unique_for_overwrite<char[]>(size);
  for (;;) {
    auto [n, err] = conn.Read({buffer.get(), static_cast<size_t>(size)});
    if (n > 0 && !conn.Write({buffer.get(), n}).ok()) return;
    if (!err.ok()) return;
  }
}

// The same without a buffer while it waits: one is taken from the pool when
// there is something to read.
void EchoLent(net::Conn conn, int64_t size) {
  using Buffer = std::vector<char>;
  static sync::Pool<Buffer>& buffers = *new sync::Pool<Buffer>(
      [size] { return std::make_unique<Buffer>(size); });
  absl::Cleanup close = [&] { conn.Close().IgnoreError(); };
  while (conn.WaitRead().ok()) {
    std::unique_ptr<Buffer> buffer = buffers.Get();
    auto [n, err] = conn.Read({buffer->data(), buffer->size()});
    if (n > 0 && !conn.Write({buffer->data(), n}).ok()) return;
    if (!err.ok()) return;
    buffers.Put(std::move(buffer));
  }
}

void Hog(const Options& options) {
  for (;;) {
    if (options.hog == "burn") {
      Burn(kBurstMs * options.rounds_per_ms);
    } else {
      usleep(kBurstMs * 1000);
    }
    time::Sleep(absl::Milliseconds(kBurstMs));
  }
}

void Hogs(const Options& options) {
  const absl::Time begin = absl::Now();
  sync::WaitGroup done;
  for (int64_t i = 0; i < options.hogs; ++i) {
    done.Go([&] { Burn(options.hog_ms * options.rounds_per_ms); });
  }
  done.Wait();
  std::printf("hogs_s=%.4f\n", absl::ToDoubleSeconds(absl::Now() - begin));
  std::fflush(stdout);
}

// In a thread of its own: reading commands is not part of what is measured.
void Obey(const Options& options) {
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line == "hogs") go([&options] { Hogs(options); });
  }
  std::_Exit(0);
}

int Serve(const Options& options) {
  runtime::GOMAXPROCS(options.procs);
  absl::StatusOr<net::Listener> ln = net::Listen("tcp", "127.0.0.1:0");
  if (!ln.ok()) {
    std::fprintf(stderr, "%s\n", std::string(ln.status().message()).c_str());
    return 1;
  }
  std::thread([&options] { Obey(options); }).detach();
  if (options.hog != "none") go([&options] { Hog(options); });
  std::printf("listening on %s\n", ln->Addr().String().c_str());
  std::fflush(stdout);
  for (;;) {
    absl::StatusOr<net::Conn> conn = ln->Accept();
    if (!conn.ok()) {
      std::fprintf(stderr, "%s\n",
                   std::string(conn.status().message()).c_str());
      return 1;
    }
    go(options.lend ? EchoLent : Echo, *std::move(conn), options.buffer);
  }
}

}  // namespace
}  // namespace parkour::bench

int main(int argc, char** argv) {
  using namespace parkour::bench;
  Flags flags(argc, argv);
  Options options;
  options.procs = static_cast<int>(
      flags.Int("procs", 0, "GOMAXPROCS; 0: as the environment says"));
  options.buffer = flags.Int("buffer", 4096, "bytes of a read");
  options.lend = flags.Int("lend", 0, "1: no buffer while waiting") != 0;
  options.hog = flags.String("hog", "none", "burn, usleep or none");
  options.hogs = flags.Int("hogs", 0, "goroutines that compute, when told to");
  options.hog_ms = flags.Int("hog_ms", 50, "what each of them computes");
  options.rounds_per_ms =
      flags.Int("rounds_per_ms", 500000, "of Burn; see calibrate");
  flags.Finish();
  if (options.hog != "burn" && options.hog != "usleep" &&
      options.hog != "none") {
    std::fprintf(stderr, "-hog: burn, usleep or none\n");
    return 2;
  }
  return parkour::Main(argc, argv, [&] { return Serve(options); });
}
