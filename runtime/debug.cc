// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/runtime/debug.h"

#include "parkour/runtime/dump.h"
#include "parkour/runtime/enter.h"
#include "parkour/runtime/park.h"
#include "parkour/runtime/proc.h"
#include "parkour/runtime/start.h"

namespace parkour::runtime {
namespace {

std::string TextOf(GoroutineDump* dump) {
  std::string text;
  dump->Print([](std::string_view piece,
                 void* arg) { static_cast<std::string*>(arg)->append(piece); },
              &text);
  // The empty line before the first goroutine.
  if (text.starts_with('\n')) text.erase(0, 1);
  return text;
}

std::string StackOfAll() {
  stopTheWorld();
  GoroutineDump dump(
      {.freeze = Freeze::kStopped, .current = getg(), .others = true});
  dump.Capture();
  dump.Thaw();
  startTheWorld();
  return TextOf(&dump);
}

}  // namespace

[[gnu::noinline]] std::string Stack(bool all) {
  ensureStarted();
  // After its end the world cannot be stopped once more.
  if (all && !worldEnded()) return StackOfAll();
  enterRuntime();
  GoroutineDump dump({.current = getg(), .others = all});
  dump.Capture();
  leaveRuntime();
  return TextOf(&dump);
}

}  // namespace parkour::runtime
