// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

#include "parkour/bench/proc.h"

#include <errno.h>
#include <unistd.h>

#include <fstream>

namespace parkour::bench {

int64_t StatusKb(const std::string& name) {
  std::ifstream file("/proc/self/status");
  std::string word;
  while (file >> word) {
    int64_t kb;
    if (word == name + ":" && file >> kb) return kb;
  }
  return -1;
}

void WaitForEndOfInput() {
  char discarded[256];
  ssize_t n;
  do {
    n = read(STDIN_FILENO, discarded, sizeof(discarded));
  } while (n > 0 || (n < 0 && errno == EINTR));
}

}  // namespace parkour::bench
