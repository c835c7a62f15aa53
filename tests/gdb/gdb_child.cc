// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// gdb_child.cc: goroutines in all states, to be looked at with gdb. When each
// is where it belongs, main calls Ready, on which gdb_test.py has a breakpoint,
// and then starts one goroutine more.

#include <unistd.h>

#include <atomic>
#include <cstdio>

#include "absl/base/thread_annotations.h"
#include "parkour/parkour.h"
#include "parkour/runtime/stack.h"

namespace {

using namespace parkour;

constexpr int kWorkers = 300;
constexpr int kDepth = 5;

// The compiler neither inlines it nor leaves its frame to another one, and has
// to keep its variables.
#define FRAME __attribute__((noinline))
void Keep(void* variable) { asm volatile("" : : "g"(variable) : "memory"); }

struct World {
  Chan<int> never = MakeChan<int>();
  sync::Mutex held;
  std::atomic<bool> computing{false};
  std::atomic<uint64_t> computed{0};
  std::atomic<bool> reading{false};
  int pipe[2] = {-1, -1};
};

FRAME int Worker(World* world, int number) {
  int doubled = 2 * number;
  Keep(&doubled);
  const int got = world->never.Recv().value_or(0);
  Keep(&doubled);
  return got;
}

FRAME int Deep(World* world, int depth) {
  int level = depth;
  Keep(&level);
  const int below = depth == 0 ? Worker(world, 4711) : Deep(world, depth - 1);
  Keep(&level);
  return below + level;
}

// Its stack can be unwound by its CFI only.
__attribute__((noinline, optimize("omit-frame-pointer"))) int NoFramePointer(
    World* world) {
  int secret = 4712;
  Keep(&secret);
  const int got = world->never.Recv().value_or(0);
  Keep(&secret);
  return got + secret;
}

FRAME void Sleeps() {
  time::Sleep(absl::Hours(1));
  Keep(nullptr);
}

FRAME void Accepts(net::Listener listener) {
  net::Conn conn = listener.Accept().value();
  Keep(&conn);
}

FRAME void Locks(World* world) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  world->held.Lock();
  Keep(world);
}

FRAME void Computes(World* world) {
  world->computing.store(true);
  for (uint64_t n = 0;; ++n) world->computed.store(n);
}

FRAME void ReadsPipe(World* world) {
  runtime::Blocking([world] {
    world->reading.store(true);
    char c;
    const ssize_t n = ::read(world->pipe[0], &c, 1);
    std::printf("read returned %zd\n", n);
  });
}

FRAME void NotYet() { Keep(nullptr); }

int Parked() {
  int parked = 0;
  runtime::ForEachG(
      [](runtime::G* gp, void* arg) {
        const runtime::GStatus status = runtime::readgstatus(gp);
        *static_cast<int*>(arg) += status == runtime::kGwaiting;
      },
      &parked);
  return parked;
}

}  // namespace

extern "C" FRAME void Ready() { Keep(nullptr); }

namespace {

// Everybody parked but the one that computes and the one in a system call.
bool AllInPlace(const World& world) {
  constexpr int kParked = kWorkers + 5;
  return world.computing.load() && world.reading.load() && Parked() == kParked;
}

int Run() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  World world;
  if (::pipe(world.pipe) != 0) return 1;
  world.held.Lock();
  for (int i = 0; i < kWorkers; ++i) {
    go({.stack_size = 64 << 10}, [&world, i] { Worker(&world, i); });
  }
  go({.name = "deep"}, [&world] { Deep(&world, kDepth); });
  go({.name = "nofp"}, [&world] { NoFramePointer(&world); });
  go(Sleeps);
  go(Accepts, net::Listen("tcp", "127.0.0.1:0").value());
  go(Locks, &world);
  go(ReadsPipe, &world);
  go(Computes, &world);
  for (int i = 0; i < 30000 && !AllInPlace(world); ++i) {
    time::Sleep(absl::Milliseconds(1));
  }
  if (!AllInPlace(world)) return 2;
  Ready();
  go(NotYet);
  Ready();
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return Main(argc, argv, Run); }
