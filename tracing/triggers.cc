// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/tracing/triggers.h"

#include <signal.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "parkour/base/atomic.h"
#include "parkour/base/check.h"
#include "parkour/base/clock.h"
#include "parkour/base/thread.h"
#include "parkour/runtime/triggers.h"
#include "parkour/runtime/watcher.h"
#include "parkour/tracing/environment.h"
#include "parkour/tracing/sink.h"
#include "parkour/tracing/snapshot.h"
#include "parkour/tracing/trace.h"

namespace parkour::trace {
namespace {

constexpr char kSigusr2[] = "sigusr2";
constexpr char kStall[] = "stall";
constexpr size_t kStackSize = size_t{1} << 20;
constexpr int64_t kStallCooldown = 10000000000;

// Of the environment; constant after InstallTriggers.
std::string* folder = nullptr;

std::string NextPath(absl::string_view reason) {
  static base::Atomic<int> last{0};
  return absl::StrCat(folder->empty() ? "." : *folder, "/parkour-", getpid(),
                      "-", last.fetch_add(1, base::kRelaxed) + 1, "-", reason,
                      ".trace");
}

void Announce(const std::string& path, const absl::StatusOr<int64_t>& written) {
  base::WriteStderr(
      written.ok() ? absl::StrCat("parkour: ", *written, " bytes in ", path,
                                  ": go tool trace FILE, or parktrace html "
                                  "FILE\n")
                   : absl::StrCat("parkour: no trace of the last moments: ",
                                  written.status().message(), "\n"));
}

void WriteNow(const char* reason) {
  const std::string path = NextPath(reason);
  absl::StatusOr<FileSink> file = FileSink::Create(path, /*fresh=*/true);
  Announce(path, file.ok()
                     ? FlightRecorder().WriteTo(io::AnyWriter(*std::move(file)))
                     : file.status());
}

// In a thread of its own: the watcher has to be there for SIGQUIT.
template <const char* kReason>
void Write() {
  base::StartThread(
      "parkour-flight", kStackSize, [](void*) { WriteNow(kReason); }, nullptr);
}

void OnSignal(int) { runtime::watcherWake(runtime::kWatchSnapshot); }

void OnStall() { runtime::watcherWake(runtime::kWatchStall); }

void WriteStall() {
  static int64_t last = 0;
  const int64_t now = base::nanotime();
  if (last != 0 && now - last < kStallCooldown) return;
  last = now;
  Write<kStall>();
}

// Everybody sleeps; the world need not be stopped, and could not be.
void OnDeadlock() {
  const std::string path = NextPath("deadlock");
  Announce(path, WriteStandstill(path));
}

}  // namespace

void InstallTriggers(bool watched) {
  const FlightOptions& options = EnvironmentFlight();
  if (options.bytes == 0) return;
  folder = new std::string(options.dir);
  if (!options.dir.empty()) runtime::triggers.deadlock = OnDeadlock;
  if (!watched) return;
  runtime::watcherDo(runtime::kWatchSnapshot, Write<kSigusr2>);
  runtime::watchSignal(SIGUSR2, OnSignal);
  if (options.dir.empty() || options.stall <= absl::ZeroDuration()) return;
  runtime::watcherDo(runtime::kWatchStall, WriteStall);
  runtime::triggers.stall = OnStall;
  runtime::triggers.stall_ns = absl::ToInt64Nanoseconds(options.stall);
}

}  // namespace parkour::trace
