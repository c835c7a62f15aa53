// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// echo_load.h: an echo server as a child process, and how many connections fit.

#ifndef PARKOUR_TESTS_SCALE_ECHO_LOAD_H_
#define PARKOUR_TESTS_SCALE_ECHO_LOAD_H_

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "parkour/tests/child/child.h"

namespace parkour::tests {

inline constexpr std::chrono::seconds kPatience{120};

// The connections to test with: 10,000, fewer under sanitizers, and fewer than
// the limit of open files lets a process have; says so if it is less.
int Connections();

// The address that the server prints: "listening on 127.0.0.1:40001".
std::optional<std::string> ListeningOn(Child* server);

// Waits until fn() holds; false after `patience`. For states of other processes
// that nothing announces.
template <typename Fn>
bool Eventually(Fn fn,
                std::chrono::seconds patience = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!fn()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace parkour::tests

#endif  // PARKOUR_TESTS_SCALE_ECHO_LOAD_H_
