// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Run by programs_test.cc.

#include "parkour/chan/chan.h"
#include "parkour/runtime/go.h"
#include "parkour/runtime/lifecycle.h"

namespace parkour {
namespace {

void ServeFromGoroutines() {
  const Chan<int> numbers = MakeChan<int>();
  go([numbers] { numbers.Send(1); });
  numbers.Recv();
}

}  // namespace
}  // namespace parkour

using namespace parkour;

// ---- runtime/lifecycle.h ----

int main() {
  absl::Status started = runtime::Start({.gomaxprocs = 2});
  if (!started.ok()) return 1;
  ServeFromGoroutines();
  if (runtime::GOMAXPROCS(0) != 2) return 2;
  absl::Status ended = runtime::Shutdown(absl::Seconds(5));
  return ended.ok() ? 0 : 1;
}
