// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A program that does not know that it is traced.
//   work        some goroutines, then the end
//   serve       the same for ever, after a line of output
//   exit        calls exit() in a goroutine
//   host        without parkour::Main

#include <cstdio>
#include <cstdlib>
#include <string_view>

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

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "work";
  if (mode == "host") return Work();
  return Main(argc, argv, [mode]() -> int {
    if (mode == "exit") {
      go([] { std::exit(Work()); });
      MakeChan<int>().Recv();
    }
    if (mode != "serve") return Work();
    std::puts("serving");
    std::fflush(stdout);
    for (;;) {
      Work();
      time::Sleep(absl::Milliseconds(1));
    }
  });
}
