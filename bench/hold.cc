// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Opens many connections to an echo server, one byte back and forth on each,
// and holds them until its standard input ends.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "parkour/bench/flags.h"
#include "parkour/bench/proc.h"
#include "parkour/bench/socket.h"

int main(int argc, char** argv) {
  using namespace parkour::bench;
  Flags flags(argc, argv);
  const std::string address =
      flags.String("address", "", "where the server listens");
  const int64_t connections = flags.Int("connections", 1000, "how many");
  flags.Finish();

  std::vector<int> fds;
  for (int64_t i = 0; i < connections; ++i) {
    fds.push_back(Connect(address, static_cast<int>(i)));
    char c = 'x';
    if (write(fds.back(), &c, 1) != 1) Die("write");
    if (read(fds.back(), &c, 1) != 1) Die("read");
  }
  std::printf("holding=%zu\n", fds.size());
  std::fflush(stdout);
  WaitForEndOfInput();
  for (int fd : fds) close(fd);
}
