// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/base/check.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parkour/base/atomic.h"

namespace parkour::base {
namespace {

constexpr int kCrashStatus = 2;
constexpr int kPatienceMs = 1000;

Atomic<CrashHook> crash_hook{nullptr};

Atomic<bool> crash_begun{false};

// The thread that crashes first prints; the others wait for it to end the
// process, so that two reports never mix. 0 = nobody yet, else a thread id.
Atomic<int> crashing_thread{0};

[[noreturn]] void Crash(CrashKind kind, const char* prefix,
                        std::string_view message) {
  BeginCrash();
  int expected = 0;
  if (!crashing_thread.compare_exchange_strong(expected, gettid())) {
    // Go: panic.go:dopanic_m. A crash inside the report ends at once; a crash
    // on another thread lets the first report finish.
    if (expected == gettid()) {
      WriteStderr("panic during panic\n");
      _exit(kCrashStatus);
    }
    for (;;) pause();
  }
  WriteStderr(prefix);
  WriteStderr(message);
  WriteStderr("\n");
  if (CrashHook hook = crash_hook.load()) hook(kind);
  _exit(kCrashStatus);
}

}  // namespace

// errno's address belongs to the thread: it must not be known in a caller.
[[gnu::noinline]] void WriteStderr(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(STDERR_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    // Somebody has made it non-blocking: give the reader a moment.
    pollfd full = {STDERR_FILENO, POLLOUT, 0};
    if (n < 0 && errno == EAGAIN && poll(&full, 1, kPatienceMs) > 0) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<size_t>(n));
  }
}

void BeginCrash() { crash_begun.store(true); }

bool CrashBegun() { return crash_begun.load(); }

void SetCrashHook(CrashHook hook) { crash_hook.store(hook); }

void Fatal(std::string_view message) {
  Crash(CrashKind::kFatal, "fatal error: ", message);
}

void Throw(std::string_view message) {
  Crash(CrashKind::kThrow, "fatal error: ", message);
}

void Panic(std::string_view message) {
  Crash(CrashKind::kPanic, "panic: ", message);
}

void CheckFailed(const char* file, int line, const char* what) {
  char text[512];
  snprintf(text, sizeof(text), "%s:%d: check failed: %s", file, line, what);
  Throw(text);
}

}  // namespace parkour::base
