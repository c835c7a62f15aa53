// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/quit.h"

#include <signal.h>

#include <cstdio>

#include "parkour/base/atomic.h"
#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/runtime/crash_report.h"
#include "parkour/runtime/dump.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/watcher.h"

namespace parkour::runtime {
namespace {

constexpr int64_t kSecond = 1000000000;

base::Atomic<int64_t> last_quit{0};

// errno is as the handler found it: FutexWake of a valid word cannot fail.
void OnQuit(int) {
  const int64_t now = base::nanotime();
  const int64_t last = last_quit.exchange(now, base::kRelaxed);
  if (last != 0 && now - last < kSecond) {
    base::WriteStderr("SIGQUIT: quit\n");
    dieFromSignal(SIGQUIT);
  }
  watcherWake(kWatchQuit);
}

// For the deadlock check one M more runs meanwhile: a goroutine in hand may
// have been woken (scavenge.cc).
void ShowAll() {
  const TracebackLevel level = tracebackLevel();
  if (level.none) {
    base::WriteStderr("SIGQUIT: GOTRACEBACK=none shows no goroutines\n");
    return;
  }
  GoroutineDump dump(
      {.others = true, .system = level.system, .addresses = level.system});
  incidlelocked(-1);
  dump.Capture();
  char text[96];
  std::snprintf(text, sizeof(text), "SIGQUIT: %zu goroutines\n", dump.size());
  base::WriteStderr(text);
  dump.Print(ToStderr, nullptr);
  base::WriteStderr("\nSIGQUIT: end; two within a second end the program\n");
  incidlelocked(+1);
}

}  // namespace

void InstallQuitDump() {
  watcherDo(kWatchQuit, ShowAll);
  watchSignal(SIGQUIT, OnQuit);
}

}  // namespace parkour::runtime
