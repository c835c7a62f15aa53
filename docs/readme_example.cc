// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The program of README.md, so that it is known to compile and to end.

#include <cstdio>

#include "parkour/parkour.h"

using namespace parkour;

int main(int argc, char** argv) {
  return parkour::Main(argc, argv, [] {
    Chan<int> squares = MakeChan<int>();
    sync::WaitGroup workers;
    for (int i = 1; i <= 3; ++i) {
      workers.Go([=] {
        time::Sleep(absl::Milliseconds(10 * i));  // parks the goroutine
        squares.Send(i * i);
      });
    }
    go([&] {
      workers.Wait();
      squares.Close();
    });
    for (int square : squares) std::printf("%d\n", square);
  });
}
