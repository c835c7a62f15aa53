// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// main.h: a whole program under Go's rules of starting and ending.
//
//   int main(int argc, char** argv) {
//     return parkour::Main(argc, argv, [] {
//       ...
//       return 0;
//     });
//   }
//
// The function runs as goroutine 1, on a stack of 8 MiB. When it returns the
// program is over: no other goroutine runs any further, nobody is waited for,
// and Main returns what it returned (0 if nothing), so that main's own objects
// and the program's exit handlers come last, on the main thread. An
// absl::Status is 0 if it is OK; else its message goes to stderr, and it is 1:
// `if (!listener.ok()) return listener.status();`.
//
// In such a program a standstill is reported: `fatal error: all goroutines are
// asleep - deadlock!`, exit status 2. A program that only uses the library
// calls nothing; the runtime starts at its first use.
//
// argc and argv are left to the program. The limit of open files is raised to
// the hard one, as in Go.
//
// Requires: called once, from main's thread; anything else is a fatal error.
// Blocking: the thread sleeps until the function returns.
// See:      Go: src/runtime/proc.go (main)

#ifndef PARKOUR_BOOT_MAIN_H_
#define PARKOUR_BOOT_MAIN_H_

#include <type_traits>
#include <utility>

#include "absl/status/status.h"

namespace parkour {

namespace internal {
int RunMain(int (*fn)(void*), void* arg);
int ExitStatus(const absl::Status& result);
}  // namespace internal

template <typename F>
int Main(int /*argc*/, char** /*argv*/, F&& fn) {
  using Result = std::invoke_result_t<F&>;
  auto call = [&fn]() -> int {
    if constexpr (std::is_void_v<Result>) {
      fn();
      return 0;
    } else if constexpr (std::is_same_v<Result, absl::Status>) {
      return internal::ExitStatus(fn());
    } else {
      return fn();
    }
  };
  return internal::RunMain(
      [](void* arg) { return (*static_cast<decltype(call)*>(arg))(); }, &call);
}

}  // namespace parkour

#endif  // PARKOUR_BOOT_MAIN_H_
