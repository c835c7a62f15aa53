// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stack overflows, and the faults that are none.

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "parkour/tests/crash/cases.h"

namespace parkour::tests {

// Touches its frame only after its callees did theirs: what hits the guard is
// the frame's own probes.
template <size_t kFrame>
PARKOUR_TESTS_FRAME int Recurse(int depth) {
  volatile char frame[kFrame];
  asm volatile("" : : "r"(frame) : "memory");
  const int below = depth > 0 ? Recurse<kFrame>(depth - 1) : 0;
  frame[0] = static_cast<char>(below);
  return frame[0] + 1;
}

// How deep it gets, or to the end of the stack.
template <size_t kFrame>
PARKOUR_TESTS_FRAME int Outermost(int depth = 1 << 30) {
  const int deep = Recurse<kFrame>(depth);
  KeepFrame();
  return deep;
}

// A page that may not be read: null itself is what sanitizers look for first.
PARKOUR_TESTS_FRAME char ReadForbidden() {
  void* const page =
      mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return *static_cast<volatile char*>(page);
}

// Most of the stack that is left below a level is malloc's.
PARKOUR_TESTS_FRAME void RecurseInMalloc(int depth) {
  void* const p = std::malloc(2000);
  asm volatile("" : : "r"(p) : "memory");
  if (depth > 0) RecurseInMalloc(depth - 1);
  std::free(p);
}

namespace {

constexpr size_t kSmallFrame = 200;
constexpr size_t kHugeFrame = size_t{128} << 10;

void WaitForever() { time::Sleep(absl::InfiniteDuration()); }

template <typename F>
int InGoroutine(GoOptions options, F fn) {
  return RunMain([&] {
    go(options, fn);
    WaitForever();
  });
}

int Overflow() {
  return InGoroutine({}, [] { Outermost<kSmallFrame>(); });
}

int OverflowInMain() {
  return RunMain([] { Outermost<kSmallFrame>(); });
}

int OverflowHugeFrames() {
  return InGoroutine({}, [] { Outermost<kHugeFrame>(); });
}

int OverflowSmallStack() {
  return InGoroutine({.stack_size = size_t{64} << 10, .name = "small"},
                     [] { Outermost<kSmallFrame>(); });
}

// The stack was somebody else's before, and lies between used ones.
int OverflowReusedStack() {
  return RunMain([] {
    for (int round = 0; round < 3; ++round) {
      sync::WaitGroup wg;
      for (int i = 0; i < 100; ++i) wg.Go([] { Outermost<kSmallFrame>(10); });
      wg.Wait();
    }
    go([] { Outermost<kSmallFrame>(); });
    WaitForever();
  });
}

// The report of a thread that may hold malloc's locks.
int OverflowInMalloc() {
  setenv("GOTRACEBACK", "all", 1);
  return InGoroutine({}, [] { RecurseInMalloc(1 << 30); });
}

int Segv() {
  return InGoroutine({}, [] { ReadForbidden(); });
}

int SegvSent() {
  return InGoroutine({}, [] { raise(SIGSEGV); });
}

void HostHandler(int, siginfo_t* info, void*) {
  const char* const text = info->si_addr != nullptr
                               ? "host handler\n"
                               : "host handler, no address\n";
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) _exit(1);
  _exit(7);
}

int SegvHostHandler() {
  struct sigaction sa = {};
  sa.sa_sigaction = HostHandler;
  sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &sa, nullptr);
  return Segv();
}

// The host's handler is not asked about a stack overflow.
int OverflowHostHandler() {
  struct sigaction sa = {};
  sa.sa_sigaction = HostHandler;
  sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &sa, nullptr);
  return Overflow();
}

constexpr Case kCases[] = {
    {"overflow", Overflow},
    {"overflow_in_main", OverflowInMain},
    {"overflow_huge_frames", OverflowHugeFrames},
    {"overflow_small_stack", OverflowSmallStack},
    {"overflow_in_malloc", OverflowInMalloc},
    {"overflow_reused_stack", OverflowReusedStack},
    {"overflow_host_handler", OverflowHostHandler},
    {"segv", Segv},
    {"segv_sent", SegvSent},
    {"segv_host_handler", SegvHostHandler},
};

}  // namespace

std::span<const Case> Faults() { return kCases; }

}  // namespace parkour::tests
