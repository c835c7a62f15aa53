// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// socket.h: TCP over the system calls, for the programs that do without
// Parkour. Whatever goes wrong ends the program with a message.

#ifndef PARKOUR_BENCH_SOCKET_H_
#define PARKOUR_BENCH_SOCKET_H_

#include <string>

namespace parkour::bench {

// Prints what failed, with errno's words, and exits with status 1.
[[noreturn]] void Die(const std::string& what);

// Listens on a port of 127.0.0.1 that the system chooses; the socket does not
// block.
int Listen();

// "127.0.0.1:40001", where `listener` listens.
std::string AddressOf(int listener);

// The i-th connection to `address`, "127.0.0.1:40001"; it blocks. Sources
// differ, 127.0.0.1 and on, for there are only 28,232 ports for each.
int Connect(const std::string& address, int i);

void SetNoDelay(int fd);

}  // namespace parkour::bench

#endif  // PARKOUR_BENCH_SOCKET_H_
