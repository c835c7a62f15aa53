// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// crash_child CASE: runs one case of cases.h.

#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "parkour/tests/crash/cases.h"

namespace parkour::tests {

void AwaitTest() {
  char c = 0;
  while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n') {
  }
}

void Say(const char* text) {
  std::printf("%s\n", text);
  std::fflush(stdout);
}

}  // namespace parkour::tests

int main(int argc, char** argv) {
  using namespace parkour::tests;
  for (std::span<const Case> group :
       {Deadlocks(), Panics(), Faults(), Misuses(), Exits()}) {
    for (const Case& c : group) {
      if (argc == 2 && std::strcmp(c.name, argv[1]) == 0) return c.main();
    }
  }
  std::fprintf(stderr, "usage: %s CASE\n", argv[0]);
  return 64;
}
