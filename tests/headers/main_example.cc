// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Run by programs_test.cc, with and without an argument.

#include "parkour/boot/main.h"
#include "parkour/chan/chan.h"

namespace {
bool fails = false;
}  // namespace

// ---- boot/main.h ----

int main(int argc, char** argv) {
  fails = argc > 1;
  return parkour::Main(argc, argv, [] {
    if (fails) parkour::Chan<int>().Recv();  // a standstill
    return 0;
  });
}
