// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A program that does not know that it is traced.
//   work        some goroutines, then the end
//   serve       the same, after a line of output, until a line of input
//   deadlock    the same, then everybody waits for ever
//   stall       computes for half a second, then serves
//   exit        calls exit() in a goroutine
//   host        without parkour::Main

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "parkour/parkour.h"

namespace {

using namespace parkour;

void Producer(Chan<int> out, int n) {
  for (int i = 0; i < n; ++i) out.Send(i);
  out.Close();
}

int Work() {
  const Chan<int> numbers = MakeChan<int>();
  go(Producer, numbers, 1000);
  int sum = 0;
  while (auto n = numbers.Recv()) sum += *n;
  return sum == 499500 ? 0 : 1;
}

void Serve() {
  Work();  // so that there is something to be seen
  std::puts("serving");
  std::fflush(stdout);
  std::atomic<bool> end = false;
  std::thread input([&end] {
    std::getchar();
    end = true;
  });
  while (!end) {
    Work();
    time::Sleep(absl::Milliseconds(1));
  }
  runtime::Blocking([&input] { input.join(); });
}

// Beside another that wants the processor: else it may have it.
void Stall() {
  runtime::GOMAXPROCS(1);
  go([] {
    for (;;) Work();
  });
  const absl::Time end = absl::Now() + absl::Milliseconds(500);
  while (absl::Now() < end) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "work";
  if (mode == "host") return Work();
  return Main(argc, argv, [mode]() -> int {
    if (mode == "exit") {
      go([] { std::exit(Work()); });
      MakeChan<int>().Recv();
    }
    if (mode == "serve") {
      Serve();
    } else if (mode == "stall") {
      Stall();
      Serve();
    } else {
      const int status = Work();
      if (mode == "deadlock") MakeChan<int>().Recv();
      return status;
    }
    return Work();
  });
}
