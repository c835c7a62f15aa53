// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The program of FROM_GO.md.

#include <cstdio>

#include "parkour/parkour.h"

int main(int argc, char** argv) {
  return parkour::Main(argc, argv, [] { std::puts("hello"); });
}
