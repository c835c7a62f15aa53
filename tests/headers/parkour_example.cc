// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Run by programs_test.cc.

// ---- parkour.h ----

#include <cstdio>

#include "parkour/parkour.h"

using namespace parkour;

int main(int argc, char** argv) {
  return parkour::Main(argc, argv, [] {
    Chan<int> ch = MakeChan<int>();
    go([ch] { ch.Send(42); });
    std::printf("%d\n", *ch.Recv());
  });
}
